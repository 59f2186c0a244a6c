//! A classic BPF program that makes the kernel pass only the frames that are wanted, so that the
//! others cost nothing (Documentation/networking/filter.rst).
#![allow(unsafe_code)]

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd};

use nix::libc::{self, sock_filter};

/// Which Ethernet frames to pass. Everything that is set must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Pass TCP.
    pub tcp: bool,
    /// Pass UDP.
    pub udp: bool,
    /// Pass only what comes from or goes to this address.
    pub host: Option<IpAddr>,
    /// Pass only what comes from or goes to this port. Later fragments have no ports and do not pass.
    pub port: Option<u16>,
    /// How many octets of a frame to pass.
    pub snap_length: u32,
}

impl Default for Filter {
    /// All of TCP and UDP, whole.
    fn default() -> Self {
        Filter { tcp: true, udp: true, host: None, port: None, snap_length: 0x4_0000 }
    }
}

// Instruction codes (linux/bpf_common.h): class, size and mode, put together.
const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
/// Load a half-word at the index register and an offset.
const LOAD_HALF_INDEXED: u16 = 0x48;
/// Load four times the low nibble of an octet into the index register: the length of an IPv4 header.
const LOAD_HEADER_LENGTH: u16 = 0xb1;
const JUMP: u16 = 0x05;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_BITS: u16 = 0x45;
const RETURN: u16 = 0x06;

// Offsets in an Ethernet frame without VLAN tag.
const ETHER_TYPE: u32 = 12;
const IPV4_FRAGMENT: u32 = 20;
const IPV4_PROTOCOL: u32 = 23;
const IPV4_ADDRESSES: [u32; 2] = [26, 30];
const IPV4_HEADER: u32 = 14;
const IPV6_NEXT_HEADER: u32 = 20;
const IPV6_ADDRESSES: [u32; 2] = [22, 38];
const IPV6_PORTS: [u32; 2] = [54, 56];

/// Where a jump goes; resolved to a distance when the program is whole.
type Label = usize;
const ACCEPT: Label = 0;
const REJECT: Label = 1;

/// An instruction: code, operand, and where to go when its test holds and when it does not.
type Instruction = (u16, u32, Option<Label>, Option<Label>);

/// A program while it is written.
#[derive(Default)]
struct Program {
    code: Vec<Instruction>,
    /// The position of each label, by its number.
    places: Vec<usize>,
}

impl Program {
    fn label(&mut self) -> Label {
        self.places.push(0);
        self.places.len() - 1
    }

    fn place(&mut self, label: Label) {
        if let Some(place) = self.places.get_mut(label) {
            *place = self.code.len();
        }
    }

    fn put(&mut self, code: u16, operand: u32) {
        self.code.push((code, operand, None, None));
    }

    /// A test of the accumulator; `None` goes on with the next instruction.
    fn test(&mut self, code: u16, operand: u32, yes: Option<Label>, no: Option<Label>) {
        self.code.push((code, operand, yes, no));
    }

    /// One alternative of the protocols that are wanted, else reject.
    fn protocol(&mut self, filter: &Filter, at: u32) {
        let wanted = self.label();
        self.put(LOAD_BYTE, at);
        let numbers = [(filter.tcp, libc::IPPROTO_TCP), (filter.udp, libc::IPPROTO_UDP)];
        for (_, number) in numbers.into_iter().filter(|(on, _)| *on) {
            self.test(JUMP_IF_EQUAL, number as u32, Some(wanted), None);
        }
        self.put(JUMP, REJECT as u32);
        self.place(wanted);
    }

    /// One of two addresses, given as 32-bit words at two offsets, else reject.
    fn address(&mut self, words: &[u32], offsets: [u32; 2]) {
        let wanted = self.label();
        for offset in offsets {
            let other = self.label();
            for (index, word) in words.iter().enumerate() {
                self.put(LOAD_WORD, offset + 4 * index as u32);
                self.test(JUMP_IF_EQUAL, *word, None, Some(other));
            }
            self.put(JUMP, wanted as u32);
            self.place(other);
        }
        self.put(JUMP, REJECT as u32);
        self.place(wanted);
    }

