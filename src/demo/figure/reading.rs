//! From events to the rows of the figure.

use std::collections::BTreeSet;

use super::{Between, Cell, Figure, Label, Row};
use crate::lang::Message;
use crate::timeline::{Call, ConnectionId, HostId, Kind, Operation, Outcome, SocketId, Step, Timeline};

/// States that an end enters because of what it sends; into all others an arrival leads.
const BY_SENDING: [&str; 3] = ["SYN-SENT", "FIN-WAIT-1", "LAST-ACK"];

impl Figure {
    /// The figure of what happened between two hosts; `left` is the name of the one to the left.
    pub fn of(timeline: &Timeline, left: &str) -> Self {
        let place = timeline.hosts.iter().position(|host| host.name == left).unwrap_or_default();
        let right = timeline.hosts.iter().find(|host| host.name != left);
        let names = [left.to_owned(), right.map_or_else(String::new, |host| host.name.clone())];
        let mut reader = Reader::default();
        for event in &timeline.events {
            let side = usize::from(event.host != HostId(place as u16));
            match &event.kind {
                Kind::Call(call) => reader.call(side, call),
                Kind::State { connection, to, .. } => reader.state(side, connection, &to.to_string()),
                Kind::Sent { packet, .. } => match packet.segment() {
                    Some(segment) => reader.segment(
                        side,
                        &Sent {
                            flags: segment.flags.to_string(),
                            syn: segment.flags.syn(),
                            ack: segment.flags.ack().then_some(segment.ack.0),
                            fin: segment.flags.fin(),
                            rst: segment.flags.rst(),
                            len: segment.len,
                            end: segment.seq_end().0,
                        },
                    ),
                    None => reader.datagram(side, packet.payload.len()),
                },
                _ => {}
            }
        }
        Figure { names, remarks: reader.remarks(), rows: reader.rows }
    }
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    rows: Vec<Row>,
    ends: [End; 2],
    /// Segments up to the one that completes the opening.
    opening: u32,
    /// Segments from the first FIN on.
    closing: u32,
    /// Acknowledgments that have no row.
    left_out: u32,
    datagrams: u32,
    refused: bool,
}

/// One end.
#[derive(Default)]
struct End {
    /// A call and a state that go with the next segment of this end.
    next: Cell,
    /// The last row in which a call of this end stands.
    called: Option<usize>,
    /// The last row in which a state of this end stands.
    stated: Option<usize>,
    /// The last row whose arrow points here, and the last ones that did so with what opens, with
    /// data, and with a FIN.
    arrived: Option<usize>,
    opened: Option<usize>,
    data: Option<usize>,
    fin: Option<usize>,
    /// A SYN,ACK has come and waits for its acknowledgment.
    owes_opening: bool,
    /// The acknowledgment that a FIN which has come waits for.
    owes_closing: Option<u32>,
    /// Sockets that are open.
    sockets: BTreeSet<SocketId>,
}

/// What matters of a segment.
struct Sent {
    flags: String,
    syn: bool,
    ack: Option<u32>,
    fin: bool,
    rst: bool,
    len: u32,
    /// The number after its last one.
    end: u32,
}

impl Reader {
    fn call(&mut self, side: usize, call: &Call) {
        let Call { socket, operation, step } = call;
        match step {
            Step::Entered => self.entered(side, *socket, operation),
            Step::Returned(outcome) => self.returned(side, *socket, operation, outcome),
        }
    }

    /// A call that sends something waits for what it sends.
    fn entered(&mut self, side: usize, socket: SocketId, operation: &Operation) {
        let call = match operation {
            Operation::Accept => return self.alone(side, "accept() ...".to_owned(), "demo-figure-accept"),
            Operation::Connect(to) => {
                self.ends[side].sockets.insert(socket);
                format!("connect(:{})", to.port())
            }
            Operation::Send { len } => format!("send({len})"),
            Operation::SendTo { len, .. } => format!("sendto({len})"),
            Operation::Shutdown(_) => "shutdown()".to_owned(),
            // Only those that were seen to be opened: a program closes much else.
            Operation::Close if self.ends[side].sockets.remove(&socket) => "close()".to_owned(),
            _ => return,
        };
        self.flush(side);
        self.ends[side].next.call = call;
    }

