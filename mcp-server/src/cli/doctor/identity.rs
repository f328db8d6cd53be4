//! Doctor's look at a workload identity: a token of it, as each call asks for that finds none.

use inference::azure::entra::{TokenError, Tokens};

use crate::{backends, config::WorkloadIdentity};

/// What is wrong, and what to do.
pub(super) struct Finding {
    pub(super) reason: String,
    pub(super) fix: &'static str,
}

/// Asks for a token that is good for this scope.
pub(super) async fn examine(identity: &WorkloadIdentity, scope: &'static str) -> Result<String, Finding> {
    let tokens = Tokens::new(backends::workload_identity(identity), scope).map_err(|error| Finding {
        reason: error.to_string(),
        fix: "correct `workload_identity`",
    })?;
    let Err(error) = tokens.current().await else {
        return Ok(format!("Entra ID gave a token for {}", identity.client_id));
    };
    let fix = match &error {
        TokenError::NoAssertion(_) => {
            "label the pod azure.workload.identity/use: \"true\", and name its service account, so that the file is there"
        }
        TokenError::Refused(_) => {
            "add a federated credential for this service account to the identity, and check client_id and tenant_id"
        }
        TokenError::Failed(_) => "open outgoing connections to the authority, and try again",
    };
    Err(Finding {
        reason: error.to_string(),
        fix,
    })
}
