//! Our TCP against smoltcp, in memory, over packets of real bytes, in both roles.

use std::collections::VecDeque;
use std::net::SocketAddr;

use handshake::tcp::{Error, Host, HostConfig, IsnPolicy, Profile, Secret, Settings, Socket, State};
use handshake::time::Instant;
use handshake::wire::{SeqNumber, decode_ip, encode_ip};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::socket::tcp as peer;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, Ipv4Address};

use super::faulty_wire::{Faults, FaultyWire, pattern};

const MEBIBYTE: usize = 1 << 20;
const OURS: &str = "10.0.0.1:7000";
const THEIRS: &str = "10.0.0.2:80";

/// smoltcp's end of the wire: two queues of packets.
#[derive(Default)]
struct Queues {
    arrived: VecDeque<Vec<u8>>,
    sent: VecDeque<Vec<u8>>,
}

struct Received(Vec<u8>);
struct Sending<'a>(&'a mut VecDeque<Vec<u8>>);

impl phy::RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl phy::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut packet = vec![0; len];
        let result = f(&mut packet);
        self.0.push_back(packet);
        result
    }
}

impl Device for Queues {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: smoltcp::time::Instant) -> Option<(Received, Sending<'_>)> {
        self.arrived.pop_front().map(|packet| (Received(packet), Sending(&mut self.sent)))
    }

    fn transmit(&mut self, _: smoltcp::time::Instant) -> Option<Sending<'_>> {
        Some(Sending(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = 1500;
        capabilities.medium = Medium::Ip;
        capabilities
    }
}

fn theirs(now: Instant) -> smoltcp::time::Instant {
    smoltcp::time::Instant::from_micros((now.as_nanos() / 1000) as i64)
}

/// The two ends, the wire between them, and what has passed so far.
struct Meeting {
    host: Host,
    ours: Option<Socket>,
    listener: Option<Socket>,
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    device: Queues,
    wire: FaultyWire,
    now: Instant,
    to_send: [VecDeque<u8>; 2],
    received: [Vec<u8>; 2],
    closed: [bool; 2],
}

