//! The handle of a running engine: starts its thread, turns requests into jobs, streams what comes back.

use std::{
    pin::Pin,
    sync::{
        Arc,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    task::{Context, Poll},
};

use super::{
    EngineConfig, EngineStats, GenerateError, GenerationEvent, GenerationRequest, LoadError, LoadProgress,
    ModelInfo, Place, Source, Turn,
};
use crate::{
    grammar::Grammars,
    loader::{self, Model},
    sampler::Sampler,
    scheduler::{Counters, Pace, Scheduler},
    sequence::{self, Job, Speech},
    template::Template,
    text::{Answer, Stops},
    vocabulary::{Piece, Vocabulary},
};

/// More sequences than this share one thread's time too thinly to be of use.
const MAX_SLOTS: usize = 256;

/// A loaded model. Cheap to clone; the thread ends with the last clone.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// What all clones of an engine share, and the engine's thread does not.
struct Shared {
    info: ModelInfo,
    vocabulary: Arc<Vocabulary>,
    template: Template,
    grammars: Grammars,
    counters: Arc<Counters>,
    inbox: SyncSender<Job>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("model", &self.shared.info.name)
            .finish_non_exhaustive()
    }
}

/// The events of one answer; a `futures::Stream`. Dropping it frees the slot.
///
/// Ends with [`GenerationEvent::Finished`] or with an error, never with neither.
#[derive(Debug)]
pub struct Generation {
    events: tokio::sync::mpsc::Receiver<Result<GenerationEvent, GenerateError>>,
    ended: bool,
}

impl futures::Stream for Generation {
    type Item = Result<GenerationEvent, GenerateError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = match self.events.poll_recv(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Some(event)) => event,
            Poll::Ready(None) => Err(GenerateError::EngineFailed("its thread ended early".to_owned())),
        };
        self.ended = !matches!(event, Ok(GenerationEvent::Text(_)));
        Poll::Ready(Some(event))
    }
}

/// An answer is not begun with fewer tokens of room than this, unless fewer were asked for.
const LEAST_ANSWER_TOKENS: usize = 64;

