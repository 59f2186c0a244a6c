//! Two control blocks, explored exhaustively through open, one octet and close.
//!
//! What decides here is the very code that the simulator runs. Over a FIFO wire and over one that
//! loses, duplicates and reorders at will: no state is stuck, both ends agree on their numbers, and the
//! octet is taken once. The two-way variant is refuted by the same search.

use std::collections::{HashMap, VecDeque};

use handshake::tcp::{
    AckNeed, Arrival, Decision, Disposition, Policy, Reset, Rule, State, Tcb, Text, close, closed, listen,
    on_segment, open_active, time_out,
};
use handshake::wire::{Flags, SeqNumber};
use stateright::{Checker, Model, Property};

const WINDOW: u32 = 1000;

/// How packets travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    /// In order, none lost.
    Fifo,
    /// Whatever was ever sent may arrive at any time, any number of times, or never.
    Sticky,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct End {
    tcb: Tcb,
    /// The user's octet: 0 not sent, 1 sent.
    octet_sent: bool,
    octets_taken: u8,
    asked_to_close: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    ends: [End; 2],
    /// Under way: to which end, and what. Sorted and without repetition when sticky.
    under_way: Vec<(usize, Message)>,
}

/// An [`Arrival`] in an order, so that sets of them have one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Message {
    seq: u32,
    ack: u32,
    flags: u16,
    len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    Open,
    Send(usize),
    Close(usize),
    Deliver(usize),
    Retransmit(usize),
    TimeWaitOver(usize),
}

#[derive(Clone)]
struct Exploration {
    policy: Policy,
    wire: Wire,
    base: u32,
}

impl Exploration {
    fn start() -> World {
        let end = |state| End {
            tcb: Tcb { state, ..Tcb::default() },
            octet_sent: false,
            octets_taken: 0,
            asked_to_close: false,
        };
        World { ends: [end(State::Closed), end(State::Listen)], under_way: vec![] }
    }

    fn isn(&self, end: usize) -> SeqNumber {
        SeqNumber(self.base.wrapping_add(4000 * end as u32))
    }

    fn enabled(&self, world: &World) -> Vec<Action> {
        let mut actions = Vec::new();
        if world.ends[0].tcb.state == State::Closed && world.ends[0].tcb.iss == SeqNumber(0) {
            actions.push(Action::Open);
        }
        for (index, end) in world.ends.iter().enumerate() {
            let state = end.tcb.state;
            // Only the client has something to say; the server listens and closes.
            if index == 0 && state.sends_text() && !end.octet_sent && !end.asked_to_close {
                actions.push(Action::Send(index));
            }
            if !end.asked_to_close && matches!(state, State::Established | State::CloseWait | State::SynSent)
            {
                actions.push(Action::Close(index));
            }
            if end.tcb.in_flight() > 0 && !matches!(state, State::Closed | State::Listen | State::TimeWait) {
                actions.push(Action::Retransmit(index));
            }
            if state == State::TimeWait {
                actions.push(Action::TimeWaitOver(index));
            }
        }
        let deliverable =
            if self.wire == Wire::Fifo { world.under_way.len().min(1) } else { world.under_way.len() };
        actions.extend((0..deliverable).map(Action::Deliver));
        actions
    }

    fn put(&self, world: &mut World, from: usize, flags: Flags, seq: SeqNumber, ack: SeqNumber, len: u32) {
        let message = (1 - from, Message { seq: seq.0, ack: ack.0, flags: flags.bits(), len });
        match self.wire {
            Wire::Fifo => world.under_way.push(message),
            Wire::Sticky => {
                if let Err(place) = world.under_way.binary_search(&message) {
                    world.under_way.insert(place, message);
                }
            }
        }
    }

    fn put_ack(&self, world: &mut World, end: usize) {
        let tcb = world.ends[end].tcb;
        self.put(world, end, Flags::ACK, tcb.snd_nxt, tcb.rcv_nxt, 0);
    }

