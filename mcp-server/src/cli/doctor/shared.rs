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
        Ok(probed) if probed.may_forget => Check::warning(
            what,
            "Redis forgets keys when its memory is full, and with them what tenants have spent".to_owned(),
            "set its maxmemory-policy to noeviction",
        ),
        Ok(probed) => Check::good(
            what,
            format!(
                "Redis answers within {:.1?}; limits are shared by {} running",
                probed.took,
                servers(probed.servers)
            ),
        ),
        // Not a failure: the server starts and serves without.
        Err(reason) => Check::warning(
            what,
            format!("Redis cannot be reached ({reason}): each server keeps to its part of every limit"),
            "check the address, the password, the certificates and the network",
        ),
    })
}

fn servers(count: u64) -> String {
    match count {
        1 => "1 server".to_owned(),
        count => format!("{count} servers"),
    }
}
