//! What is left of a limit, and who takes the calls that it cannot hold.

use super::*;
use crate::resilience::throttle::{Allowance, Left};

fn left(tokens: u64) -> Allowance {
    Allowance {
        tokens: Some(Left {
            amount: tokens,
            resets_in: Some(20 * SECOND),
        }),
        requests: None,
    }
}

async fn answered(gateway: &Gateway) -> Vec<String> {
    let answer = gateway.complete(call(50)).await.expect("answered");
    told(&answer.facts.attempts)
}

/// About what `call` takes.
fn tokens() -> u64 {
    u64::from(call(50).request.estimated_tokens())
}

#[tokio::test(start_paused = true)]
async fn a_call_that_does_not_fit_is_taken_by_another_until_the_reset() {
    for model in ["big", "small"] {
        let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", model));
        let gateway = gateway(&[&one, &two]);
        one.say_allowance(left(tokens()));
        assert_eq!(answered(&gateway).await, ["one answered"], "it just fits");
        let spilled = ["one spilled_over", "two answered"];
        assert_eq!(answered(&gateway).await, spilled, "what it took is gone");
        let answer = gateway.complete(call(50)).await.expect("answered").facts;
        assert_eq!(answer.degraded, model == "small");
        assert_eq!(answer.reason, Some(AttemptOutcome::SpilledOver));
        tokio::time::advance(20 * SECOND).await;
        assert_eq!(answered(&gateway).await, ["one answered"], "it was reset");
        check_idle(&gateway);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_says_there_is_more_ends_it() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    let gateway = gateway(&[&one, &two]);
    one.say_allowance(left(0));
    assert_eq!(answered(&gateway).await, ["one spilled_over", "two answered"]);
    one.say_allowance(left(1000));
    assert_eq!(answered(&gateway).await, ["one answered"]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_kept_out_by_a_guess() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    let gateway = gateway(&[&one, &two]);
    one.say_allowance(left(0));
    two.say_allowance(left(0));
    assert_eq!(answered(&gateway).await, ["one answered"], "nobody has more");
    gateway.force_open("one", "test").expect("known");
    assert_eq!(answered(&gateway).await, ["one circuit_open", "two answered"]);
}

#[tokio::test(start_paused = true)]
async fn what_spilled_is_asked_when_the_other_fails() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    two.always(failing());
    let gateway = gateway(&[&one, &two]);
    one.say_allowance(left(0));
    assert_eq!(
        answered(&gateway).await,
        ["one spilled_over", "two server_error", "one answered"]
    );
}