    fn put_reset(&self, world: &mut World, end: usize, reset: Reset) {
        let flags = if reset.ack.is_some() { Flags::RST | Flags::ACK } else { Flags::RST };
        self.put(world, end, flags, reset.seq, reset.ack.unwrap_or_default(), 0);
    }

    /// Sends the FIN that a close has queued: here all text has always gone before.
    fn flush(&self, world: &mut World, end: usize) {
        let tcb = &mut world.ends[end].tcb;
        let may = !matches!(tcb.state, State::SynSent | State::SynReceived | State::Closed | State::Listen);
        if tcb.fin_queued && !tcb.fin_sent && may {
            let (seq, ack) = (tcb.snd_nxt, tcb.rcv_nxt);
            tcb.fin_sent = true;
            tcb.snd_nxt += 1;
            self.put(world, end, Flags::FIN | Flags::ACK, seq, ack, 0);
        }
    }

    fn retransmit(&self, world: &mut World, end: usize) {
        let End { tcb, octet_sent, .. } = world.ends[end].clone();
        if tcb.syn_outstanding() {
            let (flags, ack) = match tcb.state {
                State::SynSent => (Flags::SYN, SeqNumber(0)),
                _ => (Flags::SYN | Flags::ACK, tcb.rcv_nxt),
            };
            return self.put(world, end, flags, tcb.iss, ack, 0);
        }
        let octet_outstanding = octet_sent && tcb.snd_una == tcb.iss + 1;
        let (flags, len) =
            if octet_outstanding { (Flags::PSH | Flags::ACK, 1) } else { (Flags::FIN | Flags::ACK, 0) };
        self.put(world, end, flags, tcb.snd_una, tcb.rcv_nxt, len);
    }

    fn arrive(&self, world: &mut World, end: usize, message: Message) {
        let segment = Arrival {
            seq: SeqNumber(message.seq),
            ack: SeqNumber(message.ack),
            flags: Flags::from_bits(message.flags),
            window: WINDOW,
            len: message.len,
            ..Arrival::default()
        };
        let decision = match world.ends[end].tcb.state {
            State::Closed => closed(&segment),
            State::Listen => {
                let (decision, child) = listen(&self.policy, &segment, self.isn(end), WINDOW);
                if let Some(child) = child {
                    world.ends[end].tcb = child;
                }
                decision
            }
            _ => on_segment(&mut world.ends[end].tcb, &self.policy, &segment),
        };
        self.consequences(world, end, &decision);
    }

    fn consequences(&self, world: &mut World, end: usize, decision: &Decision) {
        if let Text::InOrder { len, .. } = decision.text {
            world.ends[end].octets_taken += len as u8;
        }
        match decision.disposition {
            Disposition::Ignore | Disposition::Accept => {}
            Disposition::SendAck | Disposition::ChallengeAck => self.put_ack(world, end),
            Disposition::SendSynAck | Disposition::RepeatSynAck | Disposition::SendSyn => {
                let tcb = world.ends[end].tcb;
                let (flags, ack) = if tcb.state == State::SynSent {
                    (Flags::SYN, SeqNumber(0))
                } else {
                    (Flags::SYN | Flags::ACK, tcb.rcv_nxt)
                };
                self.put(world, end, flags, tcb.iss, ack, 0);
            }
            Disposition::SendReset(reset) => self.put_reset(world, end, reset),
            Disposition::Abort { reset, .. } => {
                if let Some(reset) = reset {
                    self.put_reset(world, end, reset);
                }
            }
            Disposition::ReturnToListen | Disposition::Reopen => {
                world.ends[end] = Exploration::start().ends[end].clone();
            }
        }
        if decision.ack != AckNeed::No {
            self.put_ack(world, end);
        }
        self.flush(world, end);
    }

