//! From addresses and ports to connections.
//!
//! Both directions have one key. The table holds no keys, only places and a mark of each key: whose place it
//! is, is looked up there, where the connection is needed anyway. So the table is small, and to find a
//! connection takes one look into memory that may be far from the processor. It is only ever looked up,
//! never walked, so the order of its entries decides nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::mix::{SEEDS, fold};
use crate::wire::{Packet, Segment};

/// Two endpoints, the lower first.
///
/// A key is read back in the very words that it was written in: the processor hands on what was just
/// written only to a read of the same width, and otherwise waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Addresses and ports of IPv4.
    V4 {
        /// The lower address in the high half.
        hosts: u64,
        /// The lower end's port in the high half.
        ports: u32,
    },
    /// Addresses and ports of IPv6.
    V6 {
        /// The lower address first.
        hosts: [u64; 4],
        /// The lower end's port in the high half.
        ports: u32,
    },
}

const fn pack(low: u16, high: u16) -> u32 {
    (low as u32) << 16 | high as u32
}

impl Key {
    /// The packet's key, and whether its source is the lower endpoint.
    #[inline]
    pub(super) fn of(packet: &Packet<&[u8]>, segment: &Segment) -> (Key, bool) {
        let (from, to) = (segment.src_port, segment.dst_port);
        if let (IpAddr::V4(src), IpAddr::V4(dst)) = (packet.ip.src, packet.ip.dst) {
            let (src, dst) = (u64::from(src.to_bits()), u64::from(dst.to_bits()));
            let forward = (src << 16 | u64::from(from)) <= (dst << 16 | u64::from(to));
            let (low, high) = if forward { (src, dst) } else { (dst, src) };
            let ports = if forward { pack(from, to) } else { pack(to, from) };
            return (Key::V4 { hosts: low << 32 | high, ports }, forward);
        }
        Key::of_v6(packet, from, to)
    }

    #[inline(never)]
    fn of_v6(packet: &Packet<&[u8]>, from: u16, to: u16) -> (Key, bool) {
        let bits = |addr| match addr {
            IpAddr::V4(addr) => u128::from(addr.to_bits()),
            IpAddr::V6(addr) => addr.to_bits(),
        };
        let (src, dst) = (bits(packet.ip.src), bits(packet.ip.dst));
        let forward = (src, from) <= (dst, to);
        let (low, high) = if forward { (src, dst) } else { (dst, src) };
        let ports = if forward { pack(from, to) } else { pack(to, from) };
        let hosts = [(low >> 64) as u64, low as u64, (high >> 64) as u64, high as u64];
        (Key::V6 { hosts, ports }, forward)
    }

    /// The key's mark.
    #[inline]
    pub(super) fn mark(&self) -> u32 {
        let mixed = match *self {
            Key::V4 { hosts, ports } => fold(hosts ^ SEEDS[0], u64::from(ports) ^ SEEDS[1]),
            Key::V6 { hosts: [a, b, c, d], ports } => {
                fold(fold(a ^ SEEDS[0], b ^ SEEDS[1]) ^ u64::from(ports), fold(c ^ SEEDS[2], d ^ SEEDS[0]))
            }
        };
        mixed as u32
    }

    /// Both endpoints, the lower first.
    pub(super) fn ends(&self) -> [SocketAddr; 2] {
        let (low, high, ports): (IpAddr, IpAddr, u32) = match *self {
            Key::V4 { hosts, ports } => {
                let addr = |bits| Ipv4Addr::from_bits(bits).into();
                (addr((hosts >> 32) as u32), addr(hosts as u32), ports)
            }
            Key::V6 { hosts: [a, b, c, d], ports } => {
                let addr =
                    |high: u64, low: u64| Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low));
                (addr(a, b).into(), addr(c, d).into(), ports)
            }
        };
        [SocketAddr::new(low, (ports >> 16) as u16), SocketAddr::new(high, ports as u16)]
    }
}

/// A place for each key, by the key's mark: a hash table with open addressing, of which at most `FULL` in eight
/// slots are taken. Where it is searched at every packet there should be few: each slot that is looked at beyond
/// the first is a guess of the processor's that went wrong.
///
/// An octet of each mark stands apart from the slots: most of what is not there is missed in these few octets,
/// and where a new one may stand is found there, so that the slots themselves are seldom waited for.
#[derive(Debug)]
pub(super) struct Table<const FULL: usize> {
    /// [`FREE`], or the mark's [`tag`].
    tags: Vec<u8>,
    slots: Vec<Slot>,
    taken: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    mark: u32,
    place: u32,
}

/// The tag of a slot that no key has.
const FREE: u8 = 0;

