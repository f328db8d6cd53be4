//! Doctor's look at what several servers share.

use super::{
    Check,
    identity::{self, Finding},
};
use crate::{
    config::Config,
    shared::{self, Credential},
};

pub(super) async fn examine(config: &Config) -> Vec<Check> {
    let Some(shared) = config.shared.as_ref() else {
        return Vec::new();
    };
    if let Err(error) = shared::check(shared) {
        let found = format!("{} {}", error.field, error.reason);
        return vec![Check::bad("shared state", found, error.fix)];
    }
    let Some(Credential::WorkloadIdentity(identity)) = &shared.credential else {
        return vec![reach(shared).await];
    };
    let what = "identity of the shared state";
    match identity::examine(identity, shared::SCOPE).await {
        Ok(found) => vec![Check::good(what, found), reach(shared).await],
        // Not a failure, as below; and nothing is to be found out of Redis without a token.
        Err(Finding { reason, fix }) => vec![Check::warning(
            what,
            format!("{reason}: each server keeps to its part of every limit"),
            fix,
        )],
    }
}

async fn reach(shared: &shared::Config) -> Check {
    let what = "shared state";
    match shared::probe(shared).await {
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
            match &shared.credential {
                Some(Credential::WorkloadIdentity(_)) => {
                    "check the address and the network, and that Redis has an access policy for the identity's object id"
                }
                Some(Credential::PasswordFile(_)) | None => {
                    "check the address, the password, the certificates and the network"
                }
            },
        ),
    }
}

fn servers(count: u64) -> String {
    match count {
        1 => "1 server".to_owned(),
        count => format!("{count} servers"),
    }
}