    fn finish(self) -> Vec<sock_filter> {
        let distance = |from: usize, label: Label| {
            self.places.get(label).map_or(0, |place| place.saturating_sub(from + 1))
        };
        let instruction = |(at, &(code, operand, yes, no)): (usize, &Instruction)| {
            let to = |label: Option<Label>| label.map_or(0, |label| distance(at, label) as u8);
            let k = if code == JUMP { distance(at, operand as usize) as u32 } else { operand };
            sock_filter { code, jt: to(yes), jf: to(no), k }
        };
        self.code.iter().enumerate().map(instruction).collect()
    }
}

impl Filter {
    /// The program for the kernel. At most some 40 instructions, so every jump is short enough.
    pub fn program(&self) -> Vec<sock_filter> {
        let mut program = Program { code: Vec::new(), places: vec![0, 0] };
        let (v4, v6) = (program.label(), program.label());
        let (has_v4, has_v6) = match self.host {
            None => (true, true),
            Some(host) => (host.is_ipv4(), host.is_ipv6()),
        };
        let target = |on: bool, label: Label| if on { label } else { REJECT };
        program.put(LOAD_HALF, ETHER_TYPE);
        program.test(JUMP_IF_EQUAL, libc::ETH_P_IP as u32, Some(target(has_v4, v4)), None);
        program.test(JUMP_IF_EQUAL, libc::ETH_P_IPV6 as u32, Some(target(has_v6, v6)), Some(REJECT));

        program.place(v4);
        program.protocol(self, IPV4_PROTOCOL);
        if let Some(IpAddr::V4(host)) = self.host {
            program.address(&[host.to_bits()], IPV4_ADDRESSES);
        }
        if let Some(port) = self.port {
            program.put(LOAD_HALF, IPV4_FRAGMENT);
            program.test(JUMP_IF_BITS, 0x1fff, Some(REJECT), None);
            program.put(LOAD_HEADER_LENGTH, IPV4_HEADER);
            for offset in [IPV4_HEADER, IPV4_HEADER + 2] {
                program.put(LOAD_HALF_INDEXED, offset);
                program.test(JUMP_IF_EQUAL, u32::from(port), Some(ACCEPT), None);
            }
            program.put(JUMP, REJECT as u32);
        } else {
            program.put(JUMP, ACCEPT as u32);
        }

        program.place(v6);
        program.protocol(self, IPV6_NEXT_HEADER);
        if let Some(IpAddr::V6(host)) = self.host {
            let bits = host.to_bits();
            let words = [96, 64, 32, 0].map(|shift| (bits >> shift) as u32);
            program.address(&words, IPV6_ADDRESSES);
        }
        if let Some(port) = self.port {
            for offset in IPV6_PORTS {
                program.put(LOAD_HALF, offset);
                program.test(JUMP_IF_EQUAL, u32::from(port), Some(ACCEPT), None);
            }
            program.put(JUMP, REJECT as u32);
        }

        program.place(ACCEPT);
        program.put(RETURN, self.snap_length);
        program.place(REJECT);
        program.put(RETURN, 0);
        program.finish()
    }

    /// Puts the filter on a socket; it holds for what arrives from now on.
    ///
    /// # Errors
    /// The descriptor is no socket.
    pub fn attach(&self, socket: impl AsFd) -> io::Result<()> {
        let mut program = self.program();
        let argument = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
        // SAFETY: the kernel copies `argument` and the program it points to during the call; both
        // live until it returns, and `len` is the program's length.
        let result = unsafe {
            libc::setsockopt(
                socket.as_fd().as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_ATTACH_FILTER,
                (&raw const argument).cast(),
                size_of::<libc::sock_fprog>() as libc::socklen_t,
            )
        };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}
