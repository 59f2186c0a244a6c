//! What lies between two hosts.

use crate::time::Duration;
use crate::timeline::HostId;

/// One direction of a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// How long a packet is on the way.
    pub delay: Duration,
    /// Up to how much longer, at random; packets keep their order.
    pub jitter: Duration,
    /// Bits a second; unlimited when `None`. Packets wait for the ones before them.
    pub bandwidth: Option<u64>,
    /// How often a packet is lost, 0 to 1.
    pub loss: f64,
    /// How often a copy arrives too.
    pub duplicate: f64,
    /// How often the next packets may overtake.
    pub reorder: f64,
    /// How often a bit flips.
    pub corrupt: f64,
}

impl Default for Link {
    fn default() -> Self {
        Link {
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            bandwidth: None,
            loss: 0.0,
            duplicate: 0.0,
            reorder: 0.0,
            corrupt: 0.0,
        }
    }
}

impl Link {
    /// Whether anything about it is random.
    pub fn is_random(&self) -> bool {
        self.jitter > Duration::ZERO
            || [self.loss, self.duplicate, self.reorder, self.corrupt].iter().any(|chance| *chance > 0.0)
    }
}

/// The links between all hosts: one for everybody, and those of single directions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Links {
    /// The link where nothing else is said.
    pub common: Link,
    /// Directions that have their own: from, to, link.
    pub directions: Vec<(HostId, HostId, Link)>,
}

impl Links {
    /// The link in this direction.
    pub fn between(&self, from: HostId, to: HostId) -> &Link {
        self.directions
            .iter()
            .find(|(src, dst, _)| (*src, *dst) == (from, to))
            .map_or(&self.common, |(_, _, link)| link)
    }
}
