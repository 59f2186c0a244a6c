//! From one host to another: routing, aimed faults, chance, the time it takes, and the arrival.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::scenario::{Act, Facts, Fault, Isns};
use crate::tcp::Rule;
use crate::time::Duration;
use crate::timeline::{HostId, Kind, LossCause, Note, PacketId};
use crate::wire::{self, Defect, Packet, Transport};

use super::frames::{Frame, FrameId};
use super::queue::Due;
use super::simulation::Simulation;

impl<'s> Simulation<'s> {
    /// Puts a frame on its way.
    pub(super) fn dispatch(&mut self, id: FrameId, dst: IpAddr) {
        let route = self.network.route(self.frames.get(id).from, dst);
        let fault = if self.aims { self.aim(id, route.map(|(to, _)| to)) } else { None };
        let Some((to, lane)) = route else { return self.lose(id, LossCause::NoRoute) };
        let frame = self.frames.get_mut(id);
        (frame.to, frame.lane) = (to, lane);
        match fault {
            Some((index, fault)) => self.suffer(id, index, fault),
            None => self.chance(id),
        }
    }

    /// Shows a frame to those who aim at packets: the script's conditions and the faults.
    fn aim(&mut self, id: FrameId, to: Option<HostId>) -> Option<(usize, &'s Fault)> {
        let frame = self.frames.get(id);
        let packet = wire::decode_ip(frame.octets(self.journal.as_ref())).ok()?;
        if let Some(isns) = &mut self.isns {
            isns.observe(packet.src(), packet.dst(), &packet.transport);
        }
        let facts = facts(self.isns.as_ref(), frame, to, &packet);
        self.script.sent(self.now, &facts, &mut self.queue);
        self.faults.touch(self.now, &facts)
    }

    /// What an aimed fault does.
    fn suffer(&mut self, id: FrameId, index: usize, fault: &'s Fault) {
        if fault.act == Act::Lose {
            return self.lose(id, LossCause::Fault(Cow::Owned(fault.shown.clone())));
        }
        let frame = self.frames.get(id);
        let (packet, from) = (frame.id, frame.from);
        if self.journal.is_some() {
            let (fault, act) = (Cow::Owned(fault.shown.clone()), Cow::Owned(fault.act_shown.clone()));
            self.record(from, Kind::Note(Note::FaultTouched { id: packet, fault, act }));
        }
        match fault.act {
            Act::Lose => {}
            Act::Delay(delay) => self.schedule(id, delay),
            Act::Duplicate { copies, after } => {
                for copy in 1..=copies {
                    let copied = self.frames.copy(id);
                    if copy == 1 {
                        self.schedule(id, Duration::ZERO);
                    }
                    self.schedule(copied, after.saturating_mul(u64::from(copy)));
                }
            }
            Act::Reorder(overtakers) => self.wait_for_overtakers(id, overtakers),
            Act::Corrupt => {
                self.damage(id);
                self.schedule(id, Duration::ZERO);
            }
            Act::Hold => self.faults.hold(index, id),
        }
    }

    /// What the link does by chance.
    fn chance(&mut self, id: FrameId) {
        let chance = self.network.chance(self.frames.get(id).lane);
        if chance.lost {
            return self.lose(id, LossCause::Random);
        }
        let copy = chance.duplicated.then(|| self.frames.copy(id));
        if chance.corrupted {
            self.damage(id);
        }
        if chance.overtaken > 0 {
            self.wait_for_overtakers(id, chance.overtaken);
        } else {
            self.schedule(id, Duration::ZERO);
        }
        if let Some(copy) = copy {
            self.schedule(copy, Duration::ZERO);
        }
    }

    /// One bit flips: in the text if there is any, else in the window field, so that the segment is
    /// still recognized and only its checksum tells.
    fn damage(&mut self, id: FrameId) {
        let octets = self.frames.get(id).octets(self.journal.as_ref());
        let Ok(packet) = wire::decode_ip(octets) else { return };
        let text = packet.payload.len();
        let place = if text > 0 {
            octets.len() - text + self.network.pick(text)
        } else {
            let ip_header = if packet.ip.src.is_ipv4() { 20 } else { 40 };
            ip_header + if packet.segment().is_some() { 14 } else { 6 }
        };
        let bit = self.network.pick(8);
        let frame = self.frames.get_mut(id);
        if let Some(octet) = frame.damage(self.journal.as_ref()).get_mut(place) {
            *octet ^= 1 << bit;
        }
    }

