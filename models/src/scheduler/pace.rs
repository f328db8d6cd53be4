//! How much of a prompt to read in one step: enough to be quick, too little to be felt by others.

use std::time::Duration;

/// What reading a prompt may add to the time between two tokens of those who are answered.
const GAP: Duration = Duration::from_millis(100);
/// How long a step may take when nobody is answered: a cancelled prompt frees its slot after it.
const LONGEST_STEP: Duration = Duration::from_millis(400);
/// Rows of prompts in one step. Fewer would read the weights too often: beside others, or with nobody else
/// to be held up.
const LEAST_ROWS: usize = 16;
const LEAST_ROWS_ALONE: usize = 32;
const MOST_ROWS: usize = 256;
/// Rows are cut to a multiple of this, so that blocks of the cache fill up evenly.
const EVEN_ROWS: usize = 16;
/// Weight of the last step in the running average.
const WEIGHT: f64 = 0.25;

/// What a row has cost so far.
#[derive(Debug)]
pub(crate) struct Pace {
    seconds_per_row: f64,
}

impl Pace {
    /// Guesses from the size of the model: two operations a weight, 100 thousand million a second.
    #[expect(clippy::cast_precision_loss, reason = "a guess")]
    pub(crate) fn new(parameters: u64) -> Self {
        Self {
            seconds_per_row: parameters as f64 * 2.0 / 100e9,
        }
    }

    /// Rows of prompts for the next step.
    pub(super) fn rows(&self, others_are_answered: bool) -> usize {
        let (time, least) = if others_are_answered {
            (GAP, LEAST_ROWS)
        } else {
            (LONGEST_STEP, LEAST_ROWS_ALONE)
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped, and a saturating cast"
        )]
        let rows = (time.as_secs_f64() / self.seconds_per_row.max(1e-9)) as usize;
        let rows = rows.clamp(least, MOST_ROWS);
        rows - rows % EVEN_ROWS
    }

    /// Learns from a step. Short ones are left out: they cost the same however few rows they have.
    #[expect(clippy::cast_precision_loss, reason = "rows of a step are few")]
    pub(super) fn learn(&mut self, rows: usize, time: Duration) {
        if rows >= LEAST_ROWS {
            self.seconds_per_row += WEIGHT * (time.as_secs_f64() / rows as f64 - self.seconds_per_row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_fed_in_pieces_that_end_soon() {
        for (parameters, alone, beside) in [
            (5_000_000, 256, 256),
            (600_000_000, 32, 16),
            (40_000_000_000, 32, 16),
            (0, 256, 256),
            (u64::MAX, 32, 16),
        ] {
            let pace = Pace::new(parameters);
            assert_eq!(
                (pace.rows(false), pace.rows(true)),
                (alone, beside),
                "{parameters}"
            );
        }
    }

    #[test]
    fn the_pieces_follow_what_they_cost() {
        let mut pace = Pace::new(600_000_000);
        for _ in 0..30 {
            pace.learn(32, Duration::from_millis(32));
            pace.learn(1, Duration::from_secs(9));
        }
        assert_eq!((pace.rows(false), pace.rows(true)), (256, 96));
        for _ in 0..30 {
            pace.learn(64, Duration::from_secs(1));
        }
        assert_eq!((pace.rows(false), pace.rows(true)), (32, 16));
    }
}