impl Meeting {
    fn new(profile: Profile, we_open: bool, faults: Faults, seed: u64) -> Self {
        let now = Instant::ZERO;
        let config = HostConfig {
            addrs: vec!["10.0.0.1".parse().unwrap()],
            settings: Settings::of(profile),
            isn: IsnPolicy::Fixed { first: SeqNumber(u32::MAX - 70_000), step: 1 },
            secret: Secret([seed, 2]),
        };
        let mut host = Host::new(config);
        let mut device = Queues::default();
        let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut device, theirs(now));
        interface.update_ip_addrs(|addrs| {
            addrs.push(IpCidr::new(IpAddress::v4(10, 0, 0, 2), 24)).unwrap();
        });
        let buffer = || peer::SocketBuffer::new(vec![0; 65_535]);
        let mut socket = peer::Socket::new(buffer(), buffer());
        let (mut ours, mut listener) = (None, None);
        let mut sockets = SocketSet::new(vec![]);
        if we_open {
            socket.listen(80).unwrap();
        } else {
            listener = Some(host.listen(now, OURS.parse().unwrap(), 5).unwrap());
            socket.connect(interface.context(), (Ipv4Address::new(10, 0, 0, 1), 7000), 40_000).unwrap();
        }
        let handle = sockets.add(socket);
        if we_open {
            ours = Some(host.connect(now, None, THEIRS.parse::<SocketAddr>().unwrap()).unwrap());
        }
        let to_send = [pattern(MEBIBYTE, 1).into(), pattern(MEBIBYTE, 2).into()];
        let wire = FaultyWire::new(faults, seed);
        let received = [Vec::new(), Vec::new()];
        Meeting {
            host,
            ours,
            listener,
            interface,
            sockets,
            handle,
            device,
            wire,
            now,
            to_send,
            received,
            closed: [false; 2],
        }
    }

    fn our_program(&mut self) {
        if let (None, Some(listener)) = (self.ours, self.listener) {
            self.ours = self.host.accept(self.now, listener).ok();
        }
        let Some(socket) = self.ours else { return };
        if !self.to_send[0].is_empty() {
            match self.host.send(self.now, socket, self.to_send[0].make_contiguous()) {
                Ok(taken) => drop(self.to_send[0].drain(..taken)),
                Err(Error::WouldBlock) => {}
                Err(error) => panic!("send: {error}"),
            }
        }
        loop {
            match self.host.recv(self.now, socket, 65_536, &mut self.received[0]) {
                Ok(0) if self.host.state(socket) == State::Closed => break,
                Ok(0) if self.to_send[0].is_empty() && !self.closed[0] => {
                    self.host.close(self.now, socket).unwrap();
                    self.closed[0] = true;
                    break;
                }
                Ok(0) | Err(Error::WouldBlock | Error::Invalid) => break,
                Ok(_) => {}
                Err(error) => panic!("recv: {error}"),
            }
        }
        // The sending side closes when all is handed over; reading goes on.
        if self.to_send[0].is_empty() && !self.closed[0] && self.host.state(socket) == State::Established {
            self.host.shutdown_write(self.now, socket).unwrap();
        }
    }

    fn their_program(&mut self) {
        let socket = self.sockets.get_mut::<peer::Socket<'_>>(self.handle);
        while socket.can_send() && !self.to_send[1].is_empty() {
            let taken = socket.send_slice(self.to_send[1].make_contiguous()).unwrap();
            self.to_send[1].drain(..taken);
        }
        while socket.can_recv() {
            socket.recv(|octets| (octets.len(), self.received[1].extend_from_slice(octets))).unwrap();
        }
        if self.to_send[1].is_empty() && !self.closed[1] && socket.may_send() {
            socket.close();
            self.closed[1] = true;
        }
    }

    fn exchange(&mut self) {
        while let Some(out) = self.host.poll_transmit(self.now) {
            let mut packet = Vec::new();
            encode_ip(out.ip, out.transport, out.payload, &mut packet);
            self.wire.send(self.now, 1, &packet);
        }
        while self.host.poll_event().is_some() {}
        while let Some(packet) = self.device.sent.pop_front() {
            self.wire.send(self.now, 0, &packet);
        }
    }

    fn finished(&self) -> bool {
        let theirs = self.sockets.get::<peer::Socket<'_>>(self.handle).state();
        let ours = self.ours.map_or(State::Listen, |socket| self.host.state(socket));
        matches!(ours, State::Closed | State::TimeWait)
            && matches!(theirs, peer::State::Closed | peer::State::TimeWait)
    }

    /// Runs until both ends are done; virtual time, so this ends soon or never.
    fn run(&mut self) {
        for _ in 0..2_000_000 {
            self.our_program();
            self.their_program();
            self.interface.poll(theirs(self.now), &mut self.device, &mut self.sockets);
            self.our_program();
            self.their_program();
            self.exchange();
            if self.finished() {
                return;
            }
            let their_next = self.interface.poll_at(theirs(self.now), &self.sockets);
            let next = [
                self.wire.next_arrival(),
                self.host.poll_timeout(),
                their_next.map(|at| Instant::from_nanos(at.total_micros().max(0) as u64 * 1000)),
            ];
            let Some(at) = next.into_iter().flatten().min() else { panic!("nothing will ever happen again") };
            self.now = at.max(self.now);
            while let Some((to, packet)) = self.wire.arrive(self.now) {
                if to == 1 {
                    self.device.arrived.push_back(packet);
                } else {
                    let decoded = decode_ip(&packet).unwrap();
                    self.host.on_packet(self.now, &decoded);
                }
            }
            self.host.on_timeout(self.now);
        }
        panic!("no end in sight at {:?}", self.now);
    }
}

fn meet(profile: Profile, we_open: bool, faults: Faults, seed: u64) {
    let mut meeting = Meeting::new(profile, we_open, faults, seed);
    meeting.run();
    assert!(
        meeting.received[0] == pattern(MEBIBYTE, 2),
        "what smoltcp sent arrived changed ({profile}, {we_open})"
    );
    assert!(
        meeting.received[1] == pattern(MEBIBYTE, 1),
        "what we sent arrived changed ({profile}, {we_open})"
    );
}

#[test]
fn a_mebibyte_each_way_on_a_clean_wire() {
    for profile in Profile::ALL {
        meet(profile, true, Faults::default(), 1);
        meet(profile, false, Faults::default(), 2);
    }
}

#[test]
fn a_mebibyte_each_way_under_loss_reorder_and_duplication() {
    let faults = Faults { loss: 20, duplication: 10, reorder: 20 };
    for profile in [Profile::Rfc9293, Profile::Linux] {
        meet(profile, true, faults, 3);
        meet(profile, false, faults, 4);
    }
}