    /// Plans the arrival of a frame, `extra` later than the link alone would bring it.
    fn schedule(&mut self, id: FrameId, extra: Duration) {
        let frame = self.frames.get(id);
        let (lane, octets) = (frame.lane, frame.octets(self.journal.as_ref()).len());
        let at = self.network.arrival(lane, self.now, octets) + extra;
        self.queue.push(at, Due::Arrival(id));
        let lane = self.network.lane(lane);
        if lane.waiting.is_empty() {
            return;
        }
        // This frame overtakes those that wait; the ones overtaken often enough follow right behind it.
        lane.waiting.iter_mut().for_each(|(_, left)| *left -= 1);
        let mut done = Vec::new();
        lane.waiting.retain(|(waiting, left)| {
            if *left == 0 {
                done.push(*waiting);
            }
            *left > 0
        });
        for frame in done {
            self.queue.push(at, Due::Arrival(frame));
        }
    }

    fn wait_for_overtakers(&mut self, id: FrameId, overtakers: u32) {
        if overtakers == 0 {
            return self.schedule(id, Duration::ZERO);
        }
        let frame = self.frames.get(id);
        let (lane, packet) = (frame.lane, frame.id);
        let patience = self.network.patience(lane);
        self.network.lane(lane).waiting.push((id, overtakers));
        self.queue.push(self.now + patience, Due::Overdue(id, packet));
    }

    /// A frame has waited long enough to be overtaken.
    pub(super) fn overdue(&mut self, id: FrameId, packet: PacketId) {
        let frame = self.frames.get(id);
        if frame.id != packet {
            return;
        }
        let lane = self.network.lane(frame.lane);
        let before = lane.waiting.len();
        lane.waiting.retain(|(waiting, _)| *waiting != id);
        if lane.waiting.len() < before {
            self.queue.push(self.now, Due::Arrival(id));
        }
    }

    /// Lets frames go that a `hold` kept.
    pub(super) fn release(&mut self, fault: Option<&str>) {
        for id in self.faults.release(fault) {
            self.schedule(id, Duration::ZERO);
        }
    }

    /// A frame is lost.
    fn lose(&mut self, id: FrameId, cause: LossCause) {
        if self.journal.is_some() {
            let frame = self.frames.get(id);
            let (packet_id, from) = (frame.id, frame.from);
            if let Ok(packet) = wire::decode_ip(frame.octets(self.journal.as_ref())) {
                let packet = packet.to_owned();
                self.record(from, Kind::Lost { id: packet_id, packet, cause });
            }
        }
        self.frames.give_back(id);
    }

    /// A frame reaches its host.
    pub(super) fn arrive(&mut self, id: FrameId) {
        let now = self.now;
        let frame = self.frames.get(id);
        let host = frame.to;
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        if !station.up {
            return self.lose(id, LossCause::HostDown);
        }
        let decoded = wire::decode_ip(frame.octets(self.journal.as_ref()));
        // Lent, not moved: a packet is large.
        let Ok(packet) = &decoded else { return self.lose(id, LossCause::Corrupted) };
        let rule = match &packet.transport {
            Transport::Tcp(_) => station.tcp.on_packet(now, packet).map(|verdict| verdict.rule),
            Transport::Udp(_) if packet.defects.contains(Defect::BadChecksum) => {
                Some(Rule::BadChecksumDropped)
            }
            Transport::Udp(_) => {
                let octets = packet.payload.len() as u32;
                if let Some(name) = station.udp.deliver(packet.src(), packet.dst(), octets) {
                    station.wake(name);
                }
                None
            }
            Transport::Other { .. } => None,
        };
        if self.aims && self.script.awaits_arrivals() {
            let facts = facts(self.isns.as_ref(), frame, Some(host), packet);
            self.script.arrived(now, &facts, &mut self.queue);
        }
        if let Some(journal) = &mut self.journal {
            let kept = frame.kept(journal);
            journal.arrived(station.moment(now), frame.id, kept, rule);
        }
        self.frames.give_back(id);
        self.settle(host);
    }
}

/// What those who aim at packets want to know of one.
fn facts<'a>(
    isns: Option<&Isns>,
    frame: &Frame,
    to: Option<HostId>,
    packet: &'a Packet<&'a [u8]>,
) -> Facts<'a> {
    Facts {
        from: frame.from,
        to,
        ip: &packet.ip,
        transport: &packet.transport,
        payload: packet.payload,
        retransmission: frame.retransmission,
        isns: isns.map_or((None, None), |isns| isns.of(packet.src(), packet.dst())),
    }
}
