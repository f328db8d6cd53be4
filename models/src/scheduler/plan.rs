//! Who takes part in the next step, and with how many tokens.

use super::{Scheduler, pace::Rows};
use crate::decoder::{MAX_ROWS, MAX_SCORED_ROWS};

/// Rows of all guesses and the tokens before them: beyond, a row costs what it saves.
const GUESSING_ROWS: usize = 16;

/// One step.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Which of the running sequences feed how many of their pending tokens, in rising order.
    pub(super) parts: Vec<(usize, usize)>,
    /// Rows of all of them, guesses included.
    pub(super) rows: usize,
    /// Those of them that are of prompts.
    read: usize,
    scored: usize,
}

impl Plan {
    /// What its time is to be learnt for.
    pub(super) fn shares(&self) -> Rows {
        Rows {
            read: self.read,
            answered: self.rows - self.read,
        }
    }
}

impl Scheduler {
    pub(super) fn plan(&mut self) -> Plan {
        let mut plan = Plan::default();
        if let Some(index) = self.running.iter().position(|sequence| sequence.suspect) {
            self.join(&mut plan, index, MAX_ROWS / 2, 0);
            return plan;
        }
        for sequence in &mut self.running {
            sequence.skip_known(&mut self.cache);
        }
        let count = self.running.len();
        self.turn = (self.turn + 1) % count;
        let answered: Vec<usize> = (self.turn..count)
            .chain(0..self.turn)
            .filter(|&index| !self.running[index].is_reading())
            .collect();
        let guesses = if self.guesses {
            (GUESSING_ROWS / answered.len().max(1)).saturating_sub(1)
        } else {
            0
        };
        for &index in &answered {
            self.join(&mut plan, index, MAX_ROWS, guesses);
        }
        // Whoever came first is read first; what is left of the piece goes to the next.
        let mut left = self.pace.rows(!answered.is_empty());
        for index in 0..count {
            if left > 0 && self.running[index].is_reading() {
                left -= self.join(&mut plan, index, left, 0);
            }
        }
        plan.parts.sort_unstable();
        plan
    }

    /// Adds a sequence, as far as there is room; says with how many pending tokens.
    fn join(&mut self, plan: &mut Plan, index: usize, most: usize, guesses: usize) -> usize {
        let sequence = &mut self.running[index];
        let take = sequence.pending().min(most).min(MAX_ROWS - plan.rows);
        let complete = take == sequence.pending();
        if take == 0 || (complete && plan.scored == MAX_SCORED_ROWS) {
            return 0;
        }
        if complete {
            let room = (MAX_ROWS - plan.rows - take).min(MAX_SCORED_ROWS - plan.scored - 1);
            sequence.guess(&self.speech.vocabulary, guesses.min(room));
            plan.scored += 1 + sequence.guessed();
        }
        if sequence.is_reading() {
            plan.read += take;
        }
        plan.rows += take + sequence.guessed();
        plan.parts.push((index, take));
        take
    }
}
