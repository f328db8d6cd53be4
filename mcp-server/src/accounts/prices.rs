//! What a call may cost before anybody knows who answers it.

use std::collections::HashMap;

use inference::{CompletionRequest, Price, TokenUsage};

use crate::tenancy::quota::{Amount, Money};

/// The prices of those that may answer, by the name that callers ask for.
#[derive(Debug, Clone, Default)]
pub struct Prices {
    default: Vec<Price>,
    named: HashMap<String, Vec<Price>>,
}

impl Prices {
    /// Takes the chains in the order of the configuration: the first is the default.
    pub fn new(chains: impl IntoIterator<Item = (String, Vec<Price>)>) -> Self {
        let chains: Vec<_> = chains.into_iter().collect();
        Self {
            default: chains
                .first()
                .map(|(_, prices)| prices.clone())
                .unwrap_or_default(),
            named: chains.into_iter().collect(),
        }
    }

    /// The most that a request takes, if its prompt is as long as estimated: the whole bound of its answer, from the
    /// dearest that may answer.
    pub(super) fn most(&self, request: &CompletionRequest, chain: Option<&str>) -> Amount {
        let tokens = request.estimated_tokens();
        let output = request.max_output_tokens;
        let usage = TokenUsage {
            input: tokens.saturating_sub(output),
            output,
        };
        let prices = chain.map_or(Some(&self.default), |chain| self.named.get(chain));
        let costs = prices.into_iter().flatten().map(|price| price.cost(usage).amount);
        Amount {
            tokens: u64::from(tokens),
            cost: Money::from_units(costs.fold(0.0, f64::max)),
        }
    }
}

#[cfg(test)]
mod tests {
    use inference::Message;

    use super::*;

    #[test]
    fn the_dearest_of_a_chain_decides() {
        let price = |input, output| Price {
            input_per_million: input,
            output_per_million: output,
            ..Price::default()
        };
        let prices = Prices::new([
            (
                "default".to_owned(),
                vec![price(0.4, 1.6), price(0.1, 4.0), Price::default()],
            ),
            ("free".to_owned(), vec![Price::default()]),
        ]);
        let request = CompletionRequest::new(vec![Message::user("x".repeat(384))], 1000);
        let most = prices.most(&request, None);
        assert_eq!(most.tokens, 1100);
        assert_eq!(most.cost, Money::from_nanos(100 * 100 + 1000 * 4000));
        assert_eq!(prices.most(&request, Some("default")), most);
        assert_eq!(prices.most(&request, Some("free")).cost, Money::ZERO);
    }
}
