//! Doctor's look at what several servers share.

use super::Check;
use crate::{config::Config, shared};

pub(super) async fn examine(config: &Config) -> Option<Check> {
    let shared = config.shared.as_ref()?;
    let what = "shared state";
    if let Err(error) = shared::check(shared) {
        let found = format!("{} {}", error.field, error.reason);
        return Some(Check::bad(what, found, error.fix));
    }
    Some(match shared::probe(shared).await {
        Ok(took) => Check::good(what, format!("Redis answers within {took:.1?}")),
        // Not a failure: the server starts and serves without.
        Err(reason) => Check::warning(
            what,
            format!("Redis cannot be reached ({reason}): each server decides by itself"),
            "check the address, the password, the certificates and the network",
        ),
    })
}
