//! Stand-ins and what they stand for; and whole calls, some of whose backends must not see everything.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::{StreamExt, stream};
use proptest::prelude::*;

use super::*;
use crate::{
    Backend, Call, CallEvent, Chain, CompletionEvent, CompletionStream, Deadline, FinishReason, Gateway,
    GatewayConfig, Message, NoObserver, Price, Readiness, RegisteredBackend, RoutingConfig, Surroundings,
    TokenUsage, Tool, Visibility, admission, resilience,
};

fn stand_ins() -> StandIns {
    let mut stand_ins = StandIns::default();
    stand_ins.insert("EMAIL", "7F3A", "anna@firma.de".to_owned());
    stand_ins.insert("EMAIL", "7F3B00", "b@firma.de".to_owned());
    stand_ins.insert("NAME", "0001", "Müller \"&\" Co".to_owned());
    stand_ins
}

#[test]
fn stand_ins_become_their_values_however_a_model_writes_them() {
    let stand_ins = stand_ins();
    for (text, restored) in [
        ("Write to EMAIL_7F3A.", "Write to anna@firma.de."),
        ("EMAIL_7F3B00EMAIL_7F3A", "b@firma.deanna@firma.de"),
        ("email_7f3a, EMAIL\\_7F3A", "anna@firma.de, anna@firma.de"),
        (
            "EMAIL_7F3C EMAIL_7F3 EMAIL_7F3B01 _ NAME",
            "EMAIL_7F3C EMAIL_7F3 EMAIL_7F3B01 _ NAME",
        ),
        ("NAME_0001s Ärger", "Müller \"&\" Cos Ärger"),
    ] {
        assert_eq!(stand_ins.restore(text), restored);
    }
    assert_eq!(
        stand_ins.restore_as(r#"{"name": "NAME\\_0001"}"#, Form::Json),
        r#"{"name": "Müller \"&\" Co"}"#
    );
}

proptest! {
    #[test]
    fn pieces_say_what_the_whole_says(
        parts in prop::collection::vec(prop::sample::select(vec![
            "EMAIL_7F3A", "email_7f3b00", "NAME\\_0001", "NAME_000E", "EMAIL_", "EMA", "E", "_", "\\", "7F3", "ä", " und ", "NAME",
        ]), 0..12),
        cuts in prop::collection::vec(0..200_usize, 0..20),
    ) {
        let whole: String = parts.concat();
        let mut stand_ins = stand_ins();
        // Its last digit looks like the beginning of EMAIL.
        stand_ins.insert("NAME", "000E", "Eva".to_owned());
        let stand_ins = Arc::new(stand_ins);
        let mut restorer = Restorer::new(Some(Arc::clone(&stand_ins)), &Output::Text);
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| whole.floor_char_boundary(cut)).collect();
        cuts.extend([0, whole.len()]);
        cuts.sort_unstable();
        let mut said = String::new();
        for pair in cuts.windows(2) {
            said.push_str(&restorer.push(whole[pair[0]..pair[1]].to_owned()));
        }
        said.push_str(&restorer.finish());
        prop_assert_eq!(said, stand_ins.restore(&whole));
    }
}

#[test]
fn only_what_may_become_a_stand_in_is_held_back() {
    let mut restorer = Restorer::new(Some(Arc::new(stand_ins())), &Output::Text);
    assert_eq!(restorer.push("Dear ".to_owned()), "Dear ");
    assert_eq!(restorer.push("Anna EMA".to_owned()), "Anna ");
    assert_eq!(restorer.push("IL_7F".to_owned()), "");
    assert_eq!(restorer.push("3A, hello".to_owned()), "anna@firma.de, hello");
    assert_eq!(restorer.finish(), "");
}

#[test]
fn a_whole_stand_in_is_not_taken_for_the_beginning_of_another() {
    let mut stand_ins = stand_ins();
    stand_ins.insert("NAME", "000E", "Eva".to_owned());
    let mut restorer = Restorer::new(Some(Arc::new(stand_ins)), &Output::Text);
    assert_eq!(restorer.push("Dear NAME_000E".to_owned()), "Dear Eva");
    assert_eq!(restorer.push(", E".to_owned()), ", ", "this one may begin EMAIL");
    assert_eq!(restorer.finish(), "E");
}

/// Keeps what it is asked, and answers in the given pieces.
struct Listener {
    info: BackendInfo,
    heard: Mutex<Vec<String>>,
    answer: Mutex<VecDeque<Result<CompletionEvent, BackendError>>>,
}

impl Listener {
    fn new(name: &str, processing: Processing, pieces: &[&str]) -> Arc<Self> {
        let text = |piece: &&str| Ok(CompletionEvent::text(*piece));
        let listener = Self {
            info: BackendInfo {
                name: name.to_owned(),
                kind: "test",
                model: name.to_owned(),
                region: "test".to_owned(),
                processing,
                max_concurrency: 4,
                context_tokens: None,
                tools: true,
                price: Price::default(),
            },
            heard: Mutex::default(),
            answer: Mutex::new(pieces.iter().map(text).collect()),
        };
        listener.say(CompletionEvent::Finished {
            reason: FinishReason::Stop,
            usage: TokenUsage::default(),
            model: None,
            deployment: None,
        });
        Arc::new(listener)
    }

    fn say(&self, event: CompletionEvent) {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer.push_back(Ok(event));
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait::async_trait]
impl Backend for Listener {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn readiness(&self) -> Readiness {
        Readiness::Ready
    }

