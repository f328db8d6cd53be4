//! Known models: where they come from, what they weigh, and under which licence.