    fn returned(&mut self, side: usize, socket: SocketId, operation: &Operation, outcome: &Outcome) {
        let fails = match outcome {
            Outcome::Failed(error) => Some(error.errno().to_owned()),
            Outcome::FailedWith(errno) => Some(errno.to_string()),
            _ => None,
        };
        let (call, meaning) = match operation {
            Operation::Socket => {
                if let Outcome::Value(socket) = outcome {
                    self.ends[side].sockets.insert(SocketId(u32::try_from(*socket).unwrap_or_default()));
                }
                ("socket()".to_owned(), "demo-figure-socket")
            }
            Operation::Bind(to) => {
                self.ends[side].sockets.insert(socket);
                (format!("bind(:{})", to.port()), "demo-figure-bind")
            }
            Operation::Listen { backlog } => (format!("listen({backlog})"), "demo-figure-listen"),
            Operation::Accept
            | Operation::Connect(_)
            | Operation::Recv { .. }
            | Operation::RecvFrom { .. } => {
                return self.came_back(side, operation, outcome, fails);
            }
            _ => return,
        };
        self.alone(side, call, if fails.is_some() { "" } else { meaning });
        if let Some(errno) = fails {
            self.alone(side, format!("✗ {errno}"), "");
        }
    }

    /// A call that waited stands beside what it waited for.
    fn came_back(&mut self, side: usize, operation: &Operation, outcome: &Outcome, fails: Option<String>) {
        let end = &self.ends[side];
        let (name, cause) = match (operation, outcome) {
            (Operation::Accept, _) => ("accept()", end.opened),
            (Operation::Connect(_), Outcome::Done) => ("connect()", end.opened),
            (Operation::Connect(_), _) => ("connect()", end.arrived),
            (Operation::Recv { .. }, Outcome::EndOfStream) => ("recv()", end.fin),
            (Operation::Recv { .. }, Outcome::Value(_)) => ("recv()", end.data),
            (Operation::Recv { .. }, _) => ("recv()", end.arrived),
            (_, Outcome::From { .. }) => ("recvfrom()", end.data),
            _ => ("recvfrom()", end.arrived),
        };
        let gives = match outcome {
            Outcome::Accepted { socket, .. } => {
                self.ends[side].sockets.insert(*socket);
                socket.0.to_string()
            }
            Outcome::Value(count) => count.to_string(),
            Outcome::From { len, .. } => len.to_string(),
            Outcome::Done | Outcome::EndOfStream => "0".to_owned(),
            Outcome::Failed(_) | Outcome::FailedWith(_) => String::new(),
        };
        let call = match fails {
            Some(errno) => format!("✗ {errno}"),
            None => format!("{name} = {gives}"),
        };
        let end = &mut self.ends[side];
        // Its calls keep their order from top to bottom.
        match cause.filter(|row| end.called.is_none_or(|called| called < *row)) {
            Some(row) => {
                end.called = Some(row);
                self.rows[row].ends[side].call = call;
            }
            None => self.alone(side, call, ""),
        }
    }

    fn state(&mut self, side: usize, connection: &ConnectionId, state: &str) {
        if connection.remote.port() == 0 {
            if state == "LISTEN" {
                self.listens(side);
            }
            return;
        }
        let end = &mut self.ends[side];
        if BY_SENDING.contains(&state) {
            state.clone_into(&mut end.next.state);
            return;
        }
        // Its states keep their order from top to bottom; one that nothing brought (a timer did, or
        // something that crossed what this end sent) has a row of its own.
        let row = end.arrived.filter(|row| end.stated.is_none_or(|stated| stated < *row));
        let row = row.unwrap_or_else(|| {
            self.rows.push(Row::default());
            self.rows.len() - 1
        });
        end.stated = Some(row);
        state.clone_into(&mut self.rows[row].ends[side].state);
    }

    /// LISTEN stands beside `listen()`, whichever was told first.
    fn listens(&mut self, side: usize) {
        let end = &mut self.ends[side];
        let cell = end.called.and_then(|row| self.rows.get_mut(row)).map(|row| &mut row.ends[side]);
        match cell.filter(|cell| cell.call.starts_with("listen")) {
            Some(cell) => "LISTEN".clone_into(&mut cell.state),
            None => "LISTEN".clone_into(&mut end.next.state),
        }
    }

