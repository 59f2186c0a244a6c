//! Two timelines of one scenario, segment by segment: what the simulator sent and what a kernel did.
//!
//! Ports that a host chose, initial sequence numbers and clocks differ from run to run and say
//! nothing; so connections are paired by the order in which their hosts began them, numbers count from
//! each side's own beginning, and times are compared within a [`Tolerance`].

mod align;
mod seen;

pub use seen::Seen;

use std::collections::BTreeMap;

use crate::tcp::State;
use crate::time::{Duration, Instant};
use crate::timeline::{ConnectionId, HostId, Kind, Timeline};
use seen::{ConnectionNumber, Connections};

/// How far times may be apart to count as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// At least so far.
    pub at_least: Duration,
    /// Or one part in so many of the time since the beginning.
    pub one_in: u64,
}

impl Default for Tolerance {
    /// 30 ms, or a tenth: a kernel's timer tick is up to 10 ms, and machines are busy.
    fn default() -> Self {
        Tolerance { at_least: Duration::from_millis(30), one_in: 10 }
    }
}

impl Tolerance {
    /// Whether two times are the same within it.
    pub fn holds(&self, left: Instant, right: Instant) -> bool {
        let share = left.max(right).since(Instant::ZERO).div(self.one_in);
        let apart = left.since(right).max(right.since(left));
        apart <= self.at_least.max(share)
    }
}

/// In what two segments differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// The control bits.
    Flags,
    /// The relative sequence number.
    Seq,
    /// The relative acknowledgment number.
    Ack,
    /// The octets of text.
    Len,
    /// The options.
    Options,
    /// Whether it was lost.
    Fate,
    /// The time.
    Time,
}

impl Aspect {
    /// The stable name; its text is the message `compare-KEY`.
    pub const fn key(self) -> &'static str {
        match self {
            Aspect::Flags => "flags",
            Aspect::Seq => "seq",
            Aspect::Ack => "ack",
            Aspect::Len => "len",
            Aspect::Options => "options",
            Aspect::Fate => "fate",
            Aspect::Time => "time",
        }
    }
}

/// A line of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// The same on both sides.
    Same(Seen, Seen),
    /// The same segment, but for these aspects.
    Differs(Seen, Seen, Vec<Aspect>),
    /// Only the left side sent it.
    OnlyLeft(Seen),
    /// Only the right side sent it.
    OnlyRight(Seen),
}

impl Row {
    /// Whether both sides agree.
    pub fn is_same(&self) -> bool {
        matches!(self, Row::Same(..))
    }

    /// What the left side sent.
    pub fn left(&self) -> Option<&Seen> {
        match self {
            Row::Same(left, _) | Row::Differs(left, ..) | Row::OnlyLeft(left) => Some(left),
            Row::OnlyRight(_) => None,
        }
    }

    /// What the right side sent.
    pub fn right(&self) -> Option<&Seen> {
        match self {
            Row::Same(_, right) | Row::Differs(_, right, _) | Row::OnlyRight(right) => Some(right),
            Row::OnlyLeft(_) => None,
        }
    }

    /// When it was sent, on the left side where it was sent there.
    pub fn at(&self) -> Instant {
        match self {
            Row::Same(seen, _) | Row::Differs(seen, ..) | Row::OnlyLeft(seen) | Row::OnlyRight(seen) => {
                seen.at
            }
        }
    }
}

/// The states of one end of a connection on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States {
    /// Whose states.
    pub host: HostId,
    /// The states it entered on the left side.
    pub left: Vec<State>,
    /// The states it entered on the right side.
    pub right: Vec<State>,
}

impl States {
    /// Whether both sides agree.
    pub fn is_same(&self) -> bool {
        self.left == self.right
    }
}

/// Two timelines side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Segments and datagrams in the order of time.
    pub rows: Vec<Row>,
    /// The states of every end that had any.
    pub states: Vec<States>,
}

impl Comparison {
    /// Whether everything agrees.
    pub fn is_same(&self) -> bool {
        self.rows.iter().all(Row::is_same) && self.states.iter().all(States::is_same)
    }

    /// The first line that differs.
    pub fn first_difference(&self) -> Option<&Row> {
        self.rows.iter().find(|row| !row.is_same())
    }

    /// The lines that differ.
    pub fn differences(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_same())
    }
}

/// Compares two timelines of the same hosts. What lies after `horizon` on either side is not looked at:
/// one side may have been stopped there.
pub fn compare(
    left: &Timeline,
    right: &Timeline,
    tolerance: Tolerance,
    horizon: Option<Instant>,
) -> Comparison {
    let in_time = |at: Instant| horizon.is_none_or(|horizon| at <= horizon);
    let (mut ours, mut theirs) = (Connections::default(), Connections::default());
    let left_seen = seen::segments(left, &mut ours);
    let right_seen = seen::segments(right, &mut theirs);
    let mut directions: BTreeMap<(ConnectionNumber, HostId), (Vec<Seen>, Vec<Seen>)> = BTreeMap::new();
    for segment in left_seen {
        directions.entry((segment.connection, segment.from)).or_default().0.push(segment);
    }
    for segment in right_seen {
        directions.entry((segment.connection, segment.from)).or_default().1.push(segment);
    }
    let mut rows = Vec::new();
    for (left, right) in directions.into_values() {
        rows.extend(align::align(left, right, tolerance));
    }
    // A segment just before the horizon on one side may stand just behind it on the other.
    rows.retain(|row| match row {
        Row::Same(left, right) | Row::Differs(left, right, _) => in_time(left.at) || in_time(right.at),
        Row::OnlyLeft(seen) | Row::OnlyRight(seen) => {
            let share = seen.at.since(Instant::ZERO).div(tolerance.one_in).max(tolerance.at_least);
            in_time(seen.at + share)
        }
    });
    rows.sort_by_key(Row::at);
    Comparison { rows, states: states(left, right, &ours, &theirs, &in_time) }
}

type StateLists = BTreeMap<(HostId, ConnectionNumber), Vec<(Instant, State)>>;

fn state_lists(timeline: &Timeline, connections: &Connections) -> StateLists {
    let mut lists = StateLists::new();
    for event in &timeline.events {
        let Kind::State { connection, to, .. } = &event.kind else { continue };
        let ConnectionId { local, remote } = *connection;
        let number = connections.number(local, remote);
        lists.entry((event.host, number)).or_default().push((event.at, *to));
    }
    lists
}

/// The states of every end; those that one side only had after the horizon are left out on both.
fn states(
    left: &Timeline,
    right: &Timeline,
    ours: &Connections,
    theirs: &Connections,
    in_time: &impl Fn(Instant) -> bool,
) -> Vec<States> {
    let (mut left, mut right) = (state_lists(left, ours), state_lists(right, theirs));
    let keys: Vec<_> = left.keys().chain(right.keys()).copied().collect();
    let mut ends = BTreeMap::new();
    for key in keys {
        let (mut mine, mut other) =
            (left.remove(&key).unwrap_or_default(), right.remove(&key).unwrap_or_default());
        if mine.is_empty() && other.is_empty() {
            continue;
        }
        for (list, against) in [(&mut mine, other.len()), (&mut other, 0)] {
            let late = list.iter().position(|(at, _)| !in_time(*at)).unwrap_or(list.len());
            // What the other side had in time is not late, however slow this side was.
            list.truncate(late.max(against.min(list.len())));
        }
        let names = |list: Vec<(Instant, State)>| list.into_iter().map(|(_, state)| state).collect();
        ends.insert(key, States { host: key.0, left: names(mine), right: names(other) });
    }
    ends.into_values().collect()
}
