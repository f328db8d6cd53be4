//! A scripted backend, for tests of whatever sits above one.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;

use crate::{
    Backend, BackendError, BackendInfo, CompletionEvent, CompletionRequest, CompletionStream, Deadline,
    FinishReason, Price, Priority, Processing, Readiness, RegisteredBackend, Shares, TokenUsage, ToolCall,
    admission::FairQueue,
    resilience::{self, throttle::Allowance},
};

pub use crate::chat_completions::fuzz;

/// What a [`FakeBackend`] does with one attempt, step by step.
#[derive(Debug, Clone, Default)]
pub struct Script(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Wait(Duration),
    Stall,
    Text(String),
    Progress,
    ToolCalls(Vec<ToolCall>),
    Finish(FinishReason),
    Fail(BackendError),
}

impl Script {
    /// Does nothing yet; a script that ends without [`Script::finish`] or [`Script::fail`] is an
    /// incomplete stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers with one text and finishes.
    pub fn answer(text: &str) -> Self {
        Self::new().text(text).finish(FinishReason::Stop)
    }

    /// Fails at once.
    pub fn failure(error: BackendError) -> Self {
        Self::new().fail(error)
    }

    /// Then waits.
    #[must_use]
    pub fn wait(self, duration: Duration) -> Self {
        self.step(Step::Wait(duration))
    }

    /// Then is silent for ever.
    #[must_use]
    pub fn stall(self) -> Self {
        self.step(Step::Stall)
    }

    /// Then says a piece of text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.step(Step::Text(text.to_owned()))
    }

    /// Then sends a piece of what is not shown.
    #[must_use]
    pub fn progress(self) -> Self {
        self.step(Step::Progress)
    }

    /// Then asks for tools.
    #[must_use]
    pub fn tool_calls(self, calls: Vec<ToolCall>) -> Self {
        self.step(Step::ToolCalls(calls))
    }

    /// Then finishes properly.
    #[must_use]
    pub fn finish(self, reason: FinishReason) -> Self {
        self.step(Step::Finish(reason))
    }

    /// Then fails.
    #[must_use]
    pub fn fail(self, error: BackendError) -> Self {
        self.step(Step::Fail(error))
    }

    fn step(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }
}

/// A backend that does as it is told, and counts what is asked of it. Cheap to clone.
#[derive(Clone)]
pub struct FakeBackend {
    info: BackendInfo,
    shares: Shares,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    attempts: AtomicUsize,
    running: AtomicUsize,
    most_running: AtomicUsize,
}

struct State {
    /// For the next attempts, one each.
    next: VecDeque<Script>,
    /// For all attempts after those.
    always: Script,
    readiness: Readiness,
    watchers: Vec<Arc<dyn Fn() + Send + Sync>>,
    gates: Vec<Arc<dyn Fn(Allowance) + Send + Sync>>,
}

impl FakeBackend {
    /// Makes a backend that answers "ok", may process anywhere, and takes 64 calls at once.
    pub fn new(name: &str, model: &str) -> Self {
        let info = BackendInfo {
            name: name.to_owned(),
            kind: "fake",
            model: model.to_owned(),
            region: "nowhere".to_owned(),
            processing: Processing::Global,
            max_concurrency: 64,
            context_tokens: None,
            tools: true,
            price: Price::default(),
        };
        let state = State {
            next: VecDeque::new(),
            always: Script::answer("ok"),
            readiness: Readiness::Ready,
            watchers: Vec::new(),
            gates: Vec::new(),
        };
        let shared = Shared {
            state: Mutex::new(state),
            attempts: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
        };
        Self {
            info,
            shares: Shares::default(),
            shared: Arc::new(shared),
        }
    }

