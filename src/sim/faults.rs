//! Aimed faults: which packets they touch, counted, and which never touched any.

use crate::scenario::{Facts, Fault, Problem};
use crate::time::Instant;

use super::frames::FrameId;

/// The faults of a scenario at work.
#[derive(Debug)]
pub(super) struct Faults<'s> {
    all: &'s [Fault],
    /// How many packets each has matched, and whether it ever touched one.
    counts: Vec<(u32, bool)>,
    /// Frames that a `hold` keeps, and by which fault.
    held: Vec<(usize, FrameId)>,
}

impl<'s> Faults<'s> {
    pub(super) fn new(faults: &'s [Fault]) -> Self {
        Faults { all: faults, counts: vec![(0, false); faults.len()], held: Vec::new() }
    }

    /// The fault that touches a packet: each counts the packets it matches; the first that means this
    /// one touches it.
    pub(super) fn touch(&mut self, now: Instant, facts: &Facts<'_>) -> Option<(usize, &'s Fault)> {
        let mut found = None;
        for (index, (fault, (count, touched))) in self.all.iter().zip(&mut self.counts).enumerate() {
            let aims =
                fault.from.is_none_or(|from| from <= now) && fault.until.is_none_or(|until| now < until);
            if !aims || !fault.pattern.matches(facts) {
                continue;
            }
            *count += 1;
            if found.is_none() && fault.pattern.means(*count) {
                *touched = true;
                found = Some((index, fault));
            }
        }
        found
    }

    /// Keeps a frame until it is released.
    pub(super) fn hold(&mut self, fault: usize, frame: FrameId) {
        self.held.push((fault, frame));
    }

    /// The frames that a `release` lets go, in the order they were held.
    pub(super) fn release(&mut self, name: Option<&str>) -> Vec<FrameId> {
        let faults = self.all;
        let goes = |fault: usize| {
            name.is_none() || faults.get(fault).is_some_and(|fault| fault.name.as_deref() == name)
        };
        let (gone, kept) = std::mem::take(&mut self.held).into_iter().partition(|(fault, _)| goes(*fault));
        self.held = kept;
        let gone: Vec<(usize, FrameId)> = gone;
        gone.into_iter().map(|(_, frame)| frame).collect()
    }

    /// The faults that never touched a packet.
    pub(super) fn dead(&self) -> Vec<Problem> {
        self.all
            .iter()
            .zip(&self.counts)
            .filter(|(_, (_, touched))| !touched)
            .map(|(fault, (count, _))| {
                let key = if *count == 0 { "dead-fault" } else { "dead-fault-count" };
                let aimed = fault.shown.strip_prefix(fault.act_shown.as_str()).unwrap_or(&fault.shown).trim();
                Problem::new(key, fault.span.clone()).text("fault", aimed).number("count", u64::from(*count))
            })
            .collect()
    }
}
