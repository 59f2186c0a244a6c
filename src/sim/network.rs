//! What lies between the hosts: delay, bandwidth, and what a link does at random.

use std::net::IpAddr;

use rand_pcg::Pcg32;
use rand_pcg::rand_core::Rng as _;
use rustc_hash::FxHashMap;

use crate::scenario::{HostSpec, Link, Links};
use crate::time::{Duration, Instant};
use crate::timeline::HostId;

use super::frames::FrameId;

/// One direction between two hosts.
#[derive(Debug)]
pub(super) struct Lane {
    link: Link,
    random: bool,
    /// Until when earlier packets keep the line busy.
    busy_until: Instant,
    /// When the packet before arrives; the order is kept.
    last_arrival: Instant,
    /// Frames that wait to be overtaken, and by how many more.
    pub(super) waiting: Vec<(FrameId, u32)>,
}

/// A direction's place among the lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LaneId(u32);

/// All addresses and directions, and the one source of chance.
#[derive(Debug)]
pub(super) struct Network {
    links: Links,
    by_addr: FxHashMap<IpAddr, HostId>,
    lanes: Vec<Lane>,
    by_ends: FxHashMap<(HostId, HostId), LaneId>,
    /// For each host the route it used last: hosts mostly talk to one other.
    recent: Vec<Option<(IpAddr, HostId, LaneId)>>,
    rng: Pcg32,
}

/// What a link does to one packet by chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chance {
    pub(super) lost: bool,
    pub(super) corrupted: bool,
    pub(super) duplicated: bool,
    /// Overtaken by so many later packets.
    pub(super) overtaken: u32,
}

impl Network {
    pub(super) fn new(hosts: &[HostSpec], links: &Links, seed: u64) -> Self {
        let mut by_addr = FxHashMap::default();
        for (index, host) in hosts.iter().enumerate() {
            by_addr.extend(host.addrs.iter().map(|addr| (*addr, HostId(index as u16))));
        }
        Network {
            links: links.clone(),
            by_addr,
            lanes: Vec::new(),
            by_ends: FxHashMap::default(),
            recent: vec![None; hosts.len()],
            // The stream is fixed: one seed, one sequence.
            rng: Pcg32::new(seed, 0x5eed),
        }
    }

    /// The host that has an address.
    pub(super) fn host_of(&self, addr: IpAddr) -> Option<HostId> {
        self.by_addr.get(&addr).copied()
    }

    /// Who gets what a host sends to an address, and over which lane.
    pub(super) fn route(&mut self, from: HostId, dst: IpAddr) -> Option<(HostId, LaneId)> {
        if let Some(Some((addr, to, lane))) = self.recent.get(from.0 as usize)
            && *addr == dst
        {
            return Some((*to, *lane));
        }
        let to = self.host_of(dst)?;
        let lane = self.lane_between(from, to);
        if let Some(recent) = self.recent.get_mut(from.0 as usize) {
            *recent = Some((dst, to, lane));
        }
        Some((to, lane))
    }

    fn lane_between(&mut self, from: HostId, to: HostId) -> LaneId {
        let (lanes, links) = (&mut self.lanes, &self.links);
        *self.by_ends.entry((from, to)).or_insert_with(|| {
            let link = *links.between(from, to);
            lanes.push(Lane {
                link,
                random: link.is_random(),
                busy_until: Instant::ZERO,
                last_arrival: Instant::ZERO,
                waiting: Vec::new(),
            });
            LaneId((lanes.len() - 1) as u32)
        })
    }

    /// The lane at this place.
    pub(super) fn lane(&mut self, lane: LaneId) -> &mut Lane {
        &mut self.lanes[lane.0 as usize]
    }

    /// What happens to a packet by chance.
    pub(super) fn chance(&mut self, lane: LaneId) -> Chance {
        let lane = self.lane(lane);
        if !lane.random {
            return Chance::default();
        }
        let link = lane.link;
        let mut happens = |chance: f64| chance > 0.0 && unit(&mut self.rng) < chance;
        let (lost, corrupted) = (happens(link.loss), happens(link.corrupt));
        let (duplicated, overtaken) = (happens(link.duplicate), happens(link.reorder));
        let overtaken = if overtaken { 1 + self.rng.next_u32() % 3 } else { 0 };
        Chance { lost, corrupted, duplicated, overtaken }
    }

    /// When a packet of so many octets, sent now, arrives.
    pub(super) fn arrival(&mut self, lane: LaneId, now: Instant, octets: usize) -> Instant {
        let jitter = self.lane(lane).link.jitter;
        let extra = if jitter > Duration::ZERO {
            Duration::from_nanos((unit(&mut self.rng) * jitter.as_nanos() as f64) as u64)
        } else {
            Duration::ZERO
        };
        let lane = self.lane(lane);
        let mut leaves = now;
        if let Some(bandwidth) = lane.link.bandwidth {
            let nanos = octets as u128 * 8 * 1_000_000_000 / u128::from(bandwidth.max(1));
            leaves =
                lane.busy_until.max(now) + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
            lane.busy_until = leaves;
        }
        lane.last_arrival = (leaves + lane.link.delay + extra).max(lane.last_arrival);
        lane.last_arrival
    }

    /// How long a packet waits to be overtaken when nobody comes: long enough for an answer's answer.
    pub(super) fn patience(&mut self, lane: LaneId) -> Duration {
        self.lane(lane).link.delay.saturating_mul(4).max(Duration::from_millis(200))
    }

    /// A number below `bound`.
    pub(super) fn pick(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { self.rng.next_u32() as usize % bound }
    }
}

/// A number from 0 up to, but not including, 1.
fn unit(rng: &mut Pcg32) -> f64 {
    f64::from(rng.next_u32()) / (f64::from(u32::MAX) + 1.0)
}
