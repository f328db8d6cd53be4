//! A model in this process, behind the [`Backend`] trait.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::StreamExt;
pub use models::LoadProgress;
use models::{
    Engine, EngineConfig, Finish, GenerateError, Generation, GenerationEvent, GenerationRequest, KvPrecision,
    Sampling, Source, Turn,
};

use crate::{
    Backend, BackendError, BackendInfo, CompletionEvent, CompletionRequest, CompletionStream, Deadline,
    FinishReason, Output, Price, Processing, Readiness, TokenUsage, resilience,
};

/// Which model, and how much of it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its name as a backend.
    pub name: String,
    /// The name of the model, for results.
    pub model: String,
    /// Where the weights are; `None` is the bundled model.
    pub path: Option<PathBuf>,
    /// Answers at once.
    pub slots: usize,
    /// Upper bound of the context in tokens; `None` is what the file says.
    pub context_tokens: Option<u32>,
    /// How the KV cache keeps its numbers.
    pub kv_precision: KvPrecision,
}

impl Config {
    /// Resilience that suits a model on a CPU: it may read a long prompt for a while before its first
    /// token, and it needs no connection.
    pub fn resilience() -> resilience::Config {
        resilience::Config {
            first_byte_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_secs(30),
            // There is nobody to leave it for.
            floor_tokens_per_second: 0,
            slow_first_token: Duration::ZERO,
            slow_call: Duration::ZERO,
            // Its slots bound what runs, and it has no other callers to recover for.
            breaker: resilience::breaker::Config {
                ramp: Duration::ZERO,
                ..Default::default()
            },
            ..resilience::Config::default()
        }
    }
}

/// What the engine is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Answers it can give at once.
    pub slots: usize,
    /// Answers in the making.
    pub busy: usize,
    /// Bytes held by the KV caches.
    pub kv_bytes: u64,
    /// Bytes kept for prompts that begin like earlier ones.
    pub kv_kept_bytes: u64,
    /// Bytes that the KV caches may hold in all.
    pub kv_budget_bytes: u64,
}

/// A model in this process. Cheap to clone.
#[derive(Clone)]
pub struct LocalBackend {
    info: BackendInfo,
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    state: Mutex<State>,
    watchers: Mutex<Vec<Box<dyn Fn() + Send + Sync>>>,
}

enum State {
    Loading(f32),
    Ready(Engine),
    Failed(String),
}

impl LocalBackend {
    /// Begins to load a model, on a thread of its own, and returns at once. `on_progress` is told how far
    /// it is.
    pub fn load(config: Config, on_progress: impl FnMut(LoadProgress) + Send + 'static) -> Self {
        let Config {
            name,
            model,
            path,
            slots,
            context_tokens,
            kv_precision,
        } = config;
        let info = BackendInfo {
            name: name.clone(),
            kind: "local",
            model,
            region: "in-process".to_owned(),
            processing: Processing::InProcess,
            max_concurrency: slots.max(1),
            context_tokens,
            tools: false,
            price: Price::default(),
        };
        let shared = Shared {
            name,
            state: Mutex::new(State::Loading(0.0)),
            watchers: Mutex::new(Vec::new()),
        };
        let shared = Arc::new(shared);
        let source = path.map_or(Source::Bundled, Source::File);
        let context_limit = context_tokens.map(|tokens| usize::try_from(tokens).unwrap_or(usize::MAX));
        let engine = EngineConfig {
            slots: info.max_concurrency,
            context_limit,
            kv_precision,
            ..EngineConfig::default()
        };
        let loading = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("load-model".to_owned());
        if let Err(error) = thread.spawn(move || loading.load(&source, engine, on_progress)) {
            shared.fail(format!("no thread to load the model on: {error}"));
        }
        Self { info, shared }
    }

    /// What the engine is doing; zeros while there is none.
    pub fn stats(&self) -> Stats {
        let State::Ready(engine) = &*self.shared.state() else {
            return Stats::default();
        };
        let models::EngineStats {
            slots,
            slots_busy: busy,
            kv_bytes,
            kv_kept_bytes,
            kv_budget_bytes,
        } = engine.stats();
        Stats {
            slots,
            busy,
            kv_bytes,
            kv_kept_bytes,
            kv_budget_bytes,
        }
    }

    /// The loaded engine, if there is one.
    pub fn engine(&self) -> Option<Engine> {
        match &*self.shared.state() {
            State::Ready(engine) => Some(engine.clone()),
            State::Loading(_) | State::Failed(_) => None,
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self, source: &Source, config: EngineConfig, mut on_progress: impl FnMut(LoadProgress) + Send) {
        let progress = |progress: LoadProgress| {
            *self.state() = State::Loading(fraction(progress));
            on_progress(progress);
        };
        // A model file is somebody else's: whatever it makes the loader do, the process stays up.
        match catch_unwind(AssertUnwindSafe(|| Engine::start(source, config, progress))) {
            Ok(Ok(engine)) => {
                let info = engine.info();
                tracing::info!(
                    backend = self.name,
                    model = info.name,
                    "{} is loaded: {}",
                    self.name,
                    info.name
                );
                self.turn(State::Ready(engine));
            }
            Ok(Err(error)) => self.fail(error.to_string()),
            Err(_) => self.fail("the loader broke on this file".to_owned()),
        }
    }

    fn fail(&self, reason: String) {
        tracing::error!(
            backend = self.name,
            reason,
            "{} cannot answer any more: {reason}",
            self.name
        );
        self.turn(State::Failed(reason));
    }

    fn turn(&self, state: State) {
        *self.state() = state;
        for watcher in &*self.watchers.lock().unwrap_or_else(PoisonError::into_inner) {
            watcher();
        }
    }

    /// Translates an error; one that the engine does not survive ends the backend too.
    fn translate(&self, error: GenerateError) -> BackendError {
        let translated = translate(error);
        if let BackendError::Failed { reason } = &translated
            && matches!(*self.state(), State::Ready(_))
        {
            self.fail(reason.clone());
        }
        translated
    }
}

#[async_trait::async_trait]
impl Backend for LocalBackend {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn readiness(&self) -> Readiness {
        match &*self.shared.state() {
            State::Loading(fraction) => Readiness::Warming(*fraction),
            State::Ready(_) => Readiness::Ready,
            State::Failed(reason) => Readiness::Failed(reason.clone()),
        }
    }

