//! A capture of many mixed connections, the same at every run.
//!
//! Nothing of it is real: addresses are private, texts are a pattern. The mix is that of a busy server:
//! short requests, longer answers, a few long transfers; some loss, resends, copies made by the network,
//! resets, refusals, SYNs into the void, windows that close; IPv4 and some IPv6; about a thousand open
//! at a time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use handshake::wire::{Flags, Ip, Options, Segment, SeqNumber, TcpOption, Transport, encode_ip};

/// A connection begins every so many microseconds and lasts about a thousand times as long.
const PACE: u64 = 200;
const SEGMENT: u32 = 1448;
/// What every full segment carries.
static TEXT: [u8; SEGMENT as usize] = [b'.'; SEGMENT as usize];

/// Marsaglia's xorshift: enough to mix, and the same everywhere.
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (((self.0 >> 32) * u64::from(bound)) >> 32) as u32
    }

    fn chance(&mut self, one_in: u32) -> bool {
        self.below(one_in) == 0
    }
}

/// A packet that is yet to be written.
#[derive(Clone, Copy)]
struct Planned {
    /// Microseconds since the connection began.
    at: u64,
    from_client: bool,
    flags: Flags,
    seq: u32,
    ack: u32,
    len: u32,
    window: u16,
    /// The network passes it twice.
    doubled: bool,
}

/// A connection's packets, and what all of them have in common.
struct Connection {
    began: u64,
    client: IpAddr,
    server: IpAddr,
    port: u16,
    isn: [u32; 2],
    ids: [u16; 2],
    packets: Vec<Planned>,
    next: usize,
}

/// Both ends' numbers while a connection is planned.
struct Plan {
    packets: Vec<Planned>,
    at: u64,
    next: [u32; 2],
    trip: u64,
}

impl Plan {
    fn send(&mut self, from_client: bool, flags: Flags, len: u32) {
        let (own, other) = if from_client { (0, 1) } else { (1, 0) };
        let ack = if flags.ack() { self.next[other] } else { 0 };
        let seq = self.next[own];
        let packet = Planned { at: self.at, from_client, flags, seq, ack, len, window: 501, doubled: false };
        self.packets.push(packet);
        self.next[own] += len + u32::from(flags.syn()) + u32::from(flags.fin());
    }

    /// Half a round trip passes.
    fn travel(&mut self) {
        self.at += self.trip / 2;
    }

    /// The server sends so many octets; the client acknowledges every second segment.
    fn transfer(&mut self, octets: u32, rng: &mut Rng) {
        let mut left = octets;
        let mut count = 0;
        while left > 0 {
            let len = left.min(SEGMENT);
            left -= len;
            self.at += 12;
            self.send(false, if left == 0 { Flags::ACK | Flags::PSH } else { Flags::ACK }, len);
            count += 1;
            if let Some(sent) = self.packets.last().copied() {
                if rng.chance(400) {
                    self.resend(sent, rng);
                } else if rng.chance(700) {
                    self.packets.last_mut().into_iter().for_each(|sent| sent.doubled = true);
                }
            }
            if count % 2 == 0 || left == 0 {
                self.at += 10;
                self.send(true, Flags::ACK, 0);
            }
        }
    }

    /// The segment is sent again, after duplicate ACKs or a timeout.
    fn resend(&mut self, sent: Planned, rng: &mut Rng) {
        if rng.chance(2) {
            for _ in 0..3 {
                self.at += 9;
                let ack = Planned { from_client: true, flags: Flags::ACK, len: 0, ..sent };
                let numbers = Planned { at: self.at, seq: self.next[0], ack: sent.seq, ..ack };
                self.packets.push(numbers);
            }
            self.at += 50;
        } else {
            self.at += 210_000;
        }
        self.packets.push(Planned { at: self.at, ..sent });
    }
}

/// What happens between two ends, from the first packet to the last.
fn plan(rng: &mut Rng) -> Vec<Planned> {
    let trip = 200 + u64::from(rng.below(40_000));
    let mut plan = Plan { packets: Vec::with_capacity(16), at: 0, next: [0; 2], trip };
    plan.send(true, Flags::SYN, 0);
    match rng.below(100) {
        0..2 => {
            for wait in [1, 2, 4] {
                plan.at += wait * 1_000_000;
                plan.next[0] = 0;
                plan.send(true, Flags::SYN, 0);
            }
            return plan.packets;
        }
        2..4 => {
            plan.travel();
            plan.send(false, Flags::RST | Flags::ACK, 0);
            return plan.packets;
        }
        _ => {}
    }
    plan.travel();
    plan.send(false, Flags::SYN | Flags::ACK, 0);
    plan.travel();
    plan.send(true, Flags::ACK, 0);
    // Nearly half of the clients ask twice.
    for _ in 0..=u32::from(rng.below(100) < 45) {
        plan.at += 20;
        let octets = 80 + rng.below(300);
        plan.send(true, Flags::ACK | Flags::PSH, octets);
        plan.travel();
        plan.send(false, Flags::ACK, 0);
        plan.at += u64::from(rng.below(50_000));
        let answer = match rng.below(100) {
            0..70 => rng.below(1_400) + 1,
            70..97 => rng.below(6_000) + 1,
            _ => rng.below(40_000) + 1,
        };
        plan.transfer(answer, rng);
    }
    if rng.chance(200) {
        // The client does not read for a while.
        plan.at += 100;
        plan.send(true, Flags::ACK, 0);
        plan.packets.last_mut().into_iter().for_each(|last| last.window = 0);
        plan.at += 300_000;
        plan.send(true, Flags::ACK, 0);
    }
    if rng.chance(25) {
        plan.at += 30;
        plan.send(true, Flags::RST | Flags::ACK, 0);
        return plan.packets;
    }
    plan.at += 200;
    plan.send(true, Flags::FIN | Flags::ACK, 0);
    plan.travel();
    if rng.chance(3) {
        plan.send(false, Flags::ACK, 0);
        plan.at += 40;
    }
    plan.send(false, Flags::FIN | Flags::ACK, 0);
    plan.travel();
    plan.send(true, Flags::ACK, 0);
    plan.packets
}

