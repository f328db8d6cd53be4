//! The table of failures: what is told, who is blamed, who is asked next.

use breaker::Outcome::{Failure, Ignored, Severe};

use super::*;

fn reason() -> String {
    "why".to_owned()
}

#[test]
fn every_failure_is_decided() {
    use AttemptOutcome as O;
    use BackendError as E;
    let second = Duration::from_secs(1);
    let filtered = E::ContentFiltered {
        stage: "answer",
        categories: reason(),
    };
    let cases = [
        (filtered, O::ContentFiltered, Ignored, Next::Stop),
        (
            E::ContentFilterUnavailable,
            O::ContentFiltered,
            Ignored,
            Next::Stop,
        ),
        (
            E::ContextLengthExceeded {
                needed: None,
                limit: None,
            },
            O::ContextLengthExceeded,
            Ignored,
            Next::GoOnLarger,
        ),
        (
            E::Rejected {
                status: 422,
                message: reason(),
            },
            O::Rejected,
            Ignored,
            Next::Stop,
        ),
        (
            E::Unsupported { reason: reason() },
            O::NotSupported,
            Ignored,
            Next::GoOnBlameless,
        ),
        (E::Unauthorized, O::CredentialRefused, Severe, Next::GoOn),
        (E::Forbidden, O::CredentialRefused, Severe, Next::GoOn),
        (E::DeploymentNotFound, O::DeploymentNotFound, Severe, Next::GoOn),
        (E::UpstreamTimeout, O::ServerError, Failure, Next::GoOn),
        (E::Conflict, O::ServerError, Ignored, Next::GoOn),
        (
            E::Throttled { retry_after: None },
            O::Throttled,
            Ignored,
            Next::GoOn,
        ),
        (E::QuotaExhausted, O::QuotaExhausted, Ignored, Next::GoOn),
        (
            E::ServerError {
                status: 500,
                retry_after: None,
            },
            O::ServerError,
            Failure,
            Next::GoOn,
        ),
        (
            E::Unreachable { reason: reason() },
            O::Unreachable,
            Failure,
            Next::GoOn,
        ),
        (
            E::CertificateInvalid { reason: reason() },
            O::CertificateInvalid,
            Severe,
            Next::GoOn,
        ),
        (
            E::ConnectionBroken { reason: reason() },
            O::ConnectionBroken,
            Failure,
            Next::GoOn,
        ),
        (E::NoFirstByte(second), O::Timeout, Failure, Next::GoOn),
        (E::Stalled(second), O::Timeout, Failure, Next::GoOn),
        (E::IncompleteStream, O::MalformedStream, Failure, Next::GoOn),
        (
            E::MalformedStream { reason: reason() },
            O::MalformedStream,
            Failure,
            Next::GoOn,
        ),
        (
            E::OutputTruncated { max_output_tokens: 1 },
            O::OutputTruncated,
            Ignored,
            Next::Stop,
        ),
        (
            E::InvalidOutput { reason: reason() },
            O::InvalidOutput,
            Ignored,
            Next::GoOnBlameless,
        ),
        (E::Warming, O::Warming, Ignored, Next::GoOn),
        (E::Busy, O::Busy, Ignored, Next::GoOn),
        (E::Failed { reason: reason() }, O::Failed, Failure, Next::GoOn),
        (E::DeadlineExceeded, O::DeadlineExceeded, Ignored, Next::TimeIsUp),
    ];
    for (error, outcome, counts, next) in cases {
        let decision = decide(&error);
        assert_eq!(
            (decision.outcome, decision.counts, decision.next),
            (outcome, counts, next),
            "{error:?}"
        );
    }
}

#[test]
fn only_throttling_and_hints_shut_the_gate() {
    use BackendError as E;
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let cases = [
        (E::Throttled { retry_after: None }, Gate::Shut(None)),
        (
            E::Throttled {
                retry_after: seconds(86_400),
            },
            Gate::Shut(seconds(86_400)),
        ),
        (E::QuotaExhausted, Gate::Shut(seconds(600))),
        (
            E::ServerError {
                status: 503,
                retry_after: None,
            },
            Gate::Leave,
        ),
        (
            E::ServerError {
                status: 503,
                retry_after: seconds(7),
            },
            Gate::Shut(seconds(7)),
        ),
        (
            E::ServerError {
                status: 503,
                retry_after: seconds(7000),
            },
            Gate::Shut(seconds(30)),
        ),
        (E::Unauthorized, Gate::Leave),
    ];
    for (error, gate) in cases {
        assert_eq!(decide(&error).gate, gate, "{error:?}");
    }
}
