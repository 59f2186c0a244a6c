//! A host's settings, as far as a Linux kernel can be told: by sysctls, by socket options, or not at all.

use super::call::ISN_STEP;
use crate::scenario::{HostSpec, Scenario, Setting, SettingValue, SocketOption};
use crate::tcp::{HostConfig, IsnPolicy, Profile, Secret, Settings, SynCookies};
use crate::time::Duration;
use crate::timeline::HostId;
use crate::wire::SeqNumber;

/// What every host of a lab gets, so that the `linux` profile holds whatever this machine is set to.
const BASELINE: [(&str, &str); 30] = [
    ("net.ipv4.tcp_congestion_control", "reno"),
    ("net.ipv4.tcp_rmem", "4096 131072 6291456"),
    ("net.ipv4.tcp_wmem", "4096 16384 4194304"),
    ("net.ipv4.tcp_window_scaling", "1"),
    ("net.ipv4.tcp_timestamps", "1"),
    ("net.ipv4.tcp_sack", "1"),
    ("net.ipv4.tcp_early_retrans", "3"),
    ("net.ipv4.tcp_recovery", "1"),
    ("net.ipv4.tcp_dsack", "1"),
    ("net.ipv4.tcp_ecn", "0"),
    ("net.ipv4.tcp_fastopen", "1"),
    ("net.ipv4.tcp_syn_retries", "6"),
    ("net.ipv4.tcp_syn_linear_timeouts", "4"),
    ("net.ipv4.tcp_synack_retries", "5"),
    ("net.ipv4.tcp_retries1", "3"),
    ("net.ipv4.tcp_retries2", "15"),
    ("net.ipv4.tcp_orphan_retries", "0"),
    ("net.ipv4.tcp_fin_timeout", "60"),
    ("net.ipv4.tcp_max_syn_backlog", "1024"),
    ("net.core.somaxconn", "4096"),
    ("net.ipv4.tcp_syncookies", "1"),
    ("net.ipv4.tcp_abort_on_overflow", "0"),
    ("net.ipv4.tcp_tw_reuse", "1"),
    ("net.ipv4.tcp_rfc1337", "0"),
    ("net.ipv4.tcp_challenge_ack_limit", "1000"),
    ("net.ipv4.tcp_slow_start_after_idle", "1"),
    // What one connection learned must not change the next.
    ("net.ipv4.tcp_no_metrics_save", "1"),
    ("net.ipv4.ip_local_port_range", "32768 60999"),
    // Old kernels have no such setting, and do what it says.
    ("net.ipv4.tcp_rto_min_us", "200000"),
    ("net.ipv4.icmp_ratelimit", "0"),
];

