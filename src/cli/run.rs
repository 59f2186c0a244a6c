//! `handshake run NAME|FILE`: simulates a scenario and shows what happened.

use crate::lang::Message;
use crate::scenario::Scenario;
use crate::sim;

use super::failure::Failure;

/// A scenario that does not come to an end.
pub(super) fn endless(scenario: &Scenario, error: &sim::Error) -> Failure {
    let sim::Error::Endless { seconds, .. } = error;
    Failure::input(
        Message::new("cli-run-endless").with("name", scenario.name.clone()).with("seconds", *seconds),
    )
}
