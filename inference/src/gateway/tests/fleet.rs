//! Calls while other processes try what is tried here.

use std::{collections::VecDeque, sync::Mutex};

use tokio::time::{Instant, advance};

use super::*;
use crate::fleet::{Fleet, Heed, Leave, News};

/// Answers as it was told to, then always grants; keeps what it hears.
#[derive(Default)]
struct Others {
    answers: Mutex<VecDeque<Leave>>,
    said: Mutex<Vec<&'static str>>,
    heeds: Mutex<Vec<(String, Heed)>>,
}

impl Others {
    fn say(&self, word: &'static str) {
        self.said.lock().unwrap().push(word);
    }
}

#[async_trait::async_trait]
impl Fleet for Others {
    async fn ask_for_trial(&self, _: &str, _: Duration) -> Leave {
        self.say("asked");
        self.answers.lock().unwrap().pop_front().unwrap_or(Leave::Granted)
    }

    fn trial_ended(&self, _: &str) {
        self.say("ended");
    }

    fn opened(&self, _: &str, _: Duration) {
        self.say("opened");
    }

    fn closed(&self, _: &str) {
        self.say("closed");
    }

    fn listen(&self, circuit: &str, heed: Heed) {
        self.heeds.lock().unwrap().push((circuit.to_owned(), heed));
    }
}

fn in_fleet(backends: &[&FakeBackend], answers: &[Leave]) -> (Gateway, Arc<Others>) {
    let others = Arc::new(Others::default());
    others.answers.lock().unwrap().extend(answers);
    let names: Vec<_> = backends
        .iter()
        .map(|backend| backend.registered().backend.info().name.clone())
        .collect();
    let config = GatewayConfig {
        queue: admission::Config { capacity: 256 },
        backends: backends.iter().map(|backend| backend.registered()).collect(),
        chains: vec![Chain {
            name: "default".to_owned(),
            backends: names,
        }],
        routing: routing::Config::default(),
    };
    let surroundings = Surroundings {
        disguise: None,
        fleet: Some(others.clone()),
    };
    let gateway = Gateway::within(config, Arc::new(NoObserver), surroundings).expect("names are fine");
    (gateway, others)
}

async fn open(gateway: &Gateway, one: &FakeBackend) {
    one.always(failing());
    while gateway.snapshot().backends[0].breaker.state != State::Open {
        let _ = gateway.complete(call(50)).await;
    }
    one.always(Script::new().text("back").finish(FinishReason::Stop));
    advance(6 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_another_process_makes_is_not_made_here() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    let (gateway, others) = in_fleet(&[&one, &two], &[Leave::Taken(2 * SECOND), Leave::Granted]);
    open(&gateway, &one).await;
    let before = one.attempts();
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(told(&answer.facts.attempts), ["one circuit_open", "two answered"]);
    assert_eq!(one.attempts(), before);
    check_idle(&gateway);
    advance(2 * SECOND).await;
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(answer.facts.backend, "one");
    assert_eq!(
        *others.said.lock().unwrap(),
        ["opened", "asked", "asked", "closed", "ended"],
        "and nothing is asked while it is closed"
    );
    gateway.complete(call(50)).await.expect("answered");
    assert_eq!(others.said.lock().unwrap().len(), 5);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn who_has_nobody_else_to_ask_waits_for_the_other_process() {
    let one = FakeBackend::new("one", "big");
    let taken = Leave::Taken(3 * SECOND);
    let (gateway, others) = in_fleet(&[&one], &[taken, taken]);
    open(&gateway, &one).await;
    let began = Instant::now();
    let waiting = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.complete(call(50)).await }
    });
    tokio::time::sleep(SECOND).await;
    assert_eq!(gateway.snapshot().backends[0].breaker.state, State::Open);
    // It succeeds there: whoever waits goes on at once.
    {
        let heeds = others.heeds.lock().unwrap();
        assert_eq!(heeds[0].0, "backend:one");
        for (_, heed) in heeds.iter() {
            heed(News::Closed { ago: Duration::ZERO });
        }
    }
    let answer = waiting.await.expect("no panic").expect("answered");
    assert_eq!(answer.facts.backend, "one");
    assert!(began.elapsed() < 2 * SECOND, "{:?}", began.elapsed());
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn models_in_this_process_are_nobody_elses() {
    let local = FakeBackend::new("local", "small").with(|info| info.processing = Processing::InProcess);
    let (gateway, others) = in_fleet(&[&local], &[]);
    open(&gateway, &local).await;
    gateway.complete(call(50)).await.expect("answered");
    assert!(others.said.lock().unwrap().is_empty() && others.heeds.lock().unwrap().is_empty());
}