    fn step(&self, world: &World, action: Action) -> World {
        let mut next = world.clone();
        match action {
            Action::Open => {
                let (decision, tcb) = open_active(self.isn(0), WINDOW, Rule::OpenActive);
                next.ends[0].tcb = tcb;
                self.consequences(&mut next, 0, &decision);
            }
            Action::Send(end) => {
                let tcb = &mut next.ends[end].tcb;
                let (seq, ack) = (tcb.snd_nxt, tcb.rcv_nxt);
                tcb.snd_nxt += 1;
                next.ends[end].octet_sent = true;
                self.put(&mut next, end, Flags::PSH | Flags::ACK, seq, ack, 1);
            }
            Action::Close(end) => {
                next.ends[end].asked_to_close = true;
                let decision = close(&mut next.ends[end].tcb);
                self.consequences(&mut next, end, &decision);
            }
            Action::Deliver(place) => {
                let (end, message) = next.under_way[place];
                if self.wire == Wire::Fifo {
                    next.under_way.remove(place);
                }
                self.arrive(&mut next, end, message);
            }
            Action::Retransmit(end) => self.retransmit(&mut next, end),
            Action::TimeWaitOver(end) => {
                let _ = time_out(&mut next.ends[end].tcb, Rule::TimeWaitExpires, None);
                // 2MSL have passed: this is what TIME-WAIT is for.
                next.under_way.clear();
            }
        }
        // The window is kept open: nobody has to read here.
        for end in &mut next.ends {
            end.tcb.rcv_wnd = WINDOW;
        }
        next
    }
}

/// Everything reachable, breadth first, and the way to each state.
struct Graph {
    worlds: Vec<World>,
    /// For each state, the states it leads to.
    edges: Vec<Vec<usize>>,
    came_by: Vec<Option<(usize, Action)>>,
}

fn explore(exploration: &Exploration, limit: usize) -> Graph {
    let start = Exploration::start();
    let mut numbers = HashMap::from([(start.clone(), 0)]);
    let mut graph = Graph { worlds: vec![start], edges: vec![], came_by: vec![None] };
    let mut queue = VecDeque::from([0]);
    while let Some(current) = queue.pop_front() {
        let world = graph.worlds[current].clone();
        let mut leads_to = Vec::new();
        for action in exploration.enabled(&world) {
            // A FIFO wire is bounded: a sender that repeats itself without limit adds nothing new.
            let crowded = exploration.wire == Wire::Fifo && world.under_way.len() >= 4;
            if crowded && !matches!(action, Action::Deliver(_)) {
                continue;
            }
            let next = exploration.step(&world, action);
            let number = *numbers.entry(next.clone()).or_insert_with(|| {
                graph.worlds.push(next);
                graph.came_by.push(Some((current, action)));
                queue.push_back(graph.worlds.len() - 1);
                graph.worlds.len() - 1
            });
            leads_to.push(number);
        }
        graph.edges.push(leads_to);
        assert!(graph.worlds.len() < limit, "more than {limit} states");
    }
    graph
}

impl Graph {
    /// States from which no state that satisfies `goal` can be reached.
    fn stuck(&self, goal: impl Fn(&World) -> bool) -> Vec<usize> {
        let mut before = vec![Vec::new(); self.worlds.len()];
        for (from, leads_to) in self.edges.iter().enumerate() {
            for to in leads_to {
                before[*to].push(from);
            }
        }
        let mut good: Vec<bool> = self.worlds.iter().map(goal).collect();
        let mut queue: VecDeque<usize> = (0..good.len()).filter(|i| good[*i]).collect();
        while let Some(current) = queue.pop_front() {
            for from in &before[current] {
                if !std::mem::replace(&mut good[*from], true) {
                    queue.push_back(*from);
                }
            }
        }
        (0..good.len()).filter(|i| !good[*i]).collect()
    }

    fn way_to(&self, mut state: usize) -> Vec<Action> {
        let mut way = Vec::new();
        while let Some((from, action)) = self.came_by[state] {
            way.push(action);
            state = from;
        }
        way.reverse();
        way
    }

    fn first(&self, violates: impl Fn(&World) -> bool) -> Option<usize> {
        self.worlds.iter().position(violates)
    }
}

fn over(world: &World) -> bool {
    world.ends.iter().all(|end| matches!(end.tcb.state, State::Closed | State::Listen))
}

