//! Carries out a plan: feeds, scores, and lets each sequence say what follows.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
};

use super::{Scheduler, plan::Plan};
use crate::{
    engine::GenerateError,
    sequence::{Progress, Sequence, Speech},
};

/// A sequence, its scores, and what came of them.
struct Turn<'a> {
    index: usize,
    sequence: &'a mut Sequence,
    scores: &'a [f32],
    progress: Progress,
}

impl Scheduler {
    /// Says which sequences have ended, in rising order.
    pub(super) fn forward(&mut self, plan: &Plan) -> Vec<usize> {
        for &(index, take) in &plan.parts {
            self.running[index].make_room(take, &mut self.cache);
        }
        // Before anything is said: who has been answered must find in the statistics what that takes.
        self.publish();
        let pieces: Vec<_> = plan
            .parts
            .iter()
            .map(|&(index, take)| self.running[index].piece(take))
            .collect();
        let asked: Vec<usize> = pieces.iter().map(|piece| piece.scored).collect();
        let mut scores = self.decoder.step(&pieces, &mut self.cache.blocks);
        drop(pieces);
        let row = scores.len() / asked.iter().sum::<usize>().max(1);
        let mut turns = Vec::new();
        let mut parts = plan.parts.iter().zip(&asked).peekable();
        for (index, sequence) in self.running.iter_mut().enumerate() {
            let Some((&(_, take), &asked)) = parts.next_if(|((part, _), _)| *part == index) else {
                continue;
            };
            if asked == 0 {
                sequence.advance(take);
                continue;
            }
            let (own, others) = scores.split_at(asked * row);
            scores = others;
            turns.push(Mutex::new(Turn {
                index,
                sequence,
                scores: own,
                progress: Progress::More,
            }));
        }
        let speech = &self.speech;
        self.pool.run(turns.len(), &|turn| {
            // Each turn is taken once, so nobody ever waits for a lock here.
            turns[turn]
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(speech);
        });
        let ended = turns
            .into_iter()
            .map(|turn| turn.into_inner().unwrap_or_else(PoisonError::into_inner))
            .filter(|turn| turn.progress == Progress::Ended)
            .map(|turn| turn.index)
            .collect();
        for &(index, _) in &plan.parts {
            self.running[index].publish(&mut self.cache);
        }
        ended
    }
}

impl Turn<'_> {
    /// A panic of the grammar's compiler or the like is the end of this answer, and of no other.
    fn take(&mut self, speech: &Speech) {
        let accepted = catch_unwind(AssertUnwindSafe(|| self.sequence.accept(self.scores, speech)));
        self.progress = accepted.unwrap_or_else(|_| {
            self.sequence.job.fail(GenerateError::AnswerFailed(
                "the choice of a token broke".to_owned(),
            ));
            Progress::Ended
        });
        self.sequence.suspect = false;
    }
}
