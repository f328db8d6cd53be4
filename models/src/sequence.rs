//! One answer in the making: its prompt is fed piece by piece, then token after token is picked.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use toktrie::SimpleVob;

use crate::{
    decoder::Decoder,
    engine::{Finish, GenerateError, GenerationEvent},
    grammar::Constraint,
    sampler::Sampler,
    text::Answer,
    vocabulary::{Role, Vocabulary},
};

/// What a caller asked for, ready to run.
pub(crate) struct Job {
    pub(crate) prompt: Vec<u32>,
    pub(crate) max_tokens: usize,
    pub(crate) sampler: Sampler,
    pub(crate) constraint: Option<Constraint>,
    pub(crate) answer: Answer,
    /// Has room for every event of the answer, so that a slow reader never holds up other slots.
    pub(crate) events: Sender<Result<GenerationEvent, GenerateError>>,
    /// Given back when the job is dropped, however it ended.
    pub(crate) _place: crate::scheduler::Place,
}

/// A job in a slot.
pub(crate) struct Sequence {
    job: Job,
    decoder: Box<dyn Decoder>,
    /// Tokens in the KV cache.
    fed: usize,
    last: Option<u32>,
    generated: usize,
}

/// Whether a sequence goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It does.
    More,
    /// It has ended and said so.
    Ended,
}

impl Sequence {
    pub(crate) fn new(job: Job, decoder: Box<dyn Decoder>) -> Self {
        Self {
            job,
            decoder,
            fed: 0,
            last: None,
            generated: 0,
        }
    }

    /// Tokens in its KV cache.
    pub(crate) fn tokens(&self) -> usize {
        self.fed
    }

    /// Gives the decoder back, emptied.
    pub(crate) fn into_decoder(self) -> Box<dyn Decoder> {
        let mut decoder = self.decoder;
        decoder.reset();
        decoder
    }

    /// Tells the caller that it failed.
    pub(crate) fn fail(&self, what: &str) {
        let _ = self
            .job
            .events
            .try_send(Err(GenerateError::EngineFailed(what.to_owned())));
    }

    /// One piece of the prompt, or one token of the answer.
    pub(crate) fn step(
        &mut self,
        vocabulary: &Vocabulary,
        speakable: &SimpleVob,
        chunk_tokens: usize,
    ) -> Step {
        if self.job.events.is_closed() {
            return Step::Ended;
        }
        match self.advance(vocabulary, speakable, chunk_tokens) {
            Ok(step) => step,
            Err(error) => {
                self.fail(&error);
                Step::Ended
            }
        }
    }

    fn advance(
        &mut self,
        vocabulary: &Vocabulary,
        speakable: &SimpleVob,
        chunk_tokens: usize,
    ) -> Result<Step, String> {
        let prompt = &self.job.prompt;
        let logits = if self.fed < prompt.len() {
            let end = (self.fed + chunk_tokens).min(prompt.len());
            let logits = self
                .decoder
                .forward(&prompt[self.fed..end], self.fed)
                .map_err(|e| e.to_string())?;
            self.fed = end;
            if end < prompt.len() {
                return Ok(Step::More);
            }
            logits
        } else {
            let Some(last) = self.last else {
                return Err("a prompt without tokens".to_owned());
            };
            let logits = self
                .decoder
                .forward(&[last], self.fed)
                .map_err(|e| e.to_string())?;
            self.fed += 1;
            logits
        };
        let token = match &mut self.job.constraint {
            Some(constraint) => self.job.sampler.pick(&logits, &constraint.allowed()?),
            None => self.job.sampler.pick(&logits, speakable),
        };
        let token = token.ok_or("the model scored no allowed token")?;
        if vocabulary.stops().contains(&token) {
            return Ok(self.end(Finish::Stop));
        }
        self.generated += 1;
        self.last = Some(token);
        let shown = if vocabulary.role(token) == Role::Control {
            &[][..]
        } else {
            vocabulary.bytes(token)
        };
        let text = self.job.answer.push(shown);
        self.say(text);
        if let Some(constraint) = &mut self.job.constraint {
            constraint.take(token)?;
            if constraint.is_complete() {
                return Ok(self.end(Finish::Stop));
            }
        }
        if self.generated >= self.job.max_tokens {
            return Ok(self.end(Finish::Length));
        }
        Ok(Step::More)
    }

    fn say(&self, text: String) {
        if !text.is_empty() {
            let _ = self.job.events.try_send(Ok(GenerationEvent::Text(text)));
        }
    }

    fn end(&mut self, finish: Finish) -> Step {
        let text = self.job.answer.finish();
        self.say(text);
        let finished = GenerationEvent::Finished {
            finish,
            prompt_tokens: self.job.prompt.len(),
            generated_tokens: self.generated,
        };
        let _ = self.job.events.try_send(Ok(finished));
        Step::Ended
    }
}

/// Tokens that may be said in free text, and those that end it.
pub(crate) fn speakable(vocabulary: &Arc<Vocabulary>) -> SimpleVob {
    let mut set = SimpleVob::alloc(vocabulary.len());
    for id in 0..u32::try_from(vocabulary.len()).expect("token ids are 32-bit numbers") {
        if matches!(vocabulary.role(id), Role::Text | Role::Mark) || vocabulary.stops().contains(&id) {
            set.allow_token(id);
        }
    }
    set
}
