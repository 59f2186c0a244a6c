//! Settings of a host's TCP by name: every field of [`tcp::Settings`](crate::tcp::Settings) a scenario may set.

use crate::tcp::{Keepalive, Settings, SynCookies};
use crate::time::Duration;

use super::diagnostic::Problem;
use super::reader::{Reader, Value};

/// A setting that departs from the profile's.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name, as in `receive_buffer = 4096`.
    pub name: &'static str,
    /// Its value.
    pub value: SettingValue,
}

/// The value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Written `false`: not there at all, or switched off.
    Off,
    /// Written `true`.
    On,
    /// A count, a size or a port.
    Number(u32),
    /// A time.
    Time(Duration),
    /// `syn_cookies`.
    Cookies(SynCookies),
    /// `keepalive`.
    Keepalive(Keepalive),
    /// `ephemeral_ports`.
    Ports(u16, u16),
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Switch,
    Number(u32, u32),
    NumberOrOff(u32, u32),
    Time,
    TimeOrOff,
    Cookies,
    Keepalive,
    Ports,
}

struct Known {
    name: &'static str,
    form: Form,
    apply: fn(&mut Settings, SettingValue),
}

macro_rules! known {
    ($($name:literal: $form:expr => |$settings:ident, $value:ident| $apply:expr;)+) => {
        /// Every setting, in the order of the engine's struct.
        const KNOWN: &[Known] = &[$(
            Known { name: $name, form: $form, apply: |$settings, $value| { $apply } },
        )+];
        /// The names of all settings.
        pub(super) const NAMES: &[&str] = &[$($name),+];
    };
}

const ANY: Form = Form::Number(0, u32::MAX);

known! {
    "mtu": Form::Number(68, 65_535) => |s, v| s.mtu = v.number() as u16;
    "mss_option": Form::Switch => |s, v| s.mss_option = v.is_on();
    "window_scale": Form::NumberOrOff(0, 14) => |s, v| s.window_scale = v.number_or_off().map(|shift| shift as u8);
    "sack": Form::Switch => |s, v| s.sack = v.is_on();
    "timestamps": Form::Switch => |s, v| s.timestamps = v.is_on();
    "receive_buffer": Form::Number(1, 1 << 30) => |s, v| s.receive_buffer = v.number();
    "send_buffer": Form::Number(1, 1 << 30) => |s, v| s.send_buffer = v.number();
    "initial_window": Form::Number(0, 1 << 30) => |s, v| s.initial_window = v.number();
    "initial_rto": Form::Time => |s, v| s.initial_rto = v.time();
    "min_rto": Form::Time => |s, v| s.min_rto = v.time();
    "max_rto": Form::Time => |s, v| s.max_rto = v.time();
    "syn_retries": ANY => |s, v| s.syn_retries = v.number();
    "syn_linear_timeouts": ANY => |s, v| s.syn_linear_timeouts = v.number();
    "syn_ack_retries": ANY => |s, v| s.syn_ack_retries = v.number();
    "retries": ANY => |s, v| s.retries = v.number();
    "orphan_retries": Form::NumberOrOff(0, u32::MAX) => |s, v| s.orphan_retries = v.number_or_off();
    "congestion_control": Form::Switch => |s, v| s.congestion_control = v.is_on();
    "initial_cwnd": Form::Number(1, u32::MAX) => |s, v| s.initial_cwnd = v.number();
    "loss_probe": Form::Switch => |s, v| s.loss_probe = v.is_on();
    "nagle": Form::Switch => |s, v| s.nagle = v.is_on();
    "delayed_ack": Form::TimeOrOff => |s, v| s.delayed_ack = v.time_or_off();
    "quick_acks": ANY => |s, v| s.quick_acks = v.number();
    "time_wait": Form::Time => |s, v| s.time_wait = v.time();
    "fin_wait_2": Form::TimeOrOff => |s, v| s.fin_wait_2 = v.time_or_off();
    "keepalive": Form::Keepalive => |s, v| s.keepalive = v.keepalive();
    "user_timeout": Form::TimeOrOff => |s, v| s.user_timeout = v.time_or_off();
    "linger_zero": Form::Switch => |s, v| s.linger_zero = v.is_on();
    "fast_open_client": Form::Switch => |s, v| s.fast_open_client = v.is_on();
    "fast_open_server": Form::Switch => |s, v| s.fast_open_server = v.is_on();
    "syn_cookies": Form::Cookies => |s, v| if let SettingValue::Cookies(cookies) = v { s.syn_cookies = cookies; };
    "max_syn_backlog": ANY => |s, v| s.max_syn_backlog = v.number();
    "somaxconn": ANY => |s, v| s.somaxconn = v.number();
    "backlog_extra": ANY => |s, v| s.backlog_extra = v.number();
    "abort_on_overflow": Form::Switch => |s, v| s.abort_on_overflow = v.is_on();
    "time_wait_reuse": Form::TimeOrOff => |s, v| s.time_wait_reuse = v.time_or_off();
    "challenge_limit": ANY => |s, v| s.challenge_limit = v.number();
    "probe_without_text": Form::Switch => |s, v| s.probe_without_text = v.is_on();
    "syn_again_after_bad_ack": Form::Switch => |s, v| s.syn_again_after_bad_ack = v.is_on();
    "ephemeral_ports": Form::Ports => |s, v| if let SettingValue::Ports(low, high) = v { s.ephemeral_ports = (low, high); };
    "time_wait_ignores_reset": Form::Switch => |s, v| s.policy.time_wait_ignores_reset = v.is_on();
    "time_wait_accepts_syn": Form::Switch => |s, v| s.policy.time_wait_accepts_syn = v.is_on();
}