    /// Changes what it is. To be called before it is registered.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut BackendInfo)) -> Self {
        change(&mut self.info);
        self
    }

    /// Shares an endpoint and a credential with all that name the same. To be called before it is registered.
    #[must_use]
    pub fn sharing(mut self, endpoint: &str, credential: &str) -> Self {
        self.shares = Shares {
            endpoint: Some(endpoint.to_owned()),
            credential: Some(credential.to_owned()),
        };
        self
    }

    /// Says what is left of its limits.
    pub fn say_allowance(&self, allowance: Allowance) {
        let watchers = self.lock().gates.clone();
        for watcher in watchers {
            watcher(allowance);
        }
    }

    /// Follows this script from now on.
    pub fn always(&self, script: Script) {
        self.lock().always = script;
    }

    /// Follows this script once, after those that were given before and before the usual one.
    pub fn next(&self, script: Script) {
        self.lock().next.push_back(script);
    }

    /// Becomes ready, or not, and tells those who watch.
    pub fn set_readiness(&self, readiness: Readiness) {
        let watchers = {
            let mut state = self.lock();
            state.readiness = readiness;
            state.watchers.clone()
        };
        for watcher in watchers {
            watcher();
        }
    }

    /// Attempts made so far.
    pub fn attempts(&self) -> usize {
        self.shared.attempts.load(Ordering::SeqCst)
    }

    /// Attempts under way.
    pub fn running(&self) -> usize {
        self.shared.running.load(Ordering::SeqCst)
    }

    /// Most attempts that were under way at once.
    pub fn most_running(&self) -> usize {
        self.shared.most_running.load(Ordering::SeqCst)
    }

    /// Makes it a backend of a gateway, with default resilience.
    pub fn registered(&self) -> RegisteredBackend {
        self.registered_with(resilience::Config::default())
    }

    /// Makes it a backend of a gateway.
    pub fn registered_with(&self, resilience: resilience::Config) -> RegisteredBackend {
        RegisteredBackend {
            backend: Arc::new(self.clone()),
            resilience,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts an attempt as running until dropped.
struct Running(Arc<Shared>);

impl Running {
    fn begin(shared: &Arc<Shared>) -> Self {
        shared.attempts.fetch_add(1, Ordering::SeqCst);
        let running = shared.running.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_running.fetch_max(running, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Backend for FakeBackend {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn readiness(&self) -> Readiness {
        self.lock().readiness.clone()
    }

    fn watch_readiness(&self, changed: Box<dyn Fn() + Send + Sync>) {
        self.lock().watchers.push(changed.into());
    }

    fn shares(&self) -> Shares {
        self.shares.clone()
    }

    fn watch_allowance(&self, learned: Box<dyn Fn(Allowance) + Send + Sync>) {
        self.lock().gates.push(learned.into());
    }

    async fn complete(
        &self,
        _request: &CompletionRequest,
        _deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let running = Running::begin(&self.shared);
        let script = {
            let mut state = self.lock();
            state.next.pop_front().unwrap_or_else(|| state.always.clone())
        };
        let mut steps: VecDeque<Step> = script.0.into();
        // What comes before the first text or end happens before the response.
        while let Some(Step::Wait(_) | Step::Stall | Step::Fail(_)) = steps.front() {
            if let Some(Err(error)) = act(steps.pop_front().expect("front was there")).await {
                return Err(error);
            }
        }
        let answered = 0_u32;
        let stream = futures::stream::unfold(
            (steps, running, answered),
            |(mut steps, running, mut answered)| async move {
                while let Some(step) = steps.pop_front() {
                    if let Some(mut event) = act(step).await {
                        match &mut event {
                            Ok(CompletionEvent::Text { .. } | CompletionEvent::Progress) => answered += 1,
                            Ok(CompletionEvent::ToolCalls(calls)) => {
                                answered += u32::try_from(calls.len()).unwrap_or(u32::MAX);
                            }
                            Ok(CompletionEvent::Finished { usage, .. }) => usage.output = answered,
                            Err(_) => steps.clear(),
                        }
                        return Some((event, (steps, running, answered)));
                    }
                }
                None
            },
        );
        Ok(stream.boxed())
    }
}

/// Takes one step; `None` when it says nothing.
async fn act(step: Step) -> Option<Result<CompletionEvent, BackendError>> {
    match step {
        Step::Wait(duration) => {
            tokio::time::sleep(duration).await;
            None
        }
        Step::Stall => std::future::pending().await,
        Step::Text(text) => Some(Ok(CompletionEvent::text(text))),
        Step::Progress => Some(Ok(CompletionEvent::Progress)),
        Step::ToolCalls(calls) => Some(Ok(CompletionEvent::ToolCalls(calls))),
        Step::Finish(reason) => {
            let usage = TokenUsage { input: 7, output: 0 };
            Some(Ok(CompletionEvent::Finished {
                reason,
                usage,
                model: None,
                deployment: None,
            }))
        }
        Step::Fail(error) => Some(Err(error)),
    }
}

/// The line in which tenants take turns, without whoever stands in it: for a bench.
#[derive(Default)]
pub struct Turns {
    line: FairQueue<()>,
    number: u64,
}

impl Turns {
    /// Lets a call of a tenant wait.
    pub fn enqueue(&mut self, tenant: &Arc<str>, tokens: u32) {
        self.number += 1;
        let number = self.number;
        self.line
            .push(tenant, Priority::Interactive, tokens, 1, number, ());
    }

    /// Serves whoever is next; `false` when nobody waits.
    pub fn dequeue(&mut self) -> bool {
        let next = self.line.next(1, &[]);
        next.and_then(|place| self.line.serve(place)).is_some()
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.line.len()
    }
}
