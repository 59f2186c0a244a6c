//! What happens to a packet on the wire: the scenario's faults, aimed with the simulator's own
//! matcher, and what its links do to everybody.

use std::net::IpAddr;

use bytes::Bytes;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;

use super::wire::ETHERNET;
use crate::scenario::{Act, Facts, Fault, Link, Links, Scenario};
use crate::time::{Duration, Instant};
use crate::timeline::{HostId, LossCause, PacketId};
use crate::wire::{Packet, SeqNumber};

/// A packet on its way.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    /// Its number.
    pub id: PacketId,
    /// The host it left, or claims to have left.
    pub from: HostId,
    /// The host it goes to; `None` when nobody has its destination address.
    pub to: Option<HostId>,
    /// When it left.
    pub at: Instant,
    /// The packet.
    pub packet: Packet,
    /// The packet with the numbers that the scenario counts in.
    pub written: Packet,
    /// Whether it repeats numbers sent before.
    pub retransmission: bool,
    /// The initial sequence numbers of its sender and of its receiver.
    pub isns: (Option<SeqNumber>, Option<SeqNumber>),
}

/// One copy of a packet that will arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    /// How long after it left.
    pub delay: Duration,
    /// The bit of the frame that flips on the way.
    pub flipped: Option<usize>,
}

/// What becomes of a packet.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    /// It is lost.
    pub lost: Option<LossCause>,
    /// The copies that arrive.
    pub copies: Vec<Copy>,
    /// It is kept, until others have overtaken it or somebody releases it.
    pub held: bool,
    /// The fault that touched it, as written.
    pub fault: Option<String>,
    /// What that fault does, as written.
    pub act: Option<String>,
}

/// A packet that is kept back.
#[derive(Clone, Debug)]
struct Held {
    passage: Passage,
    bytes: Bytes,
    /// The fault that keeps it.
    fault: usize,
    /// How many packets of its direction must still overtake it; `None` waits for a release.
    overtakers: Option<u32>,
    /// When it goes on even if nobody has overtaken it.
    patience: Option<Instant>,
}

/// Faults with their counts, links with their chances.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    aims: Vec<Fault>,
    /// How many packets each fault's pattern has matched.
    matched: Vec<u32>,
    /// How many packets each fault has touched.
    touched: Vec<u32>,
    links: Links,
    addrs: Vec<Vec<IpAddr>>,
    /// The first initial sequence number of each host, as the scenario gives it.
    isns: Vec<Option<u32>>,
    /// When the script began.
    origin: Instant,
    chance: Pcg64Mcg,
    /// Until when the bandwidth of each direction is taken.
    busy: Vec<(HostId, HostId, Instant)>,
    held: Vec<Held>,
    /// The fault that decided last, so that a packet it keeps is kept in its name.
    keeper: Option<(usize, Option<u32>)>,
}

impl Faults {
    /// The faults and links of a scenario that begins at `origin`.
    pub(super) fn of(scenario: &Scenario, seed: u64, origin: Instant) -> Faults {
        let count = scenario.faults.len();
        Faults {
            aims: scenario.faults.clone(),
            matched: vec![0; count],
            touched: vec![0; count],
            links: scenario.links.clone(),
            addrs: scenario.hosts.iter().map(|host| host.addrs.clone()).collect(),
            isns: scenario.hosts.iter().map(|host| host.isn).collect(),
            origin,
            chance: Pcg64Mcg::new(u128::from(seed) << 1 | 1),
            busy: Vec::new(),
            held: Vec::new(),
            keeper: None,
        }
    }

    /// The script begins at `origin`.
    pub(super) fn begin_at(&mut self, origin: Instant) {
        self.origin = origin;
    }

    /// The host that has an address.
    pub(super) fn host_of(&self, addr: IpAddr) -> Option<HostId> {
        self.addrs.iter().position(|addrs| addrs.contains(&addr)).map(|index| HostId(index as u16))
    }

    /// The first initial sequence number of the host with this address, as the scenario gives it.
    pub(super) fn first_isn(&self, addr: IpAddr) -> Option<u32> {
        let host = self.host_of(addr)?;
        self.isns.get(host.0 as usize).copied().flatten()
    }

