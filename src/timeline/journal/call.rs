//! Calls of the sockets API in a journal.

use super::{Journal, Moment, What};
use crate::tcp::Error;
use crate::timeline::{Call, Kind, Operation, Outcome, Shutdown, SocketId, Step};

/// A call in little room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compact {
    socket: SocketId,
    operation: Op,
    step: Stage,
}

/// The operations of streams; the others are rare.
#[derive(Clone, Copy, Debug)]
enum Op {
    Bind(Addr),
    Listen(u32),
    Accept,
    Connect(Addr),
    Send(u32),
    Recv(u32),
    Shutdown(Shutdown),
    Close,
    Abort,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Entered,
    Done,
    Value(u32),
    Accepted(SocketId, Addr),
    EndOfStream,
    Failed(Error),
}

/// An address's place among the journal's.
#[derive(Clone, Copy, Debug)]
struct Addr(u32);

impl Journal {
    /// A program called, or its call returned.
    #[inline]
    pub fn call(&mut self, moment: Moment, call: Call) {
        let Some(compact) = self.compact(&call) else { return self.rare(moment, Kind::Call(call)) };
        self.calls.push(compact);
        self.write(moment, What::Call, self.calls.len() - 1);
    }

    #[inline]
    fn compact(&mut self, call: &Call) -> Option<Compact> {
        let operation = match call.operation {
            Operation::Bind(addr) => Op::Bind(self.addr(addr)),
            Operation::Listen { backlog } => Op::Listen(backlog),
            Operation::Accept => Op::Accept,
            Operation::Connect(addr) => Op::Connect(self.addr(addr)),
            Operation::Send { len } => Op::Send(len),
            Operation::Recv { max } => Op::Recv(max),
            Operation::Shutdown(how) => Op::Shutdown(how),
            Operation::Close => Op::Close,
            Operation::Abort => Op::Abort,
            _ => return None,
        };
        let step = match call.step {
            Step::Entered => Stage::Entered,
            Step::Returned(Outcome::Done) => Stage::Done,
            Step::Returned(Outcome::Value(value)) => Stage::Value(u32::try_from(value).ok()?),
            Step::Returned(Outcome::Accepted { socket, peer }) => Stage::Accepted(socket, self.addr(peer)),
            Step::Returned(Outcome::EndOfStream) => Stage::EndOfStream,
            Step::Returned(Outcome::Failed(error)) => Stage::Failed(error),
            Step::Returned(_) => return None,
        };
        Some(Compact { socket: call.socket, operation, step })
    }

    /// The call that was meant.
    pub(super) fn call_of(&self, compact: Compact) -> Option<Call> {
        let addr = |Addr(place)| self.addrs.get(place as usize).copied();
        let operation = match compact.operation {
            Op::Bind(to) => Operation::Bind(addr(to)?),
            Op::Listen(backlog) => Operation::Listen { backlog },
            Op::Accept => Operation::Accept,
            Op::Connect(to) => Operation::Connect(addr(to)?),
            Op::Send(len) => Operation::Send { len },
            Op::Recv(max) => Operation::Recv { max },
            Op::Shutdown(how) => Operation::Shutdown(how),
            Op::Close => Operation::Close,
            Op::Abort => Operation::Abort,
        };
        let step = match compact.step {
            Stage::Entered => Step::Entered,
            Stage::Done => Step::Returned(Outcome::Done),
            Stage::Value(value) => Step::Returned(Outcome::Value(value.into())),
            Stage::Accepted(socket, peer) => Step::Returned(Outcome::Accepted { socket, peer: addr(peer)? }),
            Stage::EndOfStream => Step::Returned(Outcome::EndOfStream),
            Stage::Failed(error) => Step::Returned(Outcome::Failed(error)),
        };
        Some(Call { socket: compact.socket, operation, step })
    }

    #[inline]
    fn addr(&mut self, addr: std::net::SocketAddr) -> Addr {
        // The same few come again and again.
        if self.addrs.last() != Some(&addr) {
            self.addrs.push(addr);
        }
        Addr((self.addrs.len() - 1) as u32)
    }
}
