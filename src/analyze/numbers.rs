//! Sequence numbers that may not be known yet, side by side without padding.
//!
//! A dozen of these make up most of a connection's state. As `Option`s they would take twice the room, and
//! with many connections open the room decides the speed.

use crate::wire::SeqNumber;

/// `N` numbers, at most eight, each known or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<const N: usize> {
    values: [SeqNumber; N],
    known: u8,
}

impl<const N: usize> Default for Numbers<N> {
    fn default() -> Self {
        Numbers { values: [SeqNumber(0); N], known: 0 }
    }
}

impl<const N: usize> Numbers<N> {
    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<SeqNumber> {
        (self.known >> place & 1 == 1).then_some(self.values[place])
    }

    #[inline]
    pub(super) fn set(&mut self, place: usize, number: SeqNumber) {
        self.values[place] = number;
        self.known |= 1 << place;
    }

    #[inline]
    pub(super) fn put(&mut self, place: usize, number: Option<SeqNumber>) {
        match number {
            Some(number) => self.set(place, number),
            None => self.known &= !(1 << place),
        }
    }
}

/// Gives each number of a field `numbers` its name: how to read it and how to write it.
macro_rules! named {
    ($($(#[doc = $doc:literal])+ $place:literal $get:ident $set:ident;)+) => {
        $(
            $(#[doc = $doc])+
            #[inline]
            pub(super) fn $get(&self) -> Option<SeqNumber> {
                self.numbers.get($place)
            }

            #[inline]
            pub(super) fn $set(&mut self, number: impl Into<Option<SeqNumber>>) {
                self.numbers.put($place, number.into());
            }
        )+
    };
}
pub(super) use named;
