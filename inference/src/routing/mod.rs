//! Decides what a failure means and who is asked next: the one place of failover and fallback.
//!
//! A call goes along its chain in order. It passes over what may not have its data, what cannot do as it
//! asks, what is shut and what is full, and it goes on after a failure unless no backend could do better. An equal peer is asked
//! at once. Where no other remote backend can be asked, what failed in passing is asked once more before the
//! local model answers, if deadline and retry budget allow. At most two attempts of a call leave this
//! process, whatever the chain. What was not
//! shown to the caller is discarded without a word; what was shown is declared void before another
//! attempt begins.

mod attempt;
mod config;
mod facts;
mod hedge;
mod run;

use std::time::Duration;

pub use config::Config;
pub(crate) use config::Policy;
pub(crate) use run::{Job, answer};

use crate::{AttemptOutcome, BackendError, guarded::Blame, resilience::breaker};

/// Longest time that a server error, which is not throttling, may keep a backend from being asked.
const LONGEST_HINT_OF_ERROR: Duration = Duration::from_secs(30);

/// How long to leave a backend alone whose quota is used up.
const QUOTA_PAUSE: Duration = Duration::from_mins(10);

/// What a failed attempt leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    /// How it is told.
    pub(crate) outcome: AttemptOutcome,
    /// Whose circuit it counts in.
    pub(crate) blame: Blame,
    /// How it counts there.
    pub(crate) counts: breaker::Outcome,
    /// Whether and for how long the throttle gate shuts.
    pub(crate) gate: Gate,
    /// Who is asked next.
    pub(crate) next: Next,
    /// Whether the same backend may be asked once more before a weaker one is.
    pub(crate) again: Again,
}

/// Whether what failed may be asked once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// No: it would fail again, or it was silent.
    Never,
    /// After a moment.
    Soon,
    /// When the time has passed that it named.
    After(Duration),
}

/// What a failure does to the throttle gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Nothing.
    Leave,
    /// Shuts it for so long, if we were told.
    Shut(Option<Duration>),
}

/// Who is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next candidate.
    GoOn,
    /// The next candidate, which may do better though the failure was not of the backend's making.
    GoOnBlameless,
    /// The next candidate with a larger context.
    GoOnLarger,
    /// Nobody: none could do better, or none may be asked.
    Stop,
    /// Nobody: time is up.
    TimeIsUp,
}

/// Decides what a failed attempt means. The only such table; no catch-all, so that a new error is a decision.
pub(crate) fn decide(error: &BackendError) -> Decision {
    use AttemptOutcome as O;
    use BackendError as E;
    use breaker::Outcome::{Failure, Ignored, Severe};

    let (outcome, counts, next) = match error {
        E::ContentFiltered { .. } | E::ContentFilterUnavailable => (O::ContentFiltered, Ignored, Next::Stop),
        E::ContextLengthExceeded { .. } => (O::ContextLengthExceeded, Ignored, Next::GoOnLarger),
        E::Rejected { .. } => (O::Rejected, Ignored, Next::Stop),
        E::Unsupported { .. } => (O::NotSupported, Ignored, Next::GoOnBlameless),
        E::Undisguised { .. } => (O::NotAllowed, Ignored, Next::GoOnBlameless),
        E::OutputTruncated { .. } => (O::OutputTruncated, Ignored, Next::Stop),
        E::InvalidOutput { .. } => (O::InvalidOutput, Ignored, Next::GoOnBlameless),
        E::Unauthorized | E::Forbidden => (O::CredentialRefused, Severe, Next::GoOn),
        E::DeploymentNotFound => (O::DeploymentNotFound, Severe, Next::GoOn),
        E::CertificateInvalid { .. } => (O::CertificateInvalid, Severe, Next::GoOn),
        E::Throttled { .. } => (O::Throttled, Ignored, Next::GoOn),
        E::QuotaExhausted => (O::QuotaExhausted, Ignored, Next::GoOn),
        E::UpstreamTimeout | E::ServerError { .. } => (O::ServerError, Failure, Next::GoOn),
        E::Conflict => (O::ServerError, Ignored, Next::GoOn),
        E::Unreachable { .. } => (O::Unreachable, Failure, Next::GoOn),
        E::ConnectionBroken { .. } => (O::ConnectionBroken, Failure, Next::GoOn),
        E::NoFirstByte(_) | E::Stalled(_) | E::TooSlow { .. } => (O::Timeout, Failure, Next::GoOn),
        E::IncompleteStream | E::MalformedStream { .. } => (O::MalformedStream, Failure, Next::GoOn),
        E::Warming => (O::Warming, Ignored, Next::GoOn),
        E::Busy => (O::Busy, Ignored, Next::GoOn),
        E::Failed { .. } => (O::Failed, Failure, Next::GoOn),
        E::DeadlineExceeded => (O::DeadlineExceeded, Ignored, Next::TimeIsUp),
    };
    let gate = match error {
        E::Throttled { retry_after } => Gate::Shut(*retry_after),
        E::QuotaExhausted => Gate::Shut(Some(QUOTA_PAUSE)),
        E::ServerError {
            retry_after: Some(hint),
            ..
        } => Gate::Shut(Some((*hint).min(LONGEST_HINT_OF_ERROR))),
        _ => Gate::Leave,
    };
    let again = match error {
        E::ConnectionBroken { .. }
        | E::Conflict
        | E::ServerError {
            retry_after: None, ..
        } => Again::Soon,
        E::Throttled {
            retry_after: Some(hint),
        }
        | E::ServerError {
            retry_after: Some(hint),
            ..
        } => Again::After(*hint),
        _ => Again::Never,
    };
    let blame = match error {
        // Nothing answered, whichever deployment was meant.
        E::Unreachable { .. } | E::CertificateInvalid { .. } => Blame::Endpoint,
        E::Unauthorized | E::Forbidden => Blame::Credential,
        _ => Blame::Backend,
    };
    Decision {
        outcome,
        blame,
        counts,
        gate,
        next,
        again,
    }
}

#[cfg(test)]
mod tests;