    fn watch_readiness(&self, changed: Box<dyn Fn() + Send + Sync>) {
        self.shared
            .watchers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(changed);
    }

    async fn complete(
        &self,
        request: &CompletionRequest,
        _deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let engine = match &*self.shared.state() {
            State::Ready(engine) => engine.clone(),
            State::Loading(_) => return Err(BackendError::Warming),
            State::Failed(reason) => {
                return Err(BackendError::Failed {
                    reason: reason.clone(),
                });
            }
        };
        let request = generation_request(request)?;
        // Who was given up a moment ago still holds one.
        let place = engine.place().await;
        // Laying out the prompt and compiling the schema take a while: not on a thread that serves others.
        let generation = match tokio::task::spawn_blocking(move || engine.generate_in(place, request)).await {
            Ok(Ok(generation)) => generation,
            Ok(Err(error)) => return Err(self.shared.translate(error)),
            Err(_) => {
                return Err(BackendError::Unsupported {
                    reason: "the engine broke on this request".to_owned(),
                });
            }
        };
        Ok(events(generation, Arc::clone(&self.shared)))
    }
}

fn events(generation: Generation, shared: Arc<Shared>) -> CompletionStream {
    generation
        .map(move |event| match event {
            Ok(GenerationEvent::Text(text)) => Ok(CompletionEvent::text(text)),
            Ok(GenerationEvent::Finished {
                finish,
                prompt_tokens,
                generated_tokens,
            }) => Ok(CompletionEvent::Finished {
                reason: match finish {
                    Finish::Stop => FinishReason::Stop,
                    Finish::Length => FinishReason::Length,
                },
                usage: TokenUsage {
                    input: tokens(prompt_tokens),
                    output: tokens(generated_tokens),
                },
                model: None,
                deployment: None,
            }),
            Err(error) => Err(shared.translate(error)),
        })
        .boxed()
}

/// Translates a request, or says which part of it no model in this process can do.
fn generation_request(request: &CompletionRequest) -> Result<GenerationRequest, BackendError> {
    if request.wants_tools() {
        return Err(BackendError::Unsupported {
            reason: "a model in this process cannot call tools".to_owned(),
        });
    }
    let turn = |message: &crate::Message| Turn {
        role: message.role.as_str(),
        content: message.content.clone(),
    };
    Ok(GenerationRequest {
        turns: request.messages.iter().map(turn).collect(),
        max_tokens: usize::try_from(request.max_output_tokens).unwrap_or(usize::MAX),
        temperature: request.temperature,
        seed: request.seed,
        sampling: Sampling {
            top_p: request.top_p,
            ..Sampling::default()
        },
        stop: request.stop.clone(),
        cache_scope: request.tenant.clone(),
        json_schema: match &request.output {
            Output::Text => None,
            Output::JsonObject => Some(Arc::new(serde_json::json!({"type": "object"}))),
            Output::Json { schema, .. } => Some(Arc::clone(schema)),
        },
    })
}

fn translate(error: GenerateError) -> BackendError {
    match error {
        GenerateError::ContextLengthExceeded {
            prompt_tokens,
            max_tokens,
            context_tokens,
        } => BackendError::ContextLengthExceeded {
            needed: Some(tokens(prompt_tokens.saturating_add(max_tokens))),
            limit: Some(tokens(context_tokens)),
        },
        GenerateError::SchemaUnsupported(reason) => BackendError::Unsupported {
            reason: format!("schema: {reason}"),
        },
        GenerateError::Template(reason) => BackendError::Unsupported {
            reason: format!("chat template: {reason}"),
        },
        GenerateError::AnswerFailed(reason) => BackendError::Unsupported {
            reason: format!("this request: {reason}"),
        },
        GenerateError::NoFreeSlot => BackendError::Busy,
        GenerateError::EngineFailed(reason) => BackendError::Failed { reason },
    }
}

fn fraction(progress: LoadProgress) -> f32 {
    let LoadProgress {
        loaded_bytes,
        total_bytes,
    } = progress;
    // Per mille is exact in an f32, and fine enough for a progress bar.
    let per_mille = loaded_bytes.saturating_mul(1000) / total_bytes.max(1);
    f32::from(u16::try_from(per_mille.min(1000)).unwrap_or(1000)) / 1000.0
}

fn tokens(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