    fn segment(&mut self, side: usize, sent: &Sent) {
        let (other, plain) = (1 - side, sent.len == 0 && !sent.syn && !sent.fin && !sent.rst);
        let end = &mut self.ends[side];
        let opens = std::mem::take(&mut end.owes_opening);
        let closes = end.owes_closing.is_some() && end.owes_closing == sent.ack;
        if closes {
            end.owes_closing = None;
        }
        self.opening += u32::from(sent.syn || opens);
        self.closing += u32::from(sent.fin || closes);
        self.refused |= sent.rst;
        if plain && !opens && !closes {
            self.left_out += 1;
            return;
        }
        self.ends[other].owes_opening |= sent.syn && sent.ack.is_some();
        if sent.fin {
            self.ends[other].owes_closing = Some(sent.end);
        }
        let label = if sent.len == 0 {
            Label::Flags(sent.flags.clone())
        } else if sent.syn || sent.fin || sent.rst {
            Label::Bytes(sent.len, sent.flags.clone())
        } else {
            Label::Bytes(sent.len, String::new())
        };
        let row = self.arrow(side, label);
        let end = &mut self.ends[other];
        if sent.syn || opens {
            end.opened = Some(row);
        }
        if sent.len > 0 {
            end.data = Some(row);
        }
        if sent.fin {
            end.fin = Some(row);
        }
    }

    fn datagram(&mut self, side: usize, len: usize) {
        self.datagrams += 1;
        let row = self.arrow(side, Label::Datagram(len as u32));
        self.ends[1 - side].data = Some(row);
    }

    /// A row for what one end sends; its number.
    fn arrow(&mut self, side: usize, label: Label) -> usize {
        let row = self.rows.len();
        let mut ends = [Cell::default(), Cell::default()];
        ends[side] = std::mem::take(&mut self.ends[side].next);
        if !ends[side].call.is_empty() {
            self.ends[side].called = Some(row);
        }
        if !ends[side].state.is_empty() {
            self.ends[side].stated = Some(row);
        }
        self.ends[1 - side].arrived = Some(row);
        self.rows.push(Row { ends, between: Between::Arrow { to_right: side == 0, label } });
        row
    }

    /// A row for a call that sends nothing.
    fn alone(&mut self, side: usize, call: String, meaning: &'static str) {
        self.flush(side);
        let between = match meaning {
            "" => Between::Empty,
            id => Between::Meaning(Message::new(id)),
        };
        let state = std::mem::take(&mut self.ends[side].next.state);
        self.push(side, Cell { call, state }, between);
    }

    /// A call that was to send something has sent nothing.
    fn flush(&mut self, side: usize) {
        if !self.ends[side].next.call.is_empty() {
            let cell = std::mem::take(&mut self.ends[side].next);
            self.push(side, cell, Between::Empty);
        }
    }

    fn push(&mut self, side: usize, cell: Cell, between: Between) {
        let mut ends = [Cell::default(), Cell::default()];
        ends[side] = cell;
        self.ends[side].called = Some(self.rows.len());
        self.rows.push(Row { ends, between });
    }

    fn remarks(&mut self) -> Vec<Message> {
        self.flush(0);
        self.flush(1);
        let mut remarks = Vec::new();
        if self.opening >= 3 {
            remarks.push(Message::new("demo-figure-opening").with("segments", self.opening));
        }
        if self.closing > 0 && !self.refused {
            let id = if self.closing == 3 { "demo-figure-closing-merged" } else { "demo-figure-closing" };
            remarks.push(Message::new(id).with("segments", self.closing));
        }
        if self.refused {
            remarks.push(Message::new("demo-figure-reset"));
        }
        if self.datagrams > 0 {
            remarks.push(Message::new("demo-figure-datagrams").with("datagrams", self.datagrams));
        }
        if self.left_out > 0 {
            remarks.push(Message::new("demo-figure-left-out").with("segments", self.left_out));
        }
        remarks
    }
}
