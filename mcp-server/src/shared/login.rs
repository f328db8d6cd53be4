//! What Redis is shown: nothing, a password, or a token of this process's identity.
//!
//! A token is the password of the user that bears the identity's object id, as Azure's Redis has it. It ends, and so does
//! what was opened with it: whoever holds a connection compares what it was opened with to what is shown now.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use inference::azure::entra::Tokens;
use jsonwebtoken::dangerous::insecure_decode_claims;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Config, Credential, servers};
use crate::SetUpError;
use crate::backends::workload_identity;
use crate::config::Secret;

/// What a token is to be good for where Redis is shown it.
pub(crate) const SCOPE: &str = "https://redis.azure.com/.default";
/// How long nobody is asked for a token after none came. Connections are tried more often.
const PAUSE: Duration = Duration::from_secs(10);

/// Gives what a connection is to be opened with.
pub(super) struct Login {
    username: Option<String>,
    access: Access,
}

enum Access {
    Open,
    PasswordFile(PathBuf),
    Tokens {
        tokens: Tokens,
        /// When none came last, and why.
        failed: Mutex<Option<(Instant, String)>>,
    },
}

/// A user and a password, as far as there are any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret>,
}

/// What a token says of whom it was given to.
#[derive(Deserialize)]
struct Claims {
    oid: Option<String>,
}

impl Login {
    /// Connects to nothing, and reads nothing yet.
    pub(super) fn new(config: &Config) -> Result<Self, SetUpError> {
        let access = match &config.credential {
            None => Access::Open,
            Some(Credential::PasswordFile(path)) => Access::PasswordFile(path.clone()),
            Some(Credential::WorkloadIdentity(identity)) => {
                let tokens = Tokens::new(workload_identity(identity), SCOPE);
                let tokens = tokens.map_err(|error| SetUpError {
                    field: "shared.workload_identity",
                    reason: format!("cannot be used: {error}"),
                    fix: "write what your cluster sets in AZURE_AUTHORITY_HOST, or nothing",
                })?;
                Access::Tokens {
                    tokens,
                    failed: Mutex::default(),
                }
            }
        };
        Ok(Self {
            username: config.username.clone(),
            access,
        })
    }

    /// Whether what is shown ends by itself.
    pub(super) fn ends(&self) -> bool {
        matches!(self.access, Access::Tokens { .. })
    }

    /// What is known before anybody is asked: everything but a token.
    pub(super) fn at_hand(&self) -> Result<Shown, SetUpError> {
        let password = match &self.access {
            Access::Open | Access::Tokens { .. } => None,
            Access::PasswordFile(path) => Some(servers::read_file("shared.password_file", path)?),
        };
        Ok(Shown {
            username: self.username.clone(),
            password,
        })
    }

    /// What a connection is to be opened with now. The reason of a failure is for the log: no secrets are in it.
    pub(super) async fn shown(&self) -> Result<Shown, String> {
        let Access::Tokens { tokens, failed } = &self.access else {
            return self.at_hand().map_err(|error| error.to_string());
        };
        if let Some((when, reason)) = &*failed.lock().unwrap_or_else(PoisonError::into_inner)
            && when.elapsed() < PAUSE
        {
            return Err(reason.clone());
        }
        let token = tokens.current().await.map_err(|error| {
            let reason = error.to_string();
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), reason.clone()));
            reason
        })?;
        let username = match &self.username {
            Some(username) => username.clone(),
            None => principal(token.expose_secret()).ok_or(
                "shared.username is missing, and the token does not name its principal (claim oid); write the object id of the identity",
            )?,
        };
        Ok(Shown {
            username: Some(username),
            password: Some(Secret::new(token.expose_secret())),
        })
    }
}

