//! What a host's TCP tells, written into the journal and to those who wait for it.

use crate::tcp::What;
use crate::timeline::HostId;

use super::simulation::Simulation;

impl Simulation<'_> {
    /// Takes everything that a host's TCP has to tell.
    pub(super) fn drain(&mut self, host: HostId) {
        let Simulation { stations, script, queue, journal, now, .. } = self;
        let Some(station) = stations.get_mut(host.0 as usize) else { return };
        let all = station.tcp.events().len();
        if station.told == all {
            return;
        }
        if let Some(journal) = journal {
            journal.tells(station.moment(*now));
        }
        for index in station.told..all {
            let Some(event) = station.tcp.events().get(index).copied() else { break };
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
                }
                What::State(transition) if station.watched => {
                    script.entered(*now, host, transition.to, queue);
                }
                _ => {}
            }
        }
        station.told = all;
        if journal.is_none() {
            station.tcp.forget_events();
            station.told = 0;
        }
    }
}
