//! What an answer says of itself: who gave it, what was tried before, what it took.

use std::time::Duration;

use tokio::time::Instant;

use super::{attempt::Completed, run::Run};
use crate::{Answer, AnswerFacts, Attempt, AttemptOutcome, Decoding, guarded::Guarded, spans};

impl Run {
    pub(super) fn answer(&mut self, guarded: &Guarded, completed: Completed) -> Answer {
        let Completed {
            text,
            tool_calls,
            finish,
            usage,
            deployment,
            disguised,
            first_text_after,
            gaps,
            took,
        } = completed;
        let info = guarded.info();
        let first = self.admitted.backends()[self.job.chain[0]].info();
        let attempts = std::mem::take(&mut self.attempts);
        let reason = attempts
            .iter()
            .find(|attempt| attempt.backend == first.name)
            .map(|attempt| attempt.outcome)
            .filter(|_| info.name != first.name);
        let observer = self.admitted.observer();
        observer.tokens_used(self.admitted.tenant(), &info.name, usage);
        if let Some(after) = first_text_after {
            observer.first_token(&info.name, after);
            guarded.first_text.record(after);
            let decoding = Decoding {
                gaps: &gaps,
                tokens: usage.output,
                took: took.saturating_sub(after),
            };
            observer.decoded(&info.name, decoding);
        }
        let facts = AnswerFacts {
            backend: info.name.clone(),
            model: info.model.clone(),
            region: info.region.clone(),
            deployment,
            degraded: info.model != first.model,
            reason,
            attempts,
            disguised,
            input_tokens: usage.input,
            output_tokens: usage.output,
            cost: info.price.cost(usage),
            queue_ms: millis(self.waited.unwrap_or_default()),
            time_to_first_token_ms: millis(first_text_after.unwrap_or_default()),
            duration_ms: millis(Instant::now() - self.admitted.at()),
        };
        Answer {
            text,
            tool_calls,
            finish,
            facts,
        }
    }
}

/// A candidate that was not asked.
pub(super) fn untried(guarded: &Guarded, outcome: AttemptOutcome) -> Attempt {
    spans::passed_over(guarded.info(), outcome);
    Attempt {
        backend: guarded.info().name.clone(),
        outcome,
        duration_ms: 0,
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
