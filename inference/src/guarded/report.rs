//! Log lines about circuits: one for each transition, with its cause.

use super::circuits::Blame;
use crate::resilience::breaker::{State, Transition};

/// Logs a transition, once, however many backends share the circuit. What time alone will not mend is an
/// error: somebody has to look.
pub(super) fn transition(circuit: Blame, name: &str, backends: &[String], transition: &Transition) {
    let (from, to) = (transition.from.as_str(), transition.to.as_str());
    let (cause, of, backends) = (transition.cause.as_str(), circuit.as_str(), backends.join(", "));
    if transition.alert {
        tracing::error!(
            backends,
            from,
            to,
            cause,
            "circuit of {of} {name} is {to}: {cause}"
        );
    } else if transition.to.flows() || transition.to == State::HalfOpen {
        tracing::info!(
            backends,
            from,
            to,
            cause,
            "circuit of {of} {name} is {to}: {cause}"
        );
    } else {
        tracing::warn!(
            backends,
            from,
            to,
            cause,
            "circuit of {of} {name} is {to}: {cause}"
        );
    }
}
