//! What a host's TCP tells, written into the journal and to those who wait for it.

use crate::tcp::What;
use crate::timeline::HostId;

use super::simulation::Simulation;

impl Simulation<'_> {
    /// Takes everything that a host's TCP has to tell.
    pub(super) fn drain(&mut self, host: HostId) {
        let Simulation { stations, script, queue, journal, now, told, .. } = self;
        let Some(station) = stations.get_mut(host.0 as usize) else { return };
        if !station.tcp.has_events() {
            return;
        }
        station.tcp.exchange_events(told);
        for event in told.iter() {
            let socket = event.socket;
            match event.what {
                What::Connected
                | What::Acceptable
                | What::Readable
                | What::Writable
                | What::PeerClosed
                | What::Urgent
                | What::Failed(_)
                | What::Closed => {
                    if let Some(name) = station.known(socket).name {
                        station.wake(name);
                    }
                    continue;
                }
                What::State(transition) if station.watched => {
                    script.entered(*now, host, transition.to, queue);
                }
                _ => {}
            }
            if let Some(journal) = journal
                && let Some(connection) = station.connection(socket, journal)
            {
                journal.tcp(*now, host, connection, event.what);
            }
        }
    }
}
