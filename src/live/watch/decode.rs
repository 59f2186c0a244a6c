//! From registers and memory to calls of the sockets API.

use std::borrow::Cow;
use std::net::SocketAddr;

use nix::errno::Errno;

use super::calls::Shape;
use super::option;
use super::peek::{self, SocketKind};
use super::ptrace::{RawCall, Tid};
use crate::tcp::Error;
use crate::timeline::{Operation, Outcome, Shutdown, SocketId};

/// `msg_name`, `msg_namelen`, `msg_iov`, `msg_iovlen` of a `struct msghdr`.
fn message_header(tid: Tid, address: u64) -> Option<[u64; 4]> {
    peek::words::<4>(tid, address)
}

/// What a call that is about to happen asks for; `None` when its arguments make no sense (the kernel will
/// refuse them) or it is nothing to tell.
pub(super) fn operation(
    tid: Tid,
    shape: Shape,
    name: &'static str,
    call: &RawCall,
    kind: SocketKind,
) -> Option<Operation> {
    let [_, a1, a2, a3, a4, a5] = call.arguments;
    let octets = |len: u64| u32::try_from(len).unwrap_or(u32::MAX);
    let receive = |max: u64| match kind {
        SocketKind::Stream => Operation::Recv { max: octets(max) },
        SocketKind::Datagram => Operation::RecvFrom { max: octets(max) },
    };
    let send = |len: u64, to: Option<SocketAddr>| match to {
        Some(to) => Operation::SendTo { len: octets(len), to },
        None => Operation::Send { len: octets(len) },
    };
    let other =
        |arguments: String| Operation::Other { name: Cow::Borrowed(name), arguments: arguments.into() };
    Some(match shape {
        Shape::Socket => Operation::Socket,
        Shape::Bind => Operation::Bind(peek::address(tid, a1, a2)?),
        Shape::Connect => match peek::address(tid, a1, a2) {
            Some(to) => Operation::Connect(to),
            None => other("AF_UNSPEC".to_owned()), // dissolves a datagram socket's association
        },
        Shape::Listen => Operation::Listen { backlog: u32::try_from(a1 as i32).unwrap_or(0) },
        Shape::Accept => Operation::Accept,
        Shape::Write => send(a2, None),
        Shape::WriteVector => send(peek::vector_len(tid, a1, a2), None),
        Shape::SendTo => send(a2, peek::address(tid, a4, a5)),
        Shape::SendMessage => {
            let [name, name_len, vector, count] = message_header(tid, a1)?;
            send(peek::vector_len(tid, vector, count), peek::address(tid, name, name_len & 0xffff_ffff))
        }
        Shape::SendFile => send(a3, None),
        Shape::Read => Operation::Recv { max: octets(a2) },
        Shape::ReadVector => Operation::Recv { max: octets(peek::vector_len(tid, a1, a2)) },
        Shape::ReceiveFrom => receive(a2),
        Shape::ReceiveMessage => {
            let [_, _, vector, count] = message_header(tid, a1)?;
            receive(peek::vector_len(tid, vector, count))
        }
        Shape::Messages => other(format!("{a2}")),
        Shape::Shutdown => Operation::Shutdown(match a1 as i32 {
            libc::SHUT_RD => Shutdown::Read,
            libc::SHUT_WR => Shutdown::Write,
            libc::SHUT_RDWR => Shutdown::Both,
            _ => return None,
        }),
        Shape::SetOption => {
            let value = peek::memory(tid, a3, (a4 as usize).min(option::VALUE_LEN));
            let (name, value) = option::describe(a1 as i32, a2 as i32, &value);
            Operation::SetOption { name, value }
        }
        Shape::Close => Operation::Close,
        Shape::SignalReturn | Shape::Ring => return None,
    })
}

/// How a call came back, except `accept()`'s success, for which the new socket has to be asked.
pub(super) fn outcome(
    tid: Tid,
    shape: Shape,
    call: &RawCall,
    kind: SocketKind,
    asked: &Operation,
    value: i64,
) -> Outcome {
    if value < 0 {
        return failure(-value as i32);
    }
    match (shape, asked) {
        (Shape::Socket, _) => Outcome::Value(value),
        (_, Operation::Recv { max }) if value == 0 && *max > 0 && kind == SocketKind::Stream => {
            Outcome::EndOfStream
        }
        (_, Operation::RecvFrom { .. }) => {
            let [_, a1, _, _, a4, _] = call.arguments;
            let place = match shape {
                Shape::ReceiveMessage => message_header(tid, a1).map_or(0, |[name, ..]| name),
                _ => a4,
            };
            let from = peek::address(tid, place, peek::ADDRESS_LEN);
            from.map_or(Outcome::Value(value), |from| Outcome::From { len: value as u32, from })
        }
        (
            _,
            Operation::Send { .. }
            | Operation::SendTo { .. }
            | Operation::Recv { .. }
            | Operation::Other { .. },
        ) => Outcome::Value(value),
        _ => Outcome::Done,
    }
}

/// The accepted connection, as `accept()` gives it back.
pub(super) fn accepted(fd: i64, peer: Option<SocketAddr>) -> Outcome {
    match peer {
        Some(peer) => Outcome::Accepted { socket: SocketId(fd as u32), peer },
        None => Outcome::Value(fd), // the peer is gone already
    }
}

/// A failed call's errno, as ours where our TCP knows it.
pub(super) fn failure(errno: i32) -> Outcome {
    let name = format!("{:?}", Errno::from_raw(errno));
    match Error::ALL.into_iter().find(|error| error.errno() == name) {
        Some(error) => Outcome::Failed(error),
        None => Outcome::FailedWith(name.into()),
    }
}

/// Whether a call that "returned" this was in truth interrupted by a signal, to be made again by the kernel
/// or to end as EINTR, which is decided only after the signal was handled (`ERESTARTSYS` and its kin).
pub(super) const fn is_interrupted(value: i64) -> bool {
    matches!(value, -516 | -514 | -513 | -512)
}
