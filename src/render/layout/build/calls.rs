//! Calls and timers: where their beginnings and ends are told.

use super::Builder;
use crate::render::layout::{Item, Row, Side, What, Words};
use crate::tcp::State;
use crate::time::{Duration, Instant};
use crate::timeline::{
    Action, Call, ConnectionId, Event, Evidence, HostId, Operation, Outcome, SocketId, Step, TimerName,
};

/// A call that takes no longer has not waited for anything worth showing.
const QUICK: Duration = Duration::from_millis(5);

impl<'a> Builder<'a> {
    pub(super) fn call(
        &mut self,
        event: &Event,
        (pair, side): (usize, Side),
        before: [State; 2],
        call: &'a Call,
        words: Option<Words>,
    ) {
        let Step::Returned(outcome) = &call.step else {
            let item = Item::Call { call, returned: None };
            self.calling.insert((event.host, call.socket));
            self.local(event, pair, side, before, Some(item), words);
            return;
        };
        let was_shown = self.calling.remove(&(event.host, call.socket));
        let item = Item::Call { call, returned: Some(outcome) };
        let place = self.own_items(event, pair, side).and_then(|(items, above)| {
            // A call that comes back as a segment leaves was let go by what the row above it tells.
            let completed = complete(items, call.socket, outcome);
            (completed || above).then_some((items, completed, above))
        });
        // Words do not follow a call up past a segment; the row up there has words of its own.
        let is_failure = matches!(outcome, Outcome::Failed(_) | Outcome::FailedWith(_));
        let fits_here = is_failure || !matches!(place, Some((.., true)));
        let placed = match place {
            Some((_, true, _)) => true,
            Some((items, false, _)) => {
                items.push(item);
                true
            }
            None => false,
        };
        let observed = event.evidence == Evidence::Observed;
        let told = placed || observed && was_shown && self.needs_no_row(event, pair, side, call, outcome);
        if !told {
            let item = Item::Call { call, returned: Some(outcome) };
            self.local(event, pair, side, before, Some(item), None);
        }
        // What a failure means is said only where no end of the connection has said it.
        let said = self.last_local(event, pair, side).is_some_and(|row| {
            let What::Local { items, .. } = &row.what else { return false };
            items.iter().any(|item| matches!(item, Item::State { to: State::Closed, .. }))
        });
        self.say(event, pair, side, before, words.filter(|_| fits_here && !said));
    }

    /// The items of this end's latest row at this instant, and whether segments it sent stand below it.
    fn own_items(&mut self, event: &Event, pair: usize, side: Side) -> Option<(&mut Vec<Item<'a>>, bool)> {
        let here = |row: &Row<'_>| row.pair == pair && row.at == event.at;
        let is_sent = |row: &Row<'_>| matches!(&row.what, What::Arrow(arrow) if arrow.from == side);
        let sent = self.rows.iter().rev().take_while(|row| here(row) && is_sent(row)).count();
        let row = self.rows.iter_mut().nth_back(sent).filter(|row| here(row))?;
        match &mut row.what {
            What::Local { side: other, items } if *other == side && !items.is_empty() => {
                Some((items, sent > 0))
            }
            _ => None,
        }
    }

    /// Real calls take a while. One that came back before anything else happened is shown in one piece; one
    /// that came back later and has nothing to tell is not shown again.
    fn needs_no_row(
        &mut self,
        event: &Event,
        pair: usize,
        side: Side,
        call: &Call,
        outcome: &'a Outcome,
    ) -> bool {
        let last = self.rows.last_mut().filter(|row| row.pair == pair && event.at.since(row.at) <= QUICK);
        if let Some(Row { what: What::Local { side: other, items }, .. }) = last
            && *other == side
            && complete(items, call.socket, outcome)
        {
            return true;
        }
        let waits = matches!(call.operation, Operation::Connect(_) | Operation::Accept);
        match (&call.operation, outcome) {
            (_, Outcome::Done) => !waits,
            (Operation::Send { len } | Operation::SendTo { len, .. }, Outcome::Value(sent)) => {
                i64::from(*len) == *sent
            }
            _ => false,
        }
    }

    /// What to show of a timer.
    pub(super) fn timer(
        &mut self,
        key: (HostId, ConnectionId, TimerName),
        at: Instant,
        action: Action,
    ) -> Option<Item<'a>> {
        let timer = key.2;
        match action {
            Action::Set(after) => {
                self.timers.insert(key, (at, after));
                let shown = matches!(timer, TimerName::TimeWait | TimerName::FinWait2);
                shown.then_some(Item::TimerSet(timer, after))
            }
            Action::Fired => {
                // A source that set it anew without saying so leaves the span unknown.
                let set = self.timers.remove(&key);
                let after = set.filter(|(from, after)| *from + *after == at).map(|(_, after)| after);
                (timer != TimerName::DelayedAck).then_some(Item::TimerFired(timer, after))
            }
            Action::Stopped => None,
        }
    }
}

/// Fills in the result of a call that was entered among these items.
fn complete<'a>(items: &mut [Item<'a>], socket: SocketId, outcome: &'a Outcome) -> bool {
    let open = items.iter_mut().rev().find_map(|item| match item {
        Item::Call { call, returned: returned @ None } if call.socket == socket => Some(returned),
        _ => None,
    });
    open.map(|returned| *returned = Some(outcome)).is_some()
}
