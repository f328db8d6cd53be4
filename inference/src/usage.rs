//! Tokens and cost of an answer.

use serde::Serialize;

/// Tokens that one attempt used, as its backend counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens of the prompt.
    pub input: u32,
    /// Tokens of the answer.
    pub output: u32,
}

/// Price of a backend, per million tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// For a million tokens of prompt.
    pub input_per_million: f64,
    /// For a million tokens of answer.
    pub output_per_million: f64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Default for Price {
    fn default() -> Self {
        Self {
            input_per_million: 0.0,
            output_per_million: 0.0,
            currency: "EUR".to_owned(),
        }
    }
}

impl Price {
    /// Computes what `usage` costs, in units of the currency.
    pub fn amount(&self, usage: TokenUsage) -> f64 {
        (f64::from(usage.input) * self.input_per_million + f64::from(usage.output) * self.output_per_million)
            / 1e6
    }

    /// Computes what `usage` costs.
    pub fn cost(&self, usage: TokenUsage) -> Cost {
        Cost {
            amount: self.amount(usage),
            currency: self.currency.clone(),
        }
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// In units of the currency, not cents.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
}
