//! Reading `[hosts]`.

use std::net::IpAddr;

use crate::scenario::command;
use crate::scenario::diagnostic::Problem;
use crate::scenario::model::{HostSpec, SocketName};
use crate::scenario::reader::{Fields, Reader, Value};
use crate::scenario::setting::{self, Setting};

use super::{expect, profile, settings};

/// Reads `[hosts]`: `NAME = "ADDRESS"` or `NAME = { addr = …, isn = …, profile = …, SETTING = … }`.
pub(super) fn hosts(reader: &mut Reader<'_>, value: &Value<'_>, common: &[Setting]) -> Vec<HostSpec> {
    let mut hosts: Vec<HostSpec> = Vec::new();
    let Some(table) = value.get_ref().as_table() else {
        let _: Option<()> = reader.wrong_type("hosts", value, "table");
        return hosts;
    };
    let fields = Fields::new(table, value.span(), "[hosts]");
    if fields.entries.is_empty() {
        reader.note(Problem::new("no-hosts", value.span()));
    }
    let mut keys = vec!["addr", "isn", "profile"];
    keys.extend(setting::NAMES);
    for (name, span, value) in &fields.entries {
        let reserved = ["any", "udp"].iter().chain(&expect::KEYS).any(|reserved| reserved == name);
        if reserved || command::is_verb(name) || name.is_empty() || name.contains([' ', ':', '>', '.', '#']) {
            reader.note(Problem::new("bad-host-name", span.clone()).text("found", *name));
            continue;
        }
        let mut host = HostSpec {
            name: (*name).to_owned(),
            addrs: Vec::new(),
            isn: None,
            profile: None,
            settings: common.to_vec(),
            sockets: SocketName::DEFAULTS.map(ToOwned::to_owned).to_vec(),
            span: span.clone(),
        };
        if value.get_ref().is_str() {
            addresses(reader, value, &mut host, &hosts);
        } else if let Some(fields) = reader.table(name, value, "[hosts]", &keys) {
            if let Some(addr) = reader.required(&fields, "addr") {
                addresses(reader, addr, &mut host, &hosts);
            }
            let isn = fields.get("isn").and_then(|value| reader.integer("isn", value, u64::from(u32::MAX)));
            host.isn = isn.map(|isn| isn as u32);
            host.profile = fields.get("profile").and_then(|value| profile(reader, value));
            host.settings.extend(settings(reader, &fields));
        }
        hosts.push(host);
    }
    hosts
}

fn addresses(reader: &mut Reader<'_>, value: &Value<'_>, host: &mut HostSpec, others: &[HostSpec]) {
    for value in Reader::list(value) {
        let Some(text) = reader.text("addr", value) else { continue };
        let Ok(addr) = text.value.parse::<IpAddr>() else {
            reader.note(Problem::new("bad-address", value.span()).text("found", text.value));
            continue;
        };
        if addr.is_multicast() || addr.is_unspecified() {
            reader.note(Problem::new("bad-address", value.span()).text("found", text.value));
        } else if let Some(other) = others.iter().find(|other| other.addrs.contains(&addr)) {
            reader.note(
                Problem::new("address-taken", value.span())
                    .text("found", text.value)
                    .text("host", other.name.clone()),
            );
        }
        host.addrs.push(addr);
    }
}
