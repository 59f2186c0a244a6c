//! A timeline as a capture file, each packet with a comment that says what it is.
//!
//! The tap stands in front of each receiver: a packet is captured when it arrives, one that is lost at
//! the moment it is lost, one that was still on its way when the timeline ended at the moment it was
//! sent. So a copy made by the network is captured as often as it arrived, and what was delayed or
//! overtaken is captured in the order in which it came. Frames are raw IP, times are the timeline's.

use std::collections::BTreeMap;
use std::io::{self, Write};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::Catalog;
use crate::timeline::explain::Explainer;
use crate::timeline::{Event, Kind, LossCause, Note, PacketId, Timeline};
use crate::wire::capture::PcapngWriter;
use crate::wire::{LinkType, Packet, Transport, encode_ip};

/// Writes the timeline's packets, with comments in the catalogue's language.
///
/// # Errors
/// When writing fails.
pub fn write(timeline: &Timeline, catalog: &Catalog, out: impl Write) -> io::Result<()> {
    let mut file = PcapngWriter::new(out)?;
    let interface = file.add_interface(LinkType::RawIp, "handshake")?;
    let ended: FxHashSet<PacketId> = timeline.events.iter().filter_map(end_of_a_packet).collect();
    let mut words = Words::new(catalog);
    let mut octets = Vec::new();
    for event in &timeline.events {
        words.follow(event);
        let (id, packet, corrupted) = match &event.kind {
            Kind::Sent { id, packet, .. } if !ended.contains(id) => (id, packet, false),
            Kind::Arrived { id, packet, .. } => (id, packet, false),
            Kind::Lost { id, packet, cause } => (id, packet, *cause == LossCause::Corrupted),
            _ => continue,
        };
        octets.clear();
        encode_ip(&packet.ip, &packet.transport, &packet.payload, &mut octets);
        if corrupted {
            break_checksum(packet, &mut octets);
        }
        file.write(interface, event.at, &octets, words.comment(*id).as_deref())?;
    }
    Ok(())
}

/// What is to be said about each packet of a timeline, for whoever has the frames themselves.
#[must_use]
pub fn comments(timeline: &Timeline, catalog: &Catalog) -> BTreeMap<PacketId, String> {
    let mut words = Words::new(catalog);
    timeline.events.iter().for_each(|event| words.follow(event));
    words.said.iter().map(|(id, said)| (*id, said.join("\n"))).collect()
}

fn end_of_a_packet(event: &Event) -> Option<PacketId> {
    match &event.kind {
        Kind::Arrived { id, .. } | Kind::Lost { id, .. } => Some(*id),
        _ => None,
    }
}

/// A packet that was damaged on the way carries the checksum of what it was before: it no longer fits.
fn break_checksum(packet: &Packet, octets: &mut [u8]) {
    let field = match &packet.transport {
        Transport::Tcp(_) => 16,
        Transport::Udp(_) => 6,
        Transport::Other { .. } => return,
    };
    let header = if packet.ip.src.is_ipv4() { 20 } else { 40 };
    if let Some(octet) = octets.get_mut(header + field) {
        *octet ^= 0x40;
    }
}

/// What is to be said about each packet.
struct Words<'a> {
    catalog: &'a Catalog,
    explainer: Explainer,
    said: FxHashMap<PacketId, Vec<String>>,
}

impl<'a> Words<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        Words { catalog, explainer: Explainer::new(), said: FxHashMap::default() }
    }

    fn follow(&mut self, event: &Event) {
        let explanation = self.explainer.explain(event);
        let id = match &event.kind {
            Kind::Sent { id, .. } | Kind::Lost { id, .. } => *id,
            Kind::Note(Note::FaultTouched { id, .. }) => *id,
            _ => return,
        };
        if let Some(explanation) = explanation {
            let mut text = self.catalog.format(&explanation.message);
            if let Some(citation) = explanation.citation {
                text = format!("{text} [{citation}]");
            }
            self.said.entry(id).or_default().push(text);
        }
    }

    fn comment(&self, id: PacketId) -> Option<String> {
        self.said.get(&id).map(|said| said.join("\n")).filter(|text| !text.is_empty())
    }
}
