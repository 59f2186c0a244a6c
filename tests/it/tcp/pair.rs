//! Two of our own hosts over a faulty wire: every octet arrives once, in order, whatever the wire does.

use handshake::tcp::{Error, Host, HostConfig, IsnPolicy, Profile, Secret, Settings, Socket, State};
use handshake::time::Instant;
use handshake::wire::{SeqNumber, decode_ip, encode_ip};
use proptest::prelude::*;

use super::faulty_wire::{Faults, FaultyWire, pattern};

/// Two hosts and the wire between them.
pub struct Pair {
    pub hosts: [Host; 2],
    pub wire: FaultyWire,
    pub now: Instant,
}

impl Pair {
    pub fn new(settings: [Settings; 2], faults: Faults, seed: u64) -> Self {
        let host = |last: u8, isn: u32, settings| {
            Host::new(HostConfig {
                addrs: vec![std::net::Ipv4Addr::new(10, 0, 0, last).into()],
                settings,
                isn: IsnPolicy::Fixed { first: SeqNumber(isn), step: 64_000 },
                secret: Secret([seed, u64::from(last)]),
            })
        };
        let [a, b] = settings;
        let hosts = [host(1, u32::MAX - 3, a), host(2, 5000, b)];
        Pair { hosts, wire: FaultyWire::new(faults, seed), now: Instant::ZERO }
    }

    /// Sends what is due, then moves to the next thing that happens; false when nothing will.
    pub fn step(&mut self) -> bool {
        for end in 0..2 {
            while let Some(out) = self.hosts[end].poll_transmit(self.now) {
                let mut packet = Vec::new();
                encode_ip(out.ip, out.transport, out.payload, &mut packet);
                self.wire.send(self.now, 1 - end, &packet);
            }
            while self.hosts[end].poll_event().is_some() {}
        }
        let deadlines =
            [self.hosts[0].poll_timeout(), self.hosts[1].poll_timeout(), self.wire.next_arrival()];
        let Some(at) = deadlines.into_iter().flatten().min() else { return false };
        self.now = at;
        if let Some((to, packet)) = self.wire.arrive(self.now) {
            self.hosts[to].on_packet(self.now, &decode_ip(&packet).unwrap());
        }
        for host in &mut self.hosts {
            host.on_timeout(self.now);
        }
        true
    }
}

struct Program {
    socket: Option<Socket>,
    to_send: Vec<u8>,
    sent: usize,
    received: Vec<u8>,
    at_end: bool,
    closed: bool,
}

impl Program {
    fn new(to_send: Vec<u8>) -> Self {
        Program { socket: None, to_send, sent: 0, received: vec![], at_end: false, closed: false }
    }

    fn run(&mut self, host: &mut Host, now: Instant) -> Result<(), Error> {
        let Some(socket) = self.socket else { return Ok(()) };
        if self.closed {
            return Ok(());
        }
        match host.send(now, socket, &self.to_send[self.sent..]) {
            Ok(taken) => self.sent += taken,
            Err(Error::WouldBlock) => {}
            Err(Error::BrokenPipe) if self.sent == self.to_send.len() => {}
            Err(error) => return Err(error),
        }
        let open = matches!(host.state(socket), State::Established | State::CloseWait);
        if self.sent == self.to_send.len() && open {
            host.shutdown_write(now, socket)?;
        }
        loop {
            match host.recv(now, socket, 4096, &mut self.received) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(_) => {}
                Err(Error::WouldBlock) => break,
                Err(error) => return Err(error),
            }
        }
        if self.at_end && self.sent == self.to_send.len() {
            host.close(now, socket)?;
            self.closed = true;
        }
        Ok(())
    }
}

fn transfer(settings: [Settings; 2], faults: Faults, seed: u64, lens: [usize; 2]) {
    let mut pair = Pair::new(settings, faults, seed);
    let listener = pair.hosts[1].listen(pair.now, "0.0.0.0:80".parse().unwrap(), 5).unwrap();
    let mut programs = [Program::new(pattern(lens[0], 3)), Program::new(pattern(lens[1], 4))];
    programs[0].socket = Some(pair.hosts[0].connect(pair.now, None, "10.0.0.2:80".parse().unwrap()).unwrap());
    for _ in 0..400_000 {
        if programs[1].socket.is_none() {
            programs[1].socket = pair.hosts[1].accept(pair.now, listener).ok();
        }
        for (program, host) in programs.iter_mut().zip(&mut pair.hosts) {
            program.run(host, pair.now).unwrap();
        }
        if !pair.step() {
            break;
        }
    }
    for end in 0..2 {
        assert!(
            programs[end].received == pattern(lens[1 - end], 4 - end as u8),
            "end {end} got something else"
        );
        let socket = programs[end].socket.unwrap();
        assert_eq!(pair.hosts[end].state(socket), State::Closed, "end {end}");
    }
}

fn patient(profile: Profile) -> Settings {
    // Bad luck in a row must not end the connection: what is tested is delivery, not giving up.
    Settings {
        retries: 60,
        orphan_retries: None,
        syn_retries: 60,
        syn_ack_retries: 60,
        ..Settings::of(profile)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_octet_arrives_in_order(
        loss in 0u32..30, duplication in 0u32..30, reorder in 0u32..50, seed: u64,
        profiles in (0usize..3, 0usize..3), lens in (0usize..40_000, 0usize..40_000),
        sack: bool, timestamps: bool, small_buffer: bool,
    ) {
        let mut settings = [patient(Profile::ALL[profiles.0]), patient(Profile::ALL[profiles.1])];
        for end in &mut settings {
            end.sack |= sack;
            end.timestamps |= timestamps;
            if small_buffer {
                end.receive_buffer = 3000;
                end.initial_window = 3000;
            }
        }
        transfer(settings, Faults { loss, duplication, reorder }, seed, [lens.0, lens.1]);
    }
}