/// How a setting of a scenario reaches the kernel.
#[derive(Clone, Debug, PartialEq)]
enum Way {
    /// By a sysctl of this name and value.
    Sysctl(&'static str, String),
    /// By options of every socket.
    Options(Vec<SocketOption>),
    /// The cable's largest packet.
    Mtu(u32),
    /// The kernel does so anyway.
    Always,
    /// There is no way.
    No,
}

/// A host's settings as a kernel is to be told them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Mapping {
    /// Sysctls, the host's own after the common ones.
    pub sysctls: Vec<(&'static str, String)>,
    /// Options that every socket gets.
    pub options: Vec<SocketOption>,
    /// The cable's largest packet.
    pub mtu: Option<u32>,
    /// The names of settings that a kernel cannot be told.
    pub impossible: Vec<&'static str>,
}

impl Mapping {
    /// The mapping of a host's settings.
    pub(super) fn of(host: &HostSpec) -> Mapping {
        let mut mapping = Mapping::default();
        mapping.sysctls.extend(BASELINE.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let mut fast_open = 1_u32;
        for setting in &host.settings {
            match way(setting, &mut fast_open) {
                Way::Sysctl(name, value) => {
                    mapping.sysctls.retain(|(known, _)| *known != name);
                    mapping.sysctls.push((name, value));
                }
                Way::Options(options) => mapping.options.extend(options),
                Way::Mtu(mtu) => mapping.mtu = Some(mtu),
                Way::Always => {}
                Way::No => mapping.impossible.push(setting.name),
            }
        }
        mapping
    }
}

/// How one setting reaches the kernel. `fast_open` gathers the two bits of its one sysctl.
fn way(setting: &Setting, fast_open: &mut u32) -> Way {
    let on = setting.value == SettingValue::On;
    let number = if let SettingValue::Number(number) = setting.value { Some(number) } else { None };
    let time = if let SettingValue::Time(time) = setting.value { Some(time) } else { None };
    let count = number.unwrap_or(0);
    let switch = |name, on: bool| Way::Sysctl(name, u8::from(on).to_string());
    let counted = |name| Way::Sysctl(name, count.to_string());
    let seconds =
        |time: Option<Duration>| time.map_or(0, |time| time.as_millis().div_ceil(1_000)).to_string();
    let mut fast_open_bit = |bit: u32, on: bool| {
        *fast_open = if on { *fast_open | bit } else { *fast_open & !bit };
        Way::Sysctl("net.ipv4.tcp_fastopen", fast_open.to_string())
    };
    match setting.name {
        "mtu" => Way::Mtu(count),
        "sack" => switch("net.ipv4.tcp_sack", on),
        "timestamps" => switch("net.ipv4.tcp_timestamps", on),
        // The shift follows from the largest buffer: 65,535 octets shifted by it are just enough.
        "window_scale" => match number {
            None => switch("net.ipv4.tcp_window_scaling", false),
            Some(shift) => {
                Way::Sysctl("net.ipv4.tcp_rmem", format!("4096 131072 {}", 65_536_u64 << shift.min(14)))
            }
        },
        // By SO_RCVBUF the window scale would follow; half of a buffer is the kernel's own.
        "receive_buffer" => {
            Way::Sysctl("net.ipv4.tcp_rmem", format!("4096 {} 6291456", u64::from(count) * 2))
        }
        "send_buffer" => Way::Options(vec![SocketOption::SendBuffer(count)]),
        "nagle" => Way::Options(vec![SocketOption::NoDelay(!on)]),
        "linger_zero" => Way::Options(vec![SocketOption::Linger(on.then_some(Duration::ZERO))]),
        "user_timeout" => Way::Options(vec![SocketOption::UserTimeout(time)]),
        "delayed_ack" if time.is_none() => Way::Options(vec![SocketOption::QuickAck(true)]),
        "keepalive" => match setting.value {
            SettingValue::Keepalive(keepalive) => Way::Options(vec![
                SocketOption::KeepAlive(true),
                SocketOption::KeepIdle(keepalive.idle),
                SocketOption::KeepInterval(keepalive.interval),
                SocketOption::KeepCount(keepalive.count),
            ]),
            _ => Way::Options(vec![SocketOption::KeepAlive(false)]),
        },
        "syn_retries" => counted("net.ipv4.tcp_syn_retries"),
        "syn_linear_timeouts" => counted("net.ipv4.tcp_syn_linear_timeouts"),
        "syn_ack_retries" => counted("net.ipv4.tcp_synack_retries"),
        "retries" => counted("net.ipv4.tcp_retries2"),
        "orphan_retries" => counted("net.ipv4.tcp_orphan_retries"),
        "fin_wait_2" => Way::Sysctl("net.ipv4.tcp_fin_timeout", seconds(time)),
        // Three is the default: probes, and early retransmits.
        "loss_probe" => Way::Sysctl("net.ipv4.tcp_early_retrans", if on { "3" } else { "0" }.to_owned()),
        "max_rto" => {
            let millis = time.map_or(120_000, Duration::as_millis);
            Way::Sysctl("net.ipv4.tcp_rto_max_ms", millis.clamp(1_000, 120_000).to_string())
        }
        "min_rto" => {
            let micros = time.map_or(200_000, |time| time.as_nanos() / 1_000);
            Way::Sysctl("net.ipv4.tcp_rto_min_us", micros.to_string())
        }
        "fast_open_client" => fast_open_bit(1, on),
        // The third bit: every listener takes part, without an option of its own.
        "fast_open_server" => fast_open_bit(2 | 0x400, on),
        "syn_cookies" => {
            let value = match setting.value {
                SettingValue::Cookies(SynCookies::Always) => "2",
                SettingValue::Cookies(SynCookies::WhenFull) => "1",
                _ => "0",
            };
            Way::Sysctl("net.ipv4.tcp_syncookies", value.to_owned())
        }
        "max_syn_backlog" => counted("net.ipv4.tcp_max_syn_backlog"),
        "somaxconn" => counted("net.core.somaxconn"),
        "abort_on_overflow" => switch("net.ipv4.tcp_abort_on_overflow", on),
        "time_wait_reuse" => switch("net.ipv4.tcp_tw_reuse", time.is_some()),
        "time_wait_ignores_reset" => switch("net.ipv4.tcp_rfc1337", on),
        "challenge_limit" => counted("net.ipv4.tcp_challenge_ack_limit"),
        "ephemeral_ports" => match setting.value {
            SettingValue::Ports(low, high) => {
                Way::Sysctl("net.ipv4.ip_local_port_range", format!("{low} {high}"))
            }
            _ => Way::No,
        },
        "mss_option" | "congestion_control" if on => Way::Always,
        "probe_without_text" | "syn_again_after_bad_ack" | "time_wait_accepts_syn" if on => Way::Always,
        "backlog_extra" if count == 1 => Way::Always,
        _ => Way::No,
    }
}

/// The scenario as kernels can run it: whatever of its hosts' profiles Linux can be told becomes a
/// setting of the host, under the `linux` profile. Hosts that our own TCP plays keep their profile.
/// Both the lab and the simulator that it is compared with run this.
#[must_use]
pub fn adapted(scenario: &Scenario, engines: &[HostId]) -> Scenario {
    let mut adapted = scenario.clone();
    for (index, host) in adapted.hosts.iter_mut().enumerate() {
        let profile = host.profile.unwrap_or(scenario.profile);
        if engines.contains(&HostId(index as u16)) {
            host.profile = Some(profile);
            continue;
        }
        let mut settings = as_settings(profile);
        settings.append(&mut host.settings);
        (host.profile, host.settings) = (Some(Profile::Linux), settings);
    }
    adapted.profile = Profile::Linux;
    adapted
}

/// What a profile changes of Linux's ways, as far as a kernel can be told.
fn as_settings(profile: Profile) -> Vec<Setting> {
    if profile == Profile::Linux {
        return Vec::new();
    }
    let (wanted, linux) = (Settings::of(profile), Settings::of(Profile::Linux));
    let switch = |name, on: bool| (name, if on { SettingValue::On } else { SettingValue::Off });
    let number = |name, value: u32| (name, SettingValue::Number(value));
    let time = |name, value: Duration| (name, SettingValue::Time(value));
    let scale = wanted.window_scale.map_or(SettingValue::Off, |shift| SettingValue::Number(u32::from(shift)));
    let reuse = wanted.time_wait_reuse.map_or(SettingValue::Off, SettingValue::Time);
    let table = [
        (wanted.sack != linux.sack, switch("sack", wanted.sack)),
        (wanted.timestamps != linux.timestamps, switch("timestamps", wanted.timestamps)),
        (wanted.window_scale != linux.window_scale, ("window_scale", scale)),
        (wanted.loss_probe != linux.loss_probe, switch("loss_probe", wanted.loss_probe)),
        (wanted.nagle != linux.nagle, switch("nagle", wanted.nagle)),
        (wanted.min_rto != linux.min_rto, time("min_rto", wanted.min_rto)),
        (wanted.max_rto != linux.max_rto, time("max_rto", wanted.max_rto)),
        (wanted.syn_retries != linux.syn_retries, number("syn_retries", wanted.syn_retries)),
        (
            wanted.syn_linear_timeouts != linux.syn_linear_timeouts,
            number("syn_linear_timeouts", wanted.syn_linear_timeouts),
        ),
        (wanted.syn_ack_retries != linux.syn_ack_retries, number("syn_ack_retries", wanted.syn_ack_retries)),
        (wanted.syn_cookies != linux.syn_cookies, ("syn_cookies", SettingValue::Cookies(wanted.syn_cookies))),
        (wanted.time_wait_reuse != linux.time_wait_reuse, ("time_wait_reuse", reuse)),
    ];
    let differing = table.into_iter().filter(|(differs, _)| *differs);
    differing.map(|(_, (name, value))| Setting { name, value }).collect()
}

/// What our own TCP is made of when it plays a host: as the simulator makes it.
pub(super) fn engine_config(scenario: &Scenario, index: usize, isn: Option<u32>, seed: u64) -> HostConfig {
    let host = scenario.hosts.get(index);
    let profile = host.and_then(|host| host.profile).unwrap_or(scenario.profile);
    let mut settings = Settings::of(profile);
    for setting in host.iter().flat_map(|host| &host.settings) {
        setting.apply(&mut settings);
    }
    let fixed = |first| IsnPolicy::Fixed { first: SeqNumber(first), step: ISN_STEP };
    HostConfig {
        addrs: host.map(|host| host.addrs.clone()).unwrap_or_default(),
        settings,
        isn: isn.map_or(IsnPolicy::Rfc6528, fixed),
        secret: Secret([seed ^ 0x6861_6e64_7368_616b, index as u64 + 1]),
    }
}
