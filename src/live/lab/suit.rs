//! What of a scenario a kernel can do: refused, or done in another way, and said.

use super::Options;
use super::profile::Mapping;
use crate::lang::Message;
use crate::scenario::{Action, Scenario};
use crate::tcp::Profile;
use crate::timeline::HostId;

/// Why a scenario cannot run on real kernels.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsuitable(pub Message);

/// Something that is done in another way than the scenario says.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark(pub Message);

/// Looks a scenario through before it is run.
///
/// # Errors
/// The first thing that no kernel can do.
pub fn suitable(scenario: &Scenario, options: &Options) -> Result<Vec<Remark>, Unsuitable> {
    if let Some(variant) = scenario.variant {
        return Err(Unsuitable(Message::new("live-lab-variant").with("variant", variant.name())));
    }
    if let Some(host) = calls_itself(scenario) {
        return Err(Unsuitable(Message::new("live-lab-itself").with("host", host)));
    }
    let mut remarks = Vec::new();
    for (index, host) in scenario.hosts.iter().enumerate() {
        let id = HostId(index as u16);
        let name = || host.name.clone();
        if options.engines.contains(&id) {
            if does(scenario, id, |action| matches!(action, Action::UdpBind(_) | Action::UdpSend { .. })) {
                return Err(Unsuitable(Message::new("live-lab-udp-engine").with("host", name())));
            }
            continue;
        }
        let mapping = Mapping::of(host);
        if mapping.impossible.contains(&"mss_option") {
            return Err(Unsuitable(Message::new("live-lab-no-mss").with("host", name())));
        }
        for setting in mapping.impossible {
            let message = Message::new("live-lab-setting").with("host", name());
            remarks.push(Remark(message.with("setting", setting)));
        }
        let passive = does(scenario, id, |action| matches!(action, Action::Listen { .. }));
        if host.isn.is_some() && passive {
            remarks.push(Remark(Message::new("live-lab-isn").with("host", name())));
        }
    }
    let kernels = scenario
        .hosts
        .iter()
        .enumerate()
        .filter(|(index, _)| !options.engines.contains(&HostId(*index as u16)));
    let mut told = kernels.map(|(_, host)| host.profile.unwrap_or(scenario.profile));
    if let Some(profile) = told.find(|profile| *profile != Profile::Linux) {
        remarks.insert(0, Remark(Message::new("live-lab-profile").with("profile", profile.name())));
    }
    Ok(remarks)
}

/// Whether a step of the host is such an action.
fn does(scenario: &Scenario, host: HostId, such: impl Fn(&Action) -> bool) -> bool {
    let steps = scenario.script.iter().flat_map(|entry| &entry.steps);
    steps.filter(|step| step.host == Some(host)).any(|step| such(&step.action))
}

/// A host that talks to its own address: its kernel does that without a cable.
fn calls_itself(scenario: &Scenario) -> Option<String> {
    let steps = scenario.script.iter().flat_map(|entry| &entry.steps);
    let mut hosts = steps.filter_map(|step| {
        let host = scenario.hosts.get(step.host?.0 as usize)?;
        match &step.action {
            Action::Connect { to, .. } | Action::UdpSend { to: Some(to), .. } => {
                host.addrs.contains(&to.ip()).then(|| host.name.clone())
            }
            _ => None,
        }
    });
    hosts.next()
}