    /// The faults that never touched a packet.
    pub(super) fn dead(&self) -> impl Iterator<Item = &Fault> {
        self.aims.iter().zip(&self.touched).filter(|(_, touched)| **touched == 0).map(|(fault, _)| fault)
    }

    /// Decides about a packet that has just left its host.
    pub(super) fn fate(&mut self, passage: &Passage) -> Fate {
        self.keeper = None;
        let Some(to) = passage.to else {
            return Fate { lost: Some(LossCause::NoRoute), ..Fate::default() };
        };
        let link = *self.links.between(passage.from, to);
        let Some(index) = self.aimed(passage) else { return self.at_random(passage, to, &link) };
        let Some(fault) = self.aims.get(index) else { return Fate::default() };
        let (act, shown) = (fault.act, fault.shown.clone());
        let mut fate =
            Fate { fault: Some(shown.clone()), act: Some(fault.act_shown.clone()), ..Fate::default() };
        let on_time = Copy { delay: self.transit(passage, to, &link), flipped: None };
        match act {
            Act::Lose => fate.lost = Some(LossCause::Fault(shown.into())),
            Act::Delay(more) => fate.copies.push(Copy { delay: on_time.delay + more, flipped: None }),
            Act::Duplicate { copies, after } => {
                fate.copies = (0..=u64::from(copies))
                    .map(|number| Copy { delay: on_time.delay + after.saturating_mul(number), flipped: None })
                    .collect();
            }
            Act::Corrupt => {
                let flipped = Some(last_bit(&passage.packet));
                fate.copies.push(Copy { flipped, ..on_time });
            }
            Act::Reorder(overtakers) => {
                fate.held = true;
                self.keeper = Some((index, Some(overtakers)));
            }
            Act::Hold => {
                fate.held = true;
                self.keeper = Some((index, None));
            }
        }
        fate
    }

    /// Keeps a packet back, as its fate said.
    pub(super) fn hold(&mut self, passage: &Passage, bytes: Bytes) {
        if let Some((fault, overtakers)) = self.keeper.take() {
            let delay = self.links.between(passage.from, passage.to.unwrap_or(passage.from)).delay;
            // Long enough for an answer's answer, as in the simulator.
            let patience = delay.saturating_mul(4).max(Duration::from_millis(200));
            let patience = overtakers.map(|_| passage.at + patience);
            self.held.push(Held { passage: passage.clone(), bytes, fault, overtakers, patience });
        }
    }

    /// When the next packet that nobody overtakes goes on.
    pub(super) fn next_overdue(&self) -> Option<Instant> {
        self.held.iter().filter_map(|held| held.patience).min()
    }

