//! Live capture on an interface: through pnet's datalink channel where frames are shown as they come, or
//! through a ring shared with the kernel where none may be lost.

mod checksum;
mod ring;
mod session;

use std::time::Duration;

pub use self::checksum::finish_checksum;
pub use self::session::{Limits, Seen, Session, Tally};

use self::ring::Ring;
use super::packet_filter::Filter;
use super::packet_socket::{Options, Port};
use super::{Result, clock, interface, stamps};
use crate::time::Instant;
use crate::wire::{LinkType, Packet, Transport, decode_frame};

/// The kernel's buffer where pnet reads frame by frame.
const BUFFER: usize = 32 << 20;

/// What to capture.
#[derive(Clone, Debug)]
pub struct Config {
    /// The interface's name.
    pub interface: String,
    /// Which frames.
    pub filter: Filter,
    /// Use a ring: for writing down everything, at any rate.
    pub ring: bool,
}

/// A captured frame.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// When the kernel saw it.
    pub at: Instant,
    /// Its octets on the wire.
    pub original_len: u32,
    /// The octets that were captured.
    pub data: &'a [u8],
}

/// An interface that is listened to.
#[derive(Debug)]
pub struct Capture {
    source: Source,
    link: LinkType,
    /// The filter, where the kernel could not apply it.
    filter: Option<Filter>,
    dropped: u64,
    since: Instant,
}

#[derive(Debug)]
enum Source {
    Channel(Box<Port>),
    Ring(Ring),
}

impl Capture {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`Denied`](super::permission::Denied) without `CAP_NET_RAW`; a system error when there is no such
    /// interface, or it is of a kind that carries no IP in a way known here.
    pub fn open(config: &Config) -> Result<Capture> {
        let link = interface::link_type(&config.interface)?;
        let in_kernel = link == LinkType::Ethernet;
        let options = Options {
            filter: in_kernel.then_some(config.filter),
            // What leaves through the loopback comes back in; on any other interface only one copy exists.
            ignore_outgoing: interface::is_loopback(&config.interface)?,
            receive_buffer: if config.ring { 0 } else { BUFFER },
            ..Options::default()
        };
        let source = if config.ring {
            Source::Ring(Ring::open(&config.interface, &options)?)
        } else {
            let _stamps = stamps::begin(); // a ring has its own
            Source::Channel(Box::new(Port::open(&config.interface, &options)?))
        };
        let filter = (!in_kernel).then_some(config.filter);
        Ok(Capture { source, link, filter, dropped: 0, since: clock::now() })
    }

    /// What the frames begin with.
    pub fn link(&self) -> LinkType {
        self.link
    }

    /// When it began to listen.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// Gives out what has come, waiting at most so long (with pnet's channel: some 20 ms) for the first frame.
    ///
    /// # Errors
    /// The interface is down or gone.
    pub fn receive(&mut self, at_most: Duration, mut each: impl FnMut(Frame<'_>)) -> Result<()> {
        let (link, filter) = (self.link, self.filter);
        let mut wanted = |frame: Frame<'_>| {
            let fits =
                |filter: &Filter| decode_frame(link, frame.data).is_ok_and(|packet| passes(filter, &packet));
            if filter.as_ref().is_none_or(fits) {
                each(frame);
            }
        };
        match &mut self.source {
            Source::Ring(ring) => ring.receive(at_most, &mut wanted).map(drop),
            Source::Channel(port) => {
                if let Some((at, data)) = port.receive()? {
                    wanted(Frame { at, original_len: data.len() as u32, data });
                }
                Ok(())
            }
        }
    }

    /// Frames lost since the beginning because the buffer was full.
    pub fn dropped(&mut self) -> u64 {
        self.dropped += match &self.source {
            Source::Ring(ring) => ring.dropped(),
            Source::Channel(port) => port.counts().map_or(0, |counts| u64::from(counts.dropped)),
        };
        self.dropped
    }
}

/// The filter's meaning, for links on which the kernel cannot apply it.
fn passes(filter: &Filter, packet: &Packet<&[u8]>) -> bool {
    let transport = match packet.transport {
        Transport::Tcp(_) => filter.tcp,
        Transport::Udp(_) => filter.udp,
        Transport::Other { .. } => false,
    };
    let host = filter.host.is_none_or(|host| packet.ip.src == host || packet.ip.dst == host);
    let (src, dst) = packet.ports();
    transport && host && filter.port.is_none_or(|port| src == port || dst == port)
}