/// The mark's upper octet; the lower ones tell where it stands.
#[inline]
const fn tag(mark: u32) -> u8 {
    let tag = (mark >> 24) as u8;
    if tag == FREE { 1 } else { tag }
}

impl<const FULL: usize> Default for Table<FULL> {
    fn default() -> Self {
        Table { tags: vec![FREE; 1024], slots: vec![Slot::default(); 1024], taken: 0 }
    }
}

impl<const FULL: usize> Table<FULL> {
    /// The place of the key with this mark, of which `is_it` says whether a place is its.
    #[inline]
    pub(super) fn get(&self, mark: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let wanted = tag(mark);
        let mut at = self.home(mark);
        loop {
            let tag = self.tag(at);
            if tag == wanted {
                let slot = self.slot(at);
                if slot.mark == mark && is_it(slot.place) {
                    return Some(slot.place);
                }
            } else if tag == FREE {
                return None;
            }
            at = self.after(at);
        }
    }

    /// Takes in a key that is not there yet.
    pub(super) fn insert(&mut self, mark: u32, place: u32) {
        if (self.taken + 1) * 8 > self.slots.len() * FULL {
            self.grow();
        }
        self.taken += 1;
        self.put(Slot { mark, place });
    }

    #[cold]
    fn grow(&mut self) {
        let len = self.slots.len() * 2;
        let tags = std::mem::replace(&mut self.tags, vec![FREE; len]);
        let slots = std::mem::replace(&mut self.slots, vec![Slot::default(); len]);
        let taken = tags.iter().zip(slots).filter(|(tag, _)| **tag != FREE);
        taken.for_each(|(_, slot)| self.put(slot));
    }

    /// Forgets the key with this mark and place, if it is there.
    pub(super) fn remove(&mut self, mark: u32, place: u32) {
        let mut hole = self.home(mark);
        loop {
            match self.tag(hole) {
                FREE => return,
                found if found == tag(mark) && self.slot(hole).place == place => break,
                _ => hole = self.after(hole),
            }
        }
        self.taken -= 1;
        // What stands behind the hole moves up, unless that would put it before its home.
        let mut at = hole;
        loop {
            at = self.after(at);
            if self.tag(at) == FREE {
                break;
            }
            let slot = self.slot(at);
            if self.steps(self.home(slot.mark), at) >= self.steps(hole, at) {
                self.set(hole, tag(slot.mark), slot);
                hole = at;
            }
        }
        self.set(hole, FREE, Slot::default());
    }

    fn put(&mut self, slot: Slot) {
        let mut at = self.home(slot.mark);
        while self.tag(at) != FREE {
            at = self.after(at);
        }
        self.set(at, tag(slot.mark), slot);
    }

    #[inline]
    fn tag(&self, at: usize) -> u8 {
        self.tags.get(at).copied().unwrap_or(FREE)
    }

    #[inline]
    fn slot(&self, at: usize) -> Slot {
        self.slots.get(at).copied().unwrap_or_default()
    }

    fn set(&mut self, at: usize, tag: u8, slot: Slot) {
        if let (Some(tag_there), Some(there)) = (self.tags.get_mut(at), self.slots.get_mut(at)) {
            (*tag_there, *there) = (tag, slot);
        }
    }

    /// Where a key of this mark would stand if nobody were in its way. The length is a power of two.
    #[inline]
    fn home(&self, mark: u32) -> usize {
        mark as usize & (self.tags.len() - 1)
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.tags.len() - 1)
    }

    /// From `from` to `to`, round the end if need be.
    fn steps(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.tags.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Keys of few marks, so that they crowd; some of them at the end, so that they go round it.
    #[test]
    fn finds_what_is_there_and_nothing_else() {
        let mark = |key: u32| {
            if key.is_multiple_of(3) { 0xffff_fffc + key % 4 } else { fold(key.into(), SEEDS[0]) as u32 }
        };
        let mut table = Table::<5>::default();
        let mut model = BTreeMap::new();
        let mut state = 7_u32;
        for round in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = state >> 16 & 0x7ff;
            if let Some(place) = model.get(&key) {
                assert_eq!(table.get(mark(key), |found| found == *place), Some(*place));
                table.remove(mark(key), *place);
                model.remove(&key);
            } else {
                assert_eq!(table.get(mark(key), |found| found % 2048 == key), None);
                table.insert(mark(key), round * 2048 + key);
                model.insert(key, round * 2048 + key);
            }
        }
        for (key, place) in &model {
            assert_eq!(table.get(mark(*key), |found| found % 2048 == *key), Some(*place));
        }
        assert_eq!(table.taken, model.len());
    }
}