/// Who a token was given to. It came from its issuer, and Redis judges it: here only its name is wanted.
fn principal(token: &str) -> Option<String> {
    let claims: Claims = insecure_decode_claims(token).ok()?;
    claims.oid.filter(|oid| !oid.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WorkloadIdentity;
    use crate::shared::Servers;

    fn config(credential: Option<Credential>) -> Config {
        Config {
            credential,
            ..Config::new(Servers::Urls(vec![Secret::new("redis://127.0.0.1")]))
        }
    }

    fn identity(authority: &str) -> Credential {
        Credential::WorkloadIdentity(WorkloadIdentity {
            authority: authority.parse().unwrap(),
            tenant_id: "tenant-1".to_owned(),
            client_id: "client-1".to_owned(),
            token_file: "/nonexistent/token".into(),
        })
    }

    #[test]
    fn a_token_says_who_it_was_given_to_where_it_can_be_read() {
        // {"alg":"none"}, then {"oid":"principal-1","aud":"https://redis.azure.com"}
        let token = "eyJhbGciOiJub25lIn0.eyJvaWQiOiJwcmluY2lwYWwtMSIsImF1ZCI6Imh0dHBzOi8vcmVkaXMuYXp1cmUuY29tIn0.c2ln";
        assert_eq!(principal(token).as_deref(), Some("principal-1"));
        // {"sub":"principal-1"}, and {"oid":""}
        for strange in [
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwcmluY2lwYWwtMSJ9.c2ln",
            "eyJhbGciOiJub25lIn0.eyJvaWQiOiIifQ.c2ln",
            "opaque",
            "",
        ] {
            assert_eq!(principal(strange), None, "{strange}");
        }
    }

    #[tokio::test]
    async fn a_password_is_read_anew_each_time_and_nothing_is_shown_where_none_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let credential = Credential::PasswordFile(file.path().to_owned());
        let login = Login::new(&config(Some(credential))).unwrap();
        assert!(!login.ends());
        for password in ["first", "second"] {
            std::fs::write(file.path(), password).unwrap();
            let shown = login.shown().await.unwrap();
            assert_eq!(shown.password, Some(Secret::new(password)));
            assert!(!format!("{shown:?}").contains(password), "{shown:?}");
        }
        std::fs::write(file.path(), "").unwrap();
        let error = login.shown().await.unwrap_err();
        assert!(error.contains("shared.password_file"), "{error}");
        let nothing = Login::new(&config(None)).unwrap().shown().await.unwrap();
        assert_eq!((nothing.username, nothing.password), (None, None));
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_had_is_told_and_one_is_asked_for_at_no_strange_place() {
        let login = Login::new(&config(Some(identity("https://login.example.com/")))).unwrap();
        assert!(login.ends());
        assert_eq!(login.at_hand().unwrap().password, None, "nobody was asked");
        let error = login.shown().await.unwrap_err();
        assert!(error.contains("/nonexistent/token"), "{error}");
        let strange = Login::new(&config(Some(identity("http://login.example.com/"))));
        let error = strange.err().expect("refused").to_string();
        assert!(
            error.contains("shared.workload_identity") && error.contains("no place to show a token to"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn nobody_is_asked_again_at_once_after_no_token_came() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = format!("http://{}/", listener.local_addr().unwrap());
        let token_file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(token_file.path(), "header.payload.signature").unwrap();
        let mut credential = identity(&authority);
        if let Credential::WorkloadIdentity(identity) = &mut credential {
            identity.token_file = token_file.path().to_owned();
        }
        let login = Login::new(&config(Some(credential))).unwrap();
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let hanging_up = async {
            loop {
                drop(listener.accept().await);
                asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        };
        let asking = async {
            let first = login.shown().await.unwrap_err();
            assert!(first.contains("no token from Entra ID"), "{first}");
            let once = asked.load(std::sync::atomic::Ordering::SeqCst);
            assert_eq!(login.shown().await.unwrap_err(), first);
            assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), once);
            tokio::time::pause();
            tokio::time::advance(PAUSE).await;
            tokio::time::resume();
            login.shown().await.unwrap_err();
            assert!(asked.load(std::sync::atomic::Ordering::SeqCst) > once);
        };
        tokio::select! {
            () = hanging_up => unreachable!("it never ends"),
            () = asking => {}
        }
    }
}
