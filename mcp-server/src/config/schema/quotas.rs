//! What tenants may use: in `[tenancy]` for all, in `[[tenants]]` for one.

use crate::{
    config::{
        Backend, BackendKind,
        node::Origin,
        reader::{Problem, Section},
    },
    tenancy::quota::{Limits, Money, TenantLimits},
};

/// A limit beyond this is a slip of the keyboard.
const MOST: u64 = 1_000_000_000;

/// The currency of budgets, for all tenants.
pub(super) fn read_currency(section: &mut Section<'_>) -> String {
    let read = section.text("currency", Some("EUR".to_owned()), String::clone, |text| {
        if text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase()) {
            Ok(text.to_owned())
        } else {
            Err((
                format!("is {text:?}"),
                "write a code of ISO 4217, for example \"EUR\"".to_owned(),
            ))
        }
    });
    read.map_or_else(|| "EUR".to_owned(), |read| read.value)
}

/// What is not written is as `default` has it.
pub(super) fn read_limits(section: &mut Section<'_>, default: Limits) -> Limits {
    let mut count = |key, default| section.optional_integer(key, default, 1..=MOST);
    let requests_per_minute = count("requests_per_minute", default.requests_per_minute);
    let tokens_per_minute = count("tokens_per_minute", default.tokens_per_minute);
    let concurrent_calls = count("concurrent_calls", default.concurrent_calls);
    Limits {
        requests_per_minute,
        tokens_per_minute,
        concurrent_calls,
        budget_day: read_budget(section, "budget_day", default.budget_day),
        budget_month: read_budget(section, "budget_month", default.budget_month),
    }
}

fn read_budget(section: &mut Section<'_>, key: &'static str, default: Option<Money>) -> Option<Money> {
    let read = section.optional_number(key, default.map(Money::units), 0.0..=1e9);
    read.map(Money::from_units)
}

/// Money of two currencies cannot be added up.
pub(super) fn check_currencies(root: &Section<'_>, limits: &TenantLimits, backends: &[Backend]) {
    if !limits.has_budget() {
        return;
    }
    for Backend { name, kind, .. } in backends {
        let price = match kind {
            BackendKind::Azure(azure) => &azure.price,
            BackendKind::OpenAi(server) => &server.price,
            BackendKind::Local(_) => continue,
        };
        let is_free = price.input_per_million == 0.0 && price.output_per_million == 0.0;
        if !is_free && price.currency != limits.currency {
            root.problem(Problem {
                origin: Origin::Default,
                key: "tenancy.currency".to_owned(),
                reason: format!(
                    "is {:?}, and backend {name:?} is paid in {:?}",
                    limits.currency, price.currency
                ),
                fix: "write budgets and prices in one currency".to_owned(),
            });
        }
    }
}