    async fn complete(
        &self,
        request: &CompletionRequest,
        _: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let content = request.messages.iter().map(|message| message.content.clone());
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(content);
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(stream::iter(std::mem::take(&mut *answer)).boxed())
    }
}

/// Hides one address; or cannot; or breaks.
enum Hiding {
    Address,
    Impossible,
    Broken,
}

impl Disguise for Hiding {
    fn disguise(&self, request: &CompletionRequest) -> Result<Option<Disguised>, String> {
        assert_eq!(
            request.tenant.as_deref(),
            Some("acme"),
            "it is told whose text it is"
        );
        match self {
            Self::Address => {
                let mut request = request.clone();
                for message in &mut request.messages {
                    message.content = message.content.replace("anna@firma.de", "EMAIL_7F3A");
                }
                let stand_ins = stand_ins();
                Ok(Some(Disguised { request, stand_ins }))
            }
            Self::Impossible => Err("a list cannot be read".to_owned()),
            Self::Broken => panic!("a bug"),
        }
    }
}

fn gateway(backends: &[&Arc<Listener>], hiding: Hiding) -> Gateway {
    let registered = |backend: &&Arc<Listener>| RegisteredBackend {
        backend: Arc::clone(*backend) as Arc<dyn Backend>,
        resilience: resilience::Config::default(),
    };
    let config = GatewayConfig {
        queue: admission::Config::default(),
        backends: backends.iter().map(registered).collect(),
        chains: vec![Chain {
            name: "default".to_owned(),
            backends: backends.iter().map(|backend| backend.info.name.clone()).collect(),
        }],
        routing: RoutingConfig::default(),
    };
    let surroundings = Surroundings {
        disguise: Some(Arc::new(hiding)),
        fleet: None,
    };
    Gateway::within(config, Arc::new(NoObserver), surroundings).expect("names are fine")
}

fn call() -> Call {
    let request = CompletionRequest::new(vec![Message::user("Who is anna@firma.de?")], 100);
    Call {
        tenant: Arc::from("acme"),
        ..Call::new("test", request, Deadline::after(Duration::from_secs(10)))
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_outside_sees_stand_ins_and_the_caller_its_own_words() {
    let azure = Listener::new("azure", Processing::Eu, &["It is EMA", "IL_7F", "3A, she says"]);
    let gateway = gateway(&[&azure], Hiding::Address);
    let mut events = gateway
        .start(Call {
            visibility: Visibility::Irrevocable,
            ..call()
        })
        .expect("admitted");
    let mut shown = String::new();
    let mut last = None;
    while let Some(event) = events.next().await {
        match event.expect("answered") {
            CallEvent::Text(piece) => shown.push_str(&piece),
            CallEvent::Answered(answer) => last = Some(answer),
            _ => {}
        }
    }
    let answer = last.expect("an end");
    assert_eq!(azure.heard(), ["Who is EMAIL_7F3A?"]);
    assert_eq!(shown, "It is anna@firma.de, she says");
    assert_eq!(answer.text, shown);
    assert_eq!(answer.facts.disguised, 3);
}

#[tokio::test(start_paused = true)]
async fn the_model_in_the_process_sees_the_text_as_it_is() {
    let azure = Listener::new("azure", Processing::Eu, &[]);
    *azure.answer.lock().unwrap() = [Err(BackendError::QuotaExhausted)].into();
    let local = Listener::new("local", Processing::InProcess, &["EMAIL_7F3A is hers"]);
    let gateway = gateway(&[&azure, &local], Hiding::Address);
    let answer = gateway.complete(call()).await.expect("answered");
    assert_eq!(azure.heard(), ["Who is EMAIL_7F3A?"]);
    assert_eq!(local.heard(), ["Who is anna@firma.de?"]);
    assert_eq!(
        answer.text, "EMAIL_7F3A is hers",
        "nothing was hidden from it, so nothing is put back"
    );
    assert_eq!(answer.facts.disguised, 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_disguised_stays_or_fails() {
    for hiding in [|| Hiding::Impossible, || Hiding::Broken] {
        let azure = Listener::new("azure", Processing::Eu, &["leaked"]);
        let local = Listener::new("local", Processing::InProcess, &["stayed"]);
        let answer = gateway(&[&azure, &local], hiding()).complete(call()).await;
        assert_eq!(answer.expect("answered").text, "stayed");
        assert_eq!(azure.heard(), [""; 0]);

        let error = gateway(&[&azure], hiding())
            .complete(call())
            .await
            .expect_err("nobody may have it");
        assert_eq!(error.code(), "not_permitted");
        assert!(error.to_string().contains("cannot be disguised"), "{error}");
        assert_eq!(azure.heard(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn tool_calls_carry_the_callers_own_words() {
    let azure = Listener::new("azure", Processing::Global, &[]);
    *azure.answer.lock().unwrap() = VecDeque::new();
    azure.say(CompletionEvent::ToolCalls(vec![ToolCall {
        id: "1".to_owned(),
        name: "find".to_owned(),
        arguments: r#"{"who": "NAME_0001", "mail": "EMAIL_7F3A"}"#.to_owned(),
    }]));
    azure.say(CompletionEvent::Finished {
        reason: FinishReason::ToolCalls,
        usage: TokenUsage::default(),
        model: None,
        deployment: None,
    });
    let mut call = call();
    call.request.tools = vec![Tool {
        name: "find".to_owned(),
        description: None,
        parameters: None,
        strict: false,
    }];
    let answer = gateway(&[&azure], Hiding::Address)
        .complete(call)
        .await
        .expect("answered");
    assert_eq!(
        answer.tool_calls[0].arguments,
        r#"{"who": "Müller \"&\" Co", "mail": "anna@firma.de"}"#
    );
}
