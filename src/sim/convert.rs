//! What a host's TCP tells, taken notice of by those who wait for it.

use crate::tcp::What;
use crate::timeline::HostId;

use super::simulation::Simulation;

impl Simulation<'_> {
    /// Takes notice of everything that a host's TCP has told.
    pub(super) fn drain(&mut self, host: HostId) {
        let Simulation { stations, script, queue, journal, now, .. } = self;
        let Some(station) = stations.get_mut(host.0 as usize) else { return };
        while let Some((socket, _)) = station.tcp.poll_notice() {
            if let Some(name) = station.known(socket).name {
                station.wake(name);
            }
        }
        let told = station.tcp.events();
        if station.told == told.len() {
            return;
        }
        if let Some(journal) = journal {
            journal.tells(station.moment(*now));
        }
        if station.watched {
            for event in told.get(station.told..).unwrap_or_default() {
                if let What::State(transition) = event.what {
                    script.entered(*now, host, transition.to, queue);
                }
            }
        }
        station.told = told.len();
        if journal.is_none() {
            station.tcp.forget_events();
            station.told = 0;
        }
    }
}
