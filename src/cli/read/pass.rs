//! One pass over a capture: every packet, what the analysis says about it, and the sums.

use std::net::IpAddr;

use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use crate::analyze::{Analyzer, Config, ConnectionSummary, PacketReport, Summary};
use crate::time::Instant;
use crate::wire::capture::CaptureError;
use crate::wire::{Packet, Transport};

/// Which connections to show. Numbers are those of the whole capture, whatever is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter {
    pub(super) port: Option<u16>,
    pub(super) host: Option<IpAddr>,
    pub(super) connection: Option<u32>,
}

impl Filter {
    /// Whether everything is shown.
    pub(super) fn is_open(&self) -> bool {
        self.port.is_none() && self.host.is_none() && self.connection.is_none()
    }

    /// Whether packets between these ends are shown, as far as ports and addresses tell.
    fn ends(&self, addrs: [IpAddr; 2], ports: [u16; 2]) -> bool {
        self.port.is_none_or(|port| ports.contains(&port))
            && self.host.is_none_or(|host| addrs.contains(&host))
    }

    /// Whether this packet is shown.
    pub(super) fn packet(&self, packet: &Packet<&[u8]>, report: Option<&PacketReport>) -> bool {
        let (from, to) = packet.ports();
        self.connection.is_none_or(|number| report.is_some_and(|report| report.stream == number))
            && self.ends([packet.ip.src, packet.ip.dst], [from, to])
    }

    /// Whether this connection is shown.
    pub(super) fn connection(&self, connection: &ConnectionSummary) -> bool {
        let (client, server) = (connection.client, connection.server);
        self.connection.is_none_or(|number| connection.stream == number)
            && self.ends([client.ip(), server.ip()], [client.port(), server.port()])
    }
}

/// A packet as it passes.
pub(super) struct Passing<'a> {
    /// The frame's number in the file, from 1.
    pub(super) number: u64,
    /// When it was captured.
    pub(super) at: Instant,
    /// The packet.
    pub(super) packet: &'a Packet<&'a [u8]>,
    /// What the analysis says; `None` for anything but TCP.
    pub(super) report: Option<&'a PacketReport>,
}

/// The sums of a pass.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// The connections and their findings.
    pub(super) summary: Summary,
    /// Frames in the file.
    pub(super) frames: u64,
    /// UDP datagrams.
    pub(super) datagrams: u64,
    /// IP packets that carry neither, or later fragments.
    pub(super) others: u64,
    /// Frames without a readable IP packet.
    pub(super) not_ip: u64,
    /// Why the file could not be read to its end.
    pub(super) damage: Option<CaptureError>,
}

impl Pass {
    /// Reads the whole capture and hands every IP packet to `each`.
    ///
    /// # Errors
    /// Those of `each`.
    pub(super) fn over(
        file: &mut CaptureFile,
        mut each: impl FnMut(&Passing<'_>) -> Result<(), Failure>,
    ) -> Result<Pass, Failure> {
        let mut analyzer = Analyzer::new(Config::default());
        let mut pass = Pass::default();
        let mut report = PacketReport::default();
        loop {
            let record = match file.reader.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(error) => {
                    pass.damage = Some(error);
                    break;
                }
            };
            pass.frames += 1;
            // Read where it was made: to take it out would be to copy it.
            let decoded = record.packet();
            let Ok(packet) = &decoded else {
                pass.not_ip += 1;
                continue;
            };
            match packet.transport {
                Transport::Tcp(_) => {}
                Transport::Udp(_) => pass.datagrams += 1,
                Transport::Other { .. } => pass.others += 1,
            }
            let is_tcp = analyzer.push_into(record.number, record.at, packet, &mut report);
            each(&Passing {
                number: record.number,
                at: record.at,
                packet,
                report: is_tcp.then_some(&report),
            })?;
        }
        pass.summary = analyzer.finish();
        Ok(pass)
    }
}
