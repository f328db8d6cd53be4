//! Amounts of money that add up exactly.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// An amount in billionths of a currency's unit: a token may cost less than a millionth. Which currency it is, is known
/// from where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i64);

const UNIT: f64 = 1e9;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From units of the currency; rounded up, so that nothing is given away.
    pub fn from_units(units: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and budgets are far below"
        )]
        Self((units * UNIT).ceil() as i64)
    }

    /// From billionths of a unit.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// In billionths of a unit.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// In units, for ratios and people.
    pub fn units(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a ratio, or shown with few digits")]
        let nanos = self.0 as f64;
        nanos / UNIT
    }

    /// Never below nothing.
    #[must_use]
    pub fn at_least_zero(self) -> Self {
        Self(self.0.max(0))
    }

    /// One of so many equal parts, rounded down.
    #[must_use]
    pub fn part(self, parts: u64) -> Self {
        Self(self.0 / i64::try_from(parts.max(1)).unwrap_or(i64::MAX))
    }

    /// The least amount that is this percentage of it.
    #[must_use]
    pub fn percent(self, percent: u8) -> Self {
        let exact = i128::from(self.0) * i128::from(percent);
        let rounded_up = exact.div_euclid(100) + i128::from(exact.rem_euclid(100) > 0);
        Self(i64::try_from(rounded_up).unwrap_or(i64::MAX))
    }

    /// This percentage of it has been reached.
    pub fn has_reached(self, percent: u8, of: Self) -> bool {
        i128::from(self.0) * 100 >= i128::from(of.0) * i128::from(percent)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// Exact, with two digits after the point at least: `12.50`, `0.000412`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        let fraction = format!("{:09}", nanos % 1_000_000_000);
        let digits = fraction.trim_end_matches('0').len().max(2);
        write!(f, "{sign}{}.{}", nanos / 1_000_000_000, &fraction[..digits])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_exactly() {
        for (nanos, shown) in [
            (0, "0.00"),
            (12_500_000_000, "12.50"),
            (412_000, "0.000412"),
            (1, "0.000000001"),
            (-1_230_000_000, "-1.23"),
        ] {
            assert_eq!(Money::from_nanos(nanos).to_string(), shown);
        }
    }

    #[test]
    fn a_percentage_is_what_reaches_it() {
        for of in [0, 1, 99, 100, 101, 12_345, i64::MAX] {
            for percent in [80, 90, 100] {
                let least = Money(of).percent(percent);
                assert!(least.has_reached(percent, Money(of)), "{percent} % of {of}");
                let less = Money(least.0 - 1);
                assert!(!less.has_reached(percent, Money(of)), "{percent} % of {of}");
            }
        }
    }

    #[test]
    fn a_part_of_a_billionth_counts_as_one() {
        assert_eq!(Money::from_units(0.000_000_000_1).nanos(), 1);
        assert_eq!(Money::from_units(100.0).nanos(), 100_000_000_000);
    }
}