impl Engine {
    /// Loads a model and starts its thread. Blocks while loading; `progress` is told how far it is.
    ///
    /// # Errors
    /// Says what is wrong with the file, or how much memory is missing.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an engine is made once, and owns how it was made"
    )]
    pub fn start(
        source: &Source,
        config: EngineConfig,
        mut progress: impl FnMut(LoadProgress) + Send,
    ) -> Result<Self, LoadError> {
        let config = EngineConfig {
            slots: config.slots.clamp(1, MAX_SLOTS),
            ..config
        };
        let model = loader::load(source, &config, &mut progress)?;
        let kv_budget_bytes = model.cache.budget_bytes();
        let counters = Arc::new(Counters::new(config.slots, kv_budget_bytes));
        let (inbox, jobs) = sync_channel(counters.places());
        let scheduler = Scheduler {
            inbox: jobs,
            counters: counters.clone(),
            speech: Speech {
                speakable: sequence::speakable(&model.vocabulary),
                vocabulary: model.vocabulary.clone(),
            },
            decoder: Box::new(model.decoder),
            cache: model.cache,
            pool: model.pool,
            pace: Pace::new(model.info.parameters),
            waiting: std::collections::VecDeque::new(),
            running: Vec::new(),
            turn: 0,
            guesses: config.guesses,
        };
        std::thread::Builder::new()
            .name("local-model".to_owned())
            .spawn(move || scheduler.run())
            .map_err(|source| LoadError::Io {
                path: "the engine's thread".to_owned(),
                source,
            })?;
        let Model {
            info,
            vocabulary,
            template,
            grammars,
            ..
        } = model;
        Ok(Self {
            shared: Arc::new(Shared {
                info,
                vocabulary,
                template,
                grammars,
                counters,
                inbox,
            }),
        })
    }

    /// Reads what a model says about itself, without loading its weights.
    ///
    /// # Errors
    /// Says what is wrong with the file, as [`Engine::start`] would.
    pub fn inspect(source: &Source) -> Result<ModelInfo, LoadError> {
        loader::inspect(source)
    }

    /// Bytes of memory that a model is not loaded without, as its file says: weights, one context and overhead.
    ///
    /// # Errors
    /// Says what is wrong with the file, as [`Engine::start`] would.
    pub fn least_memory(source: &Source, config: &EngineConfig) -> Result<u64, LoadError> {
        loader::least_memory(source, config)
    }

    /// What was loaded.
    pub fn info(&self) -> &ModelInfo {
        &self.shared.info
    }

    /// What it is doing.
    pub fn stats(&self) -> EngineStats {
        self.shared.counters.stats()
    }

    /// Counts the tokens of a conversation as the model will see it.
    ///
    /// # Errors
    /// Fails as [`GenerateError::Template`].
    pub fn count_tokens(&self, turns: &[Turn]) -> Result<usize, GenerateError> {
        self.prompt(turns, false).map(|prompt| prompt.tokens.len())
    }

    /// Waits for room for an answer. An answer that was given up keeps its place until the engine's next step.
    pub async fn place(&self) -> Place {
        self.shared.counters.place().await
    }

    /// Starts an answer if there is room for one. Returns at once; what is wrong with the request comes as an error here.
    ///
    /// # Errors
    /// See [`GenerateError`].
    pub fn generate(&self, request: GenerationRequest) -> Result<Generation, GenerateError> {
        let place = self
            .shared
            .counters
            .take_place()
            .ok_or(GenerateError::NoFreeSlot)?;
        self.generate_in(place, request)
    }

    /// Starts an answer in a place of this engine's. Returns at once, as [`Engine::generate`] does.
    ///
    /// # Errors
    /// See [`GenerateError`].
    pub fn generate_in(&self, place: Place, request: GenerationRequest) -> Result<Generation, GenerateError> {
        let shared = &self.shared;
        self.refuse_far_too_long(&request)?;
        let constrained = request.json_schema.is_some();
        let prompt = self.prompt(&request.turns, constrained)?;
        let max_tokens = self.room(prompt.tokens.len(), request.max_tokens)?;
        let constraint = request
            .json_schema
            .map(|schema| shared.grammars.compile(&schema))
            .transpose()?;
        let answer = if constrained {
            Answer::exact()
        } else {
            Answer::free(prompt.opens_reasoning, shared.vocabulary.pads_with_space())
        };
        // A text for each token, what was held back, and the end.
        let (sender, events) = tokio::sync::mpsc::channel(max_tokens + 2);
        let job = Job {
            prompt: prompt.tokens,
            max_tokens,
            sampler: Sampler::new(request.temperature, request.seed, &request.sampling),
            constraint,
            answer: answer.ending_at(Stops::new(request.stop)),
            scope: request.cache_scope,
            events: sender,
            _place: place,
        };
        match shared.inbox.try_send(job) {
            Ok(()) => Ok(Generation { events, ended: false }),
            Err(TrySendError::Full(_)) => Err(GenerateError::NoFreeSlot),
            Err(TrySendError::Disconnected(_)) => {
                Err(GenerateError::EngineFailed("its thread has ended".to_owned()))
            }
        }
    }

    fn prompt(&self, turns: &[Turn], constrained: bool) -> Result<Prompt, GenerateError> {
        let Shared {
            vocabulary, template, ..
        } = &*self.shared;
        let mut pieces = template
            .lay_out(turns, vocabulary)
            .map_err(GenerateError::Template)?;
        let opens_reasoning = reasoning_is_open(&pieces, vocabulary);
        if opens_reasoning && constrained {
            // A schema leaves no room for reasoning: close the block that the template has opened.
            let close = vocabulary
                .controls()
                .iter()
                .find(|(spelling, _)| spelling == "</think>");
            match close {
                Some(&(_, id)) => pieces.extend([Piece::Control(id), Piece::Text("\n\n".to_owned())]),
                None => pieces.push(Piece::Text("</think>\n\n".to_owned())),
            }
        }
        let tokens = vocabulary.encode(&pieces).map_err(GenerateError::Template)?;
        if tokens.is_empty() {
            return Err(GenerateError::Template("the prompt is empty".to_owned()));
        }
        Ok(Prompt {
            tokens,
            opens_reasoning,
        })
    }

    /// Refuses what cannot fit before time is spent on turning it into tokens.
    fn refuse_far_too_long(&self, request: &GenerationRequest) -> Result<(), GenerateError> {
        let bytes: usize = request.turns.iter().map(|turn| turn.content.len()).sum();
        let at_least = bytes / self.shared.vocabulary.longest_bytes();
        if at_least > self.shared.info.context_tokens {
            return Err(self.too_long(at_least, request.max_tokens));
        }
        Ok(())
    }

    /// How long the answer may get. Bounds are generous, so a smaller one is fine as long as it is of use.
    fn room(&self, prompt_tokens: usize, max_tokens: usize) -> Result<usize, GenerateError> {
        let left = self.shared.info.context_tokens.saturating_sub(prompt_tokens);
        if max_tokens == 0 || left < max_tokens.min(LEAST_ANSWER_TOKENS) {
            return Err(self.too_long(prompt_tokens, max_tokens));
        }
        Ok(max_tokens.min(left))
    }

    fn too_long(&self, prompt_tokens: usize, max_tokens: usize) -> GenerateError {
        let context_tokens = self.shared.info.context_tokens;
        GenerateError::ContextLengthExceeded {
            prompt_tokens,
            max_tokens,
            context_tokens,
        }
    }
}

struct Prompt {
    tokens: Vec<u32>,
    opens_reasoning: bool,
}

/// Whether the template leaves the model in the middle of a reasoning block.
fn reasoning_is_open(pieces: &[Piece], vocabulary: &Vocabulary) -> bool {
    let last = pieces
        .iter()
        .rev()
        .find(|piece| !matches!(piece, Piece::Text(text) if text.trim().is_empty()));
    match last {
        Some(Piece::Text(text)) => text.trim_end().ends_with("<think>"),
        Some(Piece::Control(id)) => vocabulary.bytes(*id) == b"<think>",
        None => false,
    }
}
