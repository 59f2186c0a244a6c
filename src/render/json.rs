//! JSON Lines: a timeline as text for other programs, and back.
//!
//! The file is UTF-8, one JSON object a line, schema version 1. Times are nanoseconds since the
//! timeline's origin (the UNIX epoch for captures). Addresses with ports are strings as in
//! `10.0.0.1:80` or `[2001:db8::1]:80`. A reader must ignore fields that it does not know.
//!
//! The first line is `{"schema":1,"hosts":[{"name":"client","addrs":["10.0.0.1"]},…]}`.
//!
//! Each further line is an event with at least
//! | field | |
//! |---|---|
//! | `at_ns` | when |
//! | `host` | the host's name; `host_id`, its place in `hosts`, stands beside it where names repeat |
//! | `evidence` | `simulated`, `observed` or `inferred` |
//! | `kind` | `call` `state` `sent` `arrived` `lost` `timer` `queue` `note` |
//!
//! and, by kind (a field in parentheses is left out when there is nothing to say):
//!
//! | kind | fields |
//! |---|---|
//! | `call` | `socket`, `call` (`socket` `bind` `listen` `accept` `connect` `send` `recv` `sendto` `recvfrom` `shutdown` `close` `abort` `setsockopt` `other`), its arguments: `addr` (bind, connect), `backlog`, `len`, `max`, `to`, `how` (`SHUT_RD` `SHUT_WR` `SHUT_RDWR`), `name` and `value` (setsockopt), `name` and `arguments` (other); `step`: `entered` or `returned`, then `result`: `done`, `value` (with `returned_value`), `accepted` (`accepted`, `peer`), `end`, `from` (`received`, `from`), `failed` or `failed-other` (`errno`) |
//! | `state` | `local`, `remote`, `from`, `to` (the RFC's names), (`rule`: a rule's key) |
//! | `sent` | a packet, (`rule`), (`retransmission`: true) |
//! | `arrived` | a packet, (`rule`) |
//! | `lost` | a packet, `cause`: `fault` (with `fault`), `random`, `host-down`, `no-route`, `corrupted` |
//! | `timer` | `local`, `remote`, `timer` (`retransmission` `persist` `delayed-ack` `keepalive` `time-wait` `fin-wait-2` `user` `loss-probe`), `action`: `set` (with `after_ns`), `fired`, `stopped` |
//! | `queue` | `listener`, `queue`: `syn` or `accept`, `len`, `limit` |
//! | `note` | `note`: `fault` (`id`, `fault`, `act`), `crashed`, `restarted`, `exited` (`code`), `killed` (`signal`), `rule` (`local`, `remote`, `rule`), `finding` (`id`, `key`, `numbers`), `message` (`message`), `text` (`text`) |
//!
//! A packet is `id`, `src`, `dst`, `proto` (`tcp`, `udp`, or a number), then for TCP `flags` in
//! tcpdump's letters (`S`, `S.`, `.`, `P.`, `F.`, `R`, `R.`, `none`), `seq`, (`ack`), `len`, `win`,
//! (`urgent`), (`options` as tcpdump writes them, with `options_hex`, their octets), (`rel_seq`),
//! (`rel_ack`), counted from each side's first number; for UDP `len`. For all: (`checksum`), `ttl`,
//! (`tos`), (`ip_id`), (`df`: true), (`ip_len`), (`payload`: hexadecimal), (`defects`: a list of
//! keys). `seq`, `ack` and `win` are raw, as they stand in the header.

mod names;
mod read;
mod record;
mod write;

pub use read::{ReadError, read};
pub use write::{Writer, write};

/// The version of the format.
pub const SCHEMA: u64 = 1;
