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
    if scenario.profile != Profile::Linux {
        remarks.push(Remark(Message::new("live-lab-profile").with("profile", scenario.profile.name())));
    }
    for (index, host) in scenario.hosts.iter().enumerate() {
        if options.engines.contains(&HostId(index as u16)) {
            continue;
        }
        for setting in Mapping::of(host).impossible {
            if setting == "mss_option" {
                let message = Message::new("live-lab-no-mss").with("host", host.name.clone());
                return Err(Unsuitable(message));
            }
            let message = Message::new("live-lab-setting").with("host", host.name.clone());
            remarks.push(Remark(message.with("setting", setting)));
        }
    }
    Ok(remarks)
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
