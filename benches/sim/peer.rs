//! smoltcp as two interfaces in memory, on a virtual clock; buffers of packets are used again.

use std::collections::VecDeque;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};

#[derive(Default)]
struct Wire {
    arrived: VecDeque<Vec<u8>>,
    sent: VecDeque<Vec<u8>>,
    free: Vec<Vec<u8>>,
}

struct Received<'a>(Vec<u8>, &'a mut Vec<Vec<u8>>);
struct Sending<'a>(&'a mut VecDeque<Vec<u8>>, Vec<u8>);

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        let result = f(&self.0);
        self.1.push(self.0);
        result
    }
}

impl phy::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, len: usize, f: F) -> R {
        self.1.resize(len, 0);
        let result = f(&mut self.1);
        self.0.push_back(self.1);
        result
    }
}

impl Device for Wire {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sending<'_>)> {
        let packet = self.arrived.pop_front()?;
        let buffer = self.free.pop().unwrap_or_default();
        Some((Received(packet, &mut self.free), Sending(&mut self.sent, buffer)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_>> {
        let buffer = self.free.pop().unwrap_or_default();
        Some(Sending(&mut self.sent, buffer))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = 1500;
        capabilities.medium = Medium::Ip;
        capabilities
    }
}

struct Side {
    interface: Interface,
    sockets: SocketSet<'static>,
    wire: Wire,
}

impl Side {
    fn new(last: u8) -> Self {
        let mut wire = Wire::default();
        let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut wire, Instant::ZERO);
        interface.update_ip_addrs(|addrs| {
            addrs.push(IpCidr::new(IpAddress::v4(10, 0, 0, last), 24)).unwrap();
        });
        Side { interface, sockets: SocketSet::new(vec![]), wire }
    }

    fn add(&mut self, buffer: usize) -> SocketHandle {
        let buffer = || SocketBuffer::new(vec![0; buffer]);
        let mut socket = Socket::new(buffer(), buffer());
        socket.set_nagle_enabled(false);
        socket.set_ack_delay(None);
        self.sockets.add(socket)
    }

    fn socket(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.sockets.get_mut(handle)
    }

    fn poll(&mut self, now: Instant) {
        self.interface.poll(now, &mut self.wire, &mut self.sockets);
    }

    fn connect(&mut self, handle: SocketHandle, port: u16) {
        let socket = self.sockets.get_mut::<Socket<'_>>(handle);
        socket.connect(self.interface.context(), (IpAddress::v4(10, 0, 0, 2), 80), port).unwrap();
    }
}

/// Everything one side sent arrives at the other.
fn exchange(a: &mut Side, b: &mut Side) -> bool {
    let any = !a.wire.sent.is_empty() || !b.wire.sent.is_empty();
    b.wire.arrived.append(&mut a.wire.sent);
    a.wire.arrived.append(&mut b.wire.sent);
    any
}

/// The two programs of one conversation: what they do whenever they can.
struct Conversation {
    client: SocketHandle,
    server: SocketHandle,
    asked: bool,
    answered: bool,
    /// Octets the client has read of the answer.
    read: usize,
}

impl Conversation {
    fn go_on(&mut self, client: &mut Side, server: &mut Side) {
        let socket = client.socket(self.client);
        if !self.asked && socket.can_send() {
            socket.send_slice(&[1; 100]).unwrap();
            self.asked = true;
        }
        while socket.can_recv() {
            self.read += socket.recv(|octets| (octets.len(), octets.len())).unwrap();
            if self.read == 1000 {
                socket.close();
            }
        }
        let socket = server.socket(self.server);
        if !self.answered && socket.recv_queue() >= 100 {
            socket.recv(|octets| (octets.len(), ())).unwrap();
            socket.send_slice(&[2; 1000]).unwrap();
            self.answered = true;
        }
        if self.answered && socket.state() == State::CloseWait {
            socket.close();
        }
    }

    fn ended(&self, client: &mut Side, server: &mut Side) -> bool {
        client.socket(self.client).state() == State::TimeWait
            && server.socket(self.server).state() == State::Closed
    }
}

/// Runs conversations until all have ended, then lets TIME-WAIT pass.
fn converse(client: &mut Side, server: &mut Side, all: &mut [Conversation], now: &mut Instant) {
    loop {
        client.poll(*now);
        server.poll(*now);
        all.iter_mut().for_each(|one| one.go_on(client, server));
        client.poll(*now);
        server.poll(*now);
        if !exchange(client, server) && all.iter().all(|one| one.ended(client, server)) {
            break;
        }
        *now += Duration::from_millis(1);
    }
    *now += Duration::from_secs(11);
    client.poll(*now);
    assert!(all.iter().all(|one| client.socket(one.client).state() == State::Closed));
}

fn start(
    client: &mut Side,
    server: &mut Side,
    handles: (SocketHandle, SocketHandle),
    port: u16,
) -> Conversation {
    server.socket(handles.1).listen(80).unwrap();
    client.connect(handles.0, port);
    Conversation { client: handles.0, server: handles.1, asked: false, answered: false, read: 0 }
}

/// Connections that follow one another on the same two sockets.
pub fn one_by_one(count: u32) {
    let (mut client, mut server) = (Side::new(1), Side::new(2));
    let handles = (client.add(4096), server.add(4096));
    let mut now = Instant::ZERO;
    for number in 0..count {
        let port = 40_000 + (number % 20_000) as u16;
        let conversation = start(&mut client, &mut server, handles, port);
        converse(&mut client, &mut server, &mut [conversation], &mut now);
    }
}

/// Connections that run at once, a socket each.
pub fn at_once(count: u32) {
    let (mut client, mut server) = (Side::new(1), Side::new(2));
    let mut all: Vec<Conversation> = (0..count)
        .map(|number| {
            let handles = (client.add(4096), server.add(4096));
            start(&mut client, &mut server, handles, 40_000 + number as u16)
        })
        .collect();
    converse(&mut client, &mut server, &mut all, &mut Instant::ZERO.clone());
}

/// One connection that carries so many octets from the client to the server.
pub fn bulk(octets: usize) {
    let (mut client, mut server) = (Side::new(1), Side::new(2));
    let (sender, receiver) = (client.add(65_535), server.add(65_535));
    server.socket(receiver).listen(80).unwrap();
    client.connect(sender, 40_000);
    let (mut sent, mut received) = (0, 0);
    let mut now = Instant::ZERO;
    let text = vec![7; 65_536];
    while received < octets {
        client.poll(now);
        server.poll(now);
        let socket = client.socket(sender);
        while socket.can_send() && sent < octets {
            sent += socket.send_slice(&text[..text.len().min(octets - sent)]).unwrap();
        }
        let socket = server.socket(receiver);
        while socket.can_recv() {
            received += socket.recv(|octets| (octets.len(), octets.len())).unwrap();
        }
        client.poll(now);
        server.poll(now);
        exchange(&mut client, &mut server);
        now += Duration::from_millis(1);
    }
}
