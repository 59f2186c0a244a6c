//! Arrows between the lifelines.

use super::super::layout::{Arrow, Course, Pair, Side};
use super::super::pen::{Ink, Pen};
use super::super::wrap::wrap;
use super::label::Label;
use super::{Ladder, lifeline};
use crate::tcp::State;
use crate::time::Instant;

/// A part of an arrow, from its sender to its receiver.
#[derive(Clone, Copy)]
enum Part {
    Run(Ink, char, usize),
    Label,
    Tip,
}

/// What an arrow needs beside its label: two strokes, a blank on each side, a stroke and the tip.
const AROUND: usize = 6;

impl Ladder<'_> {
    pub(super) fn arrow(
        &self,
        lines: &mut Vec<String>,
        pair: &Pair,
        states: [State; 2],
        arrow: &Arrow<'_>,
        at: Instant,
    ) {
        let inner = self.columns.inner;
        let label = Label::of(self, arrow, inner.saturating_sub(AROUND));
        let rightwards = arrow.from == Side::Left;
        let mut parts = course(arrow, label.width(), inner);
        if !rightwards {
            parts.reverse();
        }
        let (left_at, right_at) = match (self.columns.narrow, rightwards) {
            (true, _) => (Some(at), None),
            (_, true) => (arrow.sent, arrow.arrived),
            (_, false) => (arrow.arrived, arrow.sent),
        };
        let starts = matches!(arrow.course, Course::Whole | Course::Lost | Course::Departs);
        let at_end = |side: Side| match () {
            () if starts && side == arrow.from => "●",
            () => lifeline(pair, states[side.index()]),
        };
        let mut pen = self.pen();
        self.margin(&mut pen, left_at, itoa::Buffer::new().format(arrow.id.0));
        pen.put_wide(Ink::Faint, at_end(Side::Left), 1);
        for part in parts {
            match part {
                Part::Run(ink, c, count) => pen.fill(ink, c, count),
                Part::Tip => pen.put_wide(Ink::Plain, if rightwards { "▶" } else { "◀" }, 1),
                Part::Label => write_label(&mut pen, &label),
            }
        }
        pen.reach(self.columns.right());
        pen.put_wide(Ink::Faint, at_end(Side::Right), 1);
        self.after(&mut pen, right_at);
        lines.push(pen.finish());

        let mut rest = label.rest;
        if let Some(arrived) = arrow.arrived.filter(|arrived| self.columns.narrow && *arrived != at) {
            let text = self.format("render-arrives", [("time", self.clock.tell(arrived).to_string().into())]);
            if !rest.is_empty() {
                rest.push(' ');
            }
            rest.push_str(&text);
        }
        for line in wrap(&rest, self.text_room()) {
            lines.push(self.framed(pair, states, None, None, "", |pen| {
                pen.put(Ink::Plain, "  ");
                pen.put(Ink::Faint, &line);
            }));
        }
    }
}

fn write_label(pen: &mut Pen, label: &Label) {
    pen.put(label.ink, &label.head);
    if !label.tail.is_empty() {
        pen.put(Ink::Plain, " ");
        pen.put(Ink::Plain, &label.tail);
    }
    if !label.mark.is_empty() {
        pen.put(Ink::Plain, " ");
        pen.put(Ink::Notice, &label.mark);
    }
}

/// The parts of an arrow, `inner` columns together; where there are fewer than eight, some are empty.
fn course(arrow: &Arrow<'_>, label: usize, inner: usize) -> [Part; 8] {
    let stroke = if arrow.retransmission { '╌' } else { '─' };
    let line = |count| Part::Run(Ink::Plain, stroke, count);
    let blank = |count| Part::Run(Ink::Plain, ' ', count);
    let way = |count| Part::Run(Ink::Faint, '┄', count);
    // Strokes beyond the two before the label, its blanks, and one column for what ends the arrow.
    let free = inner.saturating_sub(label + 5);
    let [one, none] = [blank(1), blank(0)];
    match arrow.course {
        Course::Whole => [line(2), one, Part::Label, one, line(free), Part::Tip, none, none],
        Course::Lost => {
            let flown = free.saturating_sub(inner / 4).max(free.min(1));
            let cross = Part::Run(Ink::Alarm, '✗', 1);
            [line(2), one, Part::Label, one, line(flown), cross, blank(free - flown), none]
        }
        Course::Departs => {
            let flown = free / 2;
            [line(2), one, Part::Label, one, line(flown), way(free - flown), one, none]
        }
        Course::Arrives | Course::Copy => {
            let flown = free / 2;
            [one, way(free - flown), line(flown), one, Part::Label, one, line(1), Part::Tip]
        }
    }
}
