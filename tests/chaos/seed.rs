//! One seed for everything that is left to chance, and the numbers that come of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Reads a number from the environment.
pub(crate) fn read(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text:?} is no number"))
    })
}

/// The seed of this run: `CHAOS_SEED`, or the clock.
pub(crate) fn seed() -> u64 {
    let clock = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |since| since.as_secs())
    };
    read("CHAOS_SEED").unwrap_or_else(clock)
}

/// Numbers by `SplitMix64`: the same from the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of one part of a run: parts do not disturb each other.
    pub(crate) fn of(seed: u64, part: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(part.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }

    /// A pause below `end`.
    pub(crate) fn pause(&mut self, end: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(end.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// A ticket of its own for each call: the same dice give the same tickets.
pub(crate) fn ticket(dice: &mut Dice) -> String {
    let subjects = ["invoice", "parcel", "order", "password", "return", "price list"];
    let subject = subjects[usize::try_from(dice.below(6)).unwrap_or(0)];
    let details = "It is the third time that I write. ".repeat(usize::try_from(dice.below(8)).unwrap_or(0));
    format!("Question about the {subject} {}. {details}", dice.below(9000))
}