impl SettingValue {
    fn is_on(self) -> bool {
        self == SettingValue::On
    }

    fn number(self) -> u32 {
        self.number_or_off().unwrap_or(0)
    }

    fn number_or_off(self) -> Option<u32> {
        if let SettingValue::Number(number) = self { Some(number) } else { None }
    }

    fn time(self) -> Duration {
        self.time_or_off().unwrap_or(Duration::ZERO)
    }

    fn time_or_off(self) -> Option<Duration> {
        if let SettingValue::Time(time) = self { Some(time) } else { None }
    }

    fn keepalive(self) -> Option<Keepalive> {
        if let SettingValue::Keepalive(keepalive) = self { Some(keepalive) } else { None }
    }
}

impl Setting {
    /// Changes the setting in a TCP's settings.
    pub fn apply(&self, settings: &mut Settings) {
        if let Some(known) = KNOWN.iter().find(|known| known.name == self.name) {
            (known.apply)(settings, self.value);
        }
    }
}

/// Reads the setting `name`, if it is one; unknown names were reported before.
pub(super) fn setting(reader: &mut Reader<'_>, name: &str, value: &Value<'_>) -> Option<Setting> {
    let known = KNOWN.iter().find(|known| known.name == name)?;
    let off = value.get_ref().as_bool() == Some(false);
    let value = match known.form {
        Form::NumberOrOff(..) | Form::TimeOrOff | Form::Keepalive if off => SettingValue::Off,
        Form::Switch => {
            if reader.boolean(name, value)? {
                SettingValue::On
            } else {
                SettingValue::Off
            }
        }
        Form::Number(min, max) | Form::NumberOrOff(min, max) => {
            let number = reader.integer(name, value, u64::from(max))? as u32;
            if number < min {
                let problem = Problem::new("number-too-small", value.span());
                reader.note(problem.text("key", name).number("min", u64::from(min)));
                return None;
            }
            SettingValue::Number(number)
        }
        Form::Time | Form::TimeOrOff => SettingValue::Time(reader.duration(name, value)?),
        Form::Cookies => SettingValue::Cookies(reader.choice(
            "syn_cookies",
            value,
            &[("off", SynCookies::Off), ("when-full", SynCookies::WhenFull), ("always", SynCookies::Always)],
        )?),
        Form::Keepalive => {
            let fields = reader.table(name, value, "keepalive", &["idle", "interval", "count"])?;
            let idle = reader.required(&fields, "idle").and_then(|value| reader.duration("idle", value));
            let interval = fields.get("interval").and_then(|value| reader.duration("interval", value));
            let count = fields.get("count").and_then(|value| reader.integer("count", value, 1_000));
            SettingValue::Keepalive(Keepalive {
                idle: idle?,
                interval: interval.unwrap_or(Duration::from_secs(75)),
                count: count.unwrap_or(9) as u32,
            })
        }
        Form::Ports => {
            let ports: Vec<u64> = Reader::list(value)
                .into_iter()
                .filter_map(|port| reader.integer(name, port, 65_535))
                .collect();
            match ports[..] {
                [low, high] if 0 < low && low <= high => SettingValue::Ports(low as u16, high as u16),
                _ => return reader.wrong_type(name, value, "ports"),
            }
        }
    };
    Some(Setting { name: known.name, value })
}