/// An end that is open, or was, knows the other's numbers and knows that its own are known.
fn ends_disagree(world: &World) -> bool {
    let [client, server] = &world.ends;
    let believes = |end: &End| end.tcb.state.is_synchronized() && end.tcb.state != State::TimeWait;
    (believes(server) && server.tcb.irs != client.tcb.iss)
        || (believes(client) && server.tcb.state != State::Listen && client.tcb.irs != server.tcb.iss)
}

/// The server thinks the connection open, and the client has never heard of its number.
fn ghost_connection(world: &World) -> bool {
    let [client, server] = &world.ends;
    server.tcb.state == State::Established && client.tcb.irs != server.tcb.iss
}

fn octet_wrong(world: &World) -> bool {
    let [client, server] = &world.ends;
    server.octets_taken > u8::from(client.octet_sent) || client.octets_taken > 0
}

fn exploration(wire: Wire, base: u32) -> Exploration {
    Exploration { policy: Policy::default(), wire, base }
}

fn holds(exploration: &Exploration) -> usize {
    let graph = explore(exploration, 2_000_000);
    for (name, violates) in [
        ("the ends disagree", ends_disagree as fn(&World) -> bool),
        ("a ghost connection", ghost_connection),
        ("the octet was taken twice", octet_wrong),
    ] {
        if let Some(found) = graph.first(violates) {
            panic!("{name} after {:?}: {:#?}", graph.way_to(found), graph.worlds[found].ends);
        }
    }
    let stuck = graph.stuck(over);
    if let Some(first) = stuck.first() {
        panic!("stuck after {:?}: {:#?}", graph.way_to(*first), graph.worlds[*first]);
    }
    println!(
        "{:?} wire: {} states, the longest way {} steps",
        exploration.wire,
        graph.worlds.len(),
        graph.way_to(graph.worlds.len() - 1).len()
    );
    graph.worlds.len()
}

#[test]
fn a_control_block_is_small_and_comparable() {
    fn fit_for_search<T: Copy + Eq + std::hash::Hash>() -> usize {
        size_of::<T>()
    }
    assert!(fit_for_search::<Tcb>() <= 64, "{} octets", fit_for_search::<Tcb>());
}

#[test]
fn over_a_fifo_wire_nothing_is_stuck_and_the_ends_agree() {
    let states = holds(&exploration(Wire::Fifo, 1000));
    assert!(states > 100, "only {states} states: the search did not search");
}

#[test]
fn over_a_wire_that_loses_duplicates_and_reorders_nothing_is_stuck_and_the_ends_agree() {
    let states = holds(&exploration(Wire::Sticky, 1000));
    assert!(states > 1000, "only {states} states: the search did not search");
    // The numbers wrap: nothing may depend on where they begin.
    assert_eq!(states, holds(&exploration(Wire::Sticky, u32::MAX - 1)));
}

#[test]
fn the_two_way_variant_is_refuted() {
    let two_way =
        Exploration { policy: Policy { two_way: true, ..Policy::default() }, wire: Wire::Sticky, base: 1000 };
    let graph = explore(&two_way, 2_000_000);
    let found = graph.first(ghost_connection).expect("two-way was to be refuted");
    // Open, and the SYN arrives: the server believes at once what nobody has confirmed.
    assert_eq!(graph.way_to(found), [Action::Open, Action::Deliver(0)]);
    // It is worse than haste: the client may have given up, and the server stays with a ghost.
    let abandoned = |world: &World| ghost_connection(world) && world.ends[0].tcb.state == State::Closed;
    assert!(graph.first(abandoned).is_some());
}

/// The same worlds for stateright, which must count as many.
impl Model for Exploration {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![Exploration::start()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions.extend(self.enabled(world));
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        Some(self.step(world, action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("the ends agree", |_, world| !ends_disagree(world))]
    }
}

#[test]
fn stateright_counts_the_same_states() {
    let sticky = exploration(Wire::Sticky, 1000);
    let ours = explore(&sticky, 2_000_000).worlds.len();
    let checker = sticky.checker().spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), ours);
}