    /// The packets that have waited long enough to be overtaken.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<(Passage, Bytes, String)> {
        let late = |held: &Held| held.patience.is_some_and(|patience| patience <= now);
        let (late, kept): (Vec<Held>, Vec<Held>) = std::mem::take(&mut self.held).into_iter().partition(late);
        self.held = kept;
        late.into_iter().map(|held| (held.passage, held.bytes, self.shown(held.fault))).collect()
    }

    /// The packets that enough others have overtaken, now that `passage` went by: each with its frame
    /// and the fault that kept it.
    pub(super) fn overtaken(&mut self, passage: &Passage) -> Vec<(Passage, Bytes, String)> {
        let direction = |other: &Passage| (other.from, other.to) == (passage.from, passage.to);
        let mut ready = Vec::new();
        for held in std::mem::take(&mut self.held) {
            let mut held = held;
            if direction(&held.passage) && held.passage.id != passage.id {
                held.overtakers = held.overtakers.map(|left| left.saturating_sub(1));
            }
            if held.overtakers == Some(0) {
                ready.push(held);
            } else {
                self.held.push(held);
            }
        }
        ready.into_iter().map(|held| (held.passage, held.bytes, self.shown(held.fault))).collect()
    }

    /// The packets that the fault of this name keeps, or all faults.
    pub(super) fn release(&mut self, name: Option<&str>) -> Vec<(Passage, Bytes, String)> {
        let aims = &self.aims;
        let wanted = |held: &Held| {
            let kept_by = aims.get(held.fault).and_then(|fault| fault.name.as_deref());
            name.is_none() || kept_by == name
        };
        let (free, kept) = std::mem::take(&mut self.held).into_iter().partition(wanted);
        self.held = kept;
        let free: Vec<Held> = free;
        free.into_iter().map(|held| (held.passage, held.bytes, self.shown(held.fault))).collect()
    }

    fn shown(&self, fault: usize) -> String {
        self.aims.get(fault).map(|fault| fault.shown.clone()).unwrap_or_default()
    }

    /// The first fault that aims at the packet. Every pattern counts it.
    fn aimed(&mut self, passage: &Passage) -> Option<usize> {
        let facts = Facts {
            from: passage.from,
            to: passage.to,
            ip: &passage.packet.ip,
            transport: &passage.written.transport,
            payload: &passage.written.payload,
            retransmission: passage.retransmission,
            isns: passage.isns,
        };
        let at = passage.at.since(self.origin);
        let mut chosen = None;
        for (index, fault) in self.aims.iter().enumerate() {
            let starts = fault.from.is_none_or(|from| from.since(Instant::ZERO) <= at);
            let lasts = fault.until.is_none_or(|until| at < until.since(Instant::ZERO));
            if !(starts && lasts && fault.pattern.matches(&facts)) {
                continue;
            }
            let Some(matched) = self.matched.get_mut(index) else { continue };
            *matched += 1;
            if chosen.is_none() && fault.pattern.means(*matched) {
                chosen = Some(index);
            }
        }
        if let Some(touched) = chosen.and_then(|index| self.touched.get_mut(index)) {
            *touched += 1;
        }
        chosen
    }

    /// What the link does to any packet.
    fn at_random(&mut self, passage: &Passage, to: HostId, link: &Link) -> Fate {
        let mut fate = Fate::default();
        if self.happens(link.loss) {
            fate.lost = Some(LossCause::Random);
            return fate;
        }
        let mut delay = self.transit(passage, to, link);
        if self.happens(link.reorder) {
            // Late by one more transit: the next packets overtake it.
            delay = delay + link.delay;
        }
        let flipped = self.happens(link.corrupt).then(|| last_bit(&passage.packet));
        fate.copies.push(Copy { delay, flipped });
        if self.happens(link.duplicate) {
            fate.copies.push(Copy { delay, flipped: None });
        }
        fate
    }

    /// How long a packet that left now is on the way: delay, jitter, and the wait for the ones before.
    fn transit(&mut self, passage: &Passage, to: HostId, link: &Link) -> Duration {
        let mut delay = link.delay;
        if link.jitter > Duration::ZERO {
            let nanos = self.chance.next_u64() % (link.jitter.as_nanos() + 1);
            delay = delay + Duration::from_nanos(nanos);
        }
        let Some(rate) = link.bandwidth.filter(|rate| *rate > 0) else { return delay };
        let bits = (u64::from(passage.packet.ip.total_len) + ETHERNET as u64) * 8;
        let takes = Duration::from_nanos(bits.saturating_mul(1_000_000_000) / rate);
        let direction = (passage.from, to);
        let place = self.busy.iter().position(|(from, to, _)| (*from, *to) == direction);
        let free = place.and_then(|place| self.busy.get(place)).map_or(passage.at, |(.., until)| *until);
        let until = free.max(passage.at) + takes;
        match place.and_then(|place| self.busy.get_mut(place)) {
            Some(entry) => entry.2 = until,
            None => self.busy.push((direction.0, direction.1, until)),
        }
        until.since(passage.at) + delay
    }

    fn happens(&mut self, chance: f64) -> bool {
        // 53 random bits: every double from 0 to 1 that has so many.
        chance > 0.0 && ((self.chance.next_u64() >> 11) as f64) < chance * (1_u64 << 53) as f64
    }
}

/// The last bit of the frame: of the text where there is some, else of the transport header.
fn last_bit(packet: &Packet) -> usize {
    (ETHERNET + packet.ip.total_len as usize) * 8 - 1
}