/// Writes a pcap file of so many connections; says how many packets and octets it holds.
///
/// # Errors
/// When writing fails.
pub fn write<W: Write>(out: &mut W, connections: u32) -> io::Result<(u64, u64)> {
    // Microseconds, version 2.4, Ethernet.
    let header: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1];
    for word in header {
        out.write_all(&word.to_le_bytes())?;
    }
    let mut rng = Rng(0x2545_f491_4f6c_dd1d);
    let mut open: Vec<Connection> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut due: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut begun = 0;
    let (mut packets, mut octets) = (0, 24);
    let mut frame = Vec::new();
    loop {
        while begun < connections && due.peek().is_none_or(|Reverse((at, _))| u64::from(begun) * PACE <= *at)
        {
            let connection = connection(begun, &mut rng);
            let at = connection.began;
            let place = free.pop().unwrap_or(open.len());
            match open.get_mut(place) {
                Some(slot) => *slot = connection,
                None => open.push(connection),
            }
            due.push(Reverse((at, place)));
            begun += 1;
        }
        let Some(Reverse((at, place))) = due.pop() else { return Ok((packets, octets)) };
        let connection = &mut open[place];
        let planned = connection.packets[connection.next];
        connection.next += 1;
        encode(connection, &planned, &mut frame);
        for _ in 0..=u32::from(planned.doubled) {
            let at = at + 1_700_000_000_000_000;
            let words = [at / 1_000_000, at % 1_000_000, frame.len() as u64, frame.len() as u64];
            for word in words {
                out.write_all(&(word as u32).to_le_bytes())?;
            }
            out.write_all(&frame)?;
            packets += 1;
            octets += 16 + frame.len() as u64;
        }
        match connection.packets.get(connection.next) {
            Some(next) => due.push(Reverse((connection.began + next.at, place))),
            None => free.push(place),
        }
    }
}

fn connection(number: u32, rng: &mut Rng) -> Connection {
    let host = |net: u8, host: u32| {
        let [_, b, c, d] = host.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(10, net | b & 0x0f, c, d))
    };
    let sixth = |net: u16, host: u32| {
        IpAddr::V6(Ipv6Addr::new(0xfd00, net, 0, 0, 0, 0, (host >> 16) as u16, host as u16))
    };
    let (who, whom) = (rng.below(20_000), rng.below(50));
    let (client, server) =
        if rng.chance(10) { (sixth(1, who), sixth(2, whom)) } else { (host(16, who), host(32, whom)) };
    Connection {
        began: u64::from(number) * PACE,
        client,
        server,
        port: 32_768 + (number % 28_000) as u16,
        isn: [rng.below(u32::MAX), rng.below(u32::MAX)],
        ids: [rng.below(65_535) as u16, rng.below(65_535) as u16],
        packets: plan(rng),
        next: 0,
    }
}

fn encode(connection: &mut Connection, planned: &Planned, frame: &mut Vec<u8>) {
    let (own, other) = if planned.from_client { (0, 1) } else { (1, 0) };
    let (src, dst) = if planned.from_client {
        (connection.client, connection.server)
    } else {
        (connection.server, connection.client)
    };
    let (src_port, dst_port) =
        if planned.from_client { (connection.port, 80) } else { (80, connection.port) };
    let clock = (connection.began + planned.at) / 1_000;
    let timestamps = TcpOption::Timestamps { val: clock as u32, ecr: clock as u32 };
    let mut options = Options::NONE;
    let wanted: &[TcpOption<'_>] = if planned.flags.syn() {
        &[
            TcpOption::Mss(1460),
            TcpOption::SackPermitted,
            timestamps,
            TcpOption::Nop,
            TcpOption::WindowScale(7),
        ]
    } else if planned.flags.rst() {
        &[]
    } else {
        &[TcpOption::Nop, TcpOption::Nop, timestamps]
    };
    for option in wanted {
        options.push(option);
    }
    let segment = Segment {
        src_port,
        dst_port,
        seq: SeqNumber(connection.isn[own]) + planned.seq,
        ack: if planned.flags.ack() { SeqNumber(connection.isn[other]) + planned.ack } else { SeqNumber(0) },
        flags: planned.flags,
        window: planned.window,
        options,
        ..Segment::default()
    };
    connection.ids[own] = connection.ids[own].wrapping_add(1).max(1);
    let ip = Ip { src, dst, id: connection.ids[own], ..Ip::default() };
    frame.clear();
    frame.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
    frame.extend(if src.is_ipv4() { [0x08, 0x00] } else { [0x86, 0xdd] });
    encode_ip(&ip, &Transport::Tcp(segment), &TEXT[..planned.len as usize], frame);
}
