//! How much of a prompt to read in one step: enough to be quick, too little to be felt by others.

use std::time::Duration;

/// What reading a prompt may always add to the time between two tokens of those who are answered.
const GAP: Duration = Duration::from_millis(100);
/// What it may add where their own steps are slow: so many times what a step takes without a prompt. A prompt that takes
/// a time T alone then takes T and half of it beside them, however long it is: for each of its pieces, one step more.
const STEPS_A_PIECE: f64 = 2.0;
/// What it may never add, and how long a step may take when nobody is answered: a cancelled prompt frees its slot after it.
const LONGEST_STEP: Duration = Duration::from_millis(400);
/// Rows of prompts in one step. Fewer would read the weights too often: beside others, or with nobody else
/// to be held up.
const LEAST_ROWS: usize = 16;
const LEAST_ROWS_ALONE: usize = 32;
const MOST_ROWS: usize = 256;
/// Rows are cut to a multiple of this: kernels take so many at once.
const EVEN_ROWS: usize = 8;
/// Weight of the last step in the running averages.
const WEIGHT: f64 = 0.25;

/// The rows of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    /// Of prompts.
    pub(super) read: usize,
    /// Of answers.
    pub(super) answered: usize,
}

/// What steps have cost so far.
#[derive(Debug)]
pub(crate) struct Pace {
    /// What a row of a prompt adds to a step, while nothing has been measured.
    guess: f64,
    /// The same, measured.
    row_seconds: Option<f64>,
    /// A step that reads no prompt.
    answer_seconds: Option<f64>,
}

impl Pace {
    /// Guesses from the size of the model: two operations a weight, 100 thousand million a second.
    #[expect(clippy::cast_precision_loss, reason = "a guess")]
    pub(crate) fn new(parameters: u64) -> Self {
        Self {
            guess: parameters as f64 * 2.0 / 100e9,
            row_seconds: None,
            answer_seconds: None,
        }
    }

    /// Rows of prompts for the next step.
    pub(super) fn rows(&self, others_are_answered: bool) -> usize {
        let longest = LONGEST_STEP.as_secs_f64();
        let (time, least) = if others_are_answered {
            let share = self.answer_seconds.unwrap_or(0.0) * STEPS_A_PIECE;
            (share.clamp(GAP.as_secs_f64(), longest), LEAST_ROWS)
        } else {
            (longest, LEAST_ROWS_ALONE)
        };
        let row_seconds = self.row_seconds.unwrap_or(self.guess);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped, and a saturating cast"
        )]
        let rows = (time / row_seconds.max(1e-9)) as usize;
        let rows = rows.clamp(least, MOST_ROWS);
        rows - rows % EVEN_ROWS
    }

    /// Learns from a step. Short pieces are left out: they cost the same however few rows they have.
    #[expect(clippy::cast_precision_loss, reason = "rows of a step are few")]
    pub(super) fn learn(&mut self, rows: Rows, time: Duration) {
        let seconds = time.as_secs_f64();
        if rows.read == 0 {
            average(&mut self.answer_seconds, seconds);
        } else if rows.read >= LEAST_ROWS {
            // The weights are read for the answers anyway, so a prompt costs what it adds: less than its share of the
            // rows, but not less than half of that, whatever a busy machine's clock says.
            let least = seconds / 2.0 * rows.read as f64 / (rows.read + rows.answered) as f64;
            let others = if rows.answered > 0 {
                self.answer_seconds
            } else {
                None
            };
            let added = (seconds - others.unwrap_or(0.0)).max(least);
            average(&mut self.row_seconds, added / rows.read as f64);
        }
    }
}

/// Moves a running average; the first value is taken as it is.
fn average(average: &mut Option<f64>, value: f64) {
    *average = Some(average.map_or(value, |average| average + WEIGHT * (value - average)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: fn(usize) -> Rows = |read| Rows { read, answered: 0 };

    fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

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
        pace.learn(ALONE(32), milliseconds(32));
        assert_eq!(
            (pace.rows(false), pace.rows(true)),
            (256, 96),
            "the first measurement replaces the guess"
        );
        pace.learn(ALONE(1), Duration::from_secs(9));
        assert_eq!(pace.rows(true), 96, "a short piece tells nothing");
        for _ in 0..30 {
            pace.learn(ALONE(64), Duration::from_secs(1));
        }
        assert_eq!((pace.rows(false), pace.rows(true)), (32, 16));
    }

    #[test]
    fn a_piece_costs_what_it_adds_to_the_step_of_the_answers() {
        let mut pace = Pace::new(600_000_000);
        let (answers, both) = (
            Rows { read: 0, answered: 7 },
            Rows {
                read: 48,
                answered: 7,
            },
        );
        pace.learn(answers, milliseconds(40));
        pace.learn(both, milliseconds(40 + 48));
        assert_eq!(pace.rows(true), 96, "100 ms of 1 ms each");
        // A clock that says reading was free is not believed.
        let mut pace = Pace::new(600_000_000);
        pace.learn(answers, milliseconds(500));
        pace.learn(both, milliseconds(110));
        let row_seconds = pace.row_seconds.unwrap();
        assert!((0.0009..0.0011).contains(&row_seconds), "{row_seconds}");
    }

    #[test]
    fn a_prompt_takes_at_most_half_as_long_again_beside_others() {
        for step in [10, 40, 90, 150, 190] {
            let mut pace = Pace::new(600_000_000);
            let answers = Rows { read: 0, answered: 7 };
            pace.learn(answers, milliseconds(step));
            pace.learn(ALONE(64), milliseconds(64 * 2));
            let rows = pace.rows(true);
            let piece = 2 * u64::try_from(rows).unwrap();
            assert!(piece <= 2 * step.max(50), "{step}: others wait {piece} ms longer");
            // As rows are cut to even numbers, a little less than two steps' worth.
            assert!(10 * (piece + step) <= 17 * piece, "{step}: pieces of {rows} rows");
        }
        let mut slow = Pace::new(600_000_000);
        slow.learn(Rows { read: 0, answered: 7 }, Duration::from_secs(3));
        slow.learn(ALONE(64), milliseconds(64 * 2));
        assert_eq!(slow.rows(true), 200, "400 ms at most");
    }
}
