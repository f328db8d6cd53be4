//! Access tokens: JWTs of configured issuers, for this server, verified on every request.
//!
//! What was verified is remembered by its hash until it expires, or the keys of its issuer change.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Principal;
use super::claims::{self, ClaimNames, Role};
use super::issuer::{self, Issuer, NoKey};
use super::refusal::{Cause, Refusal};
use super::signatures;

/// How many verified tokens are remembered.
const REMEMBERED_MAX: usize = 10_000;
/// Types of tokens that are access tokens, in lower case; most issuers say `JWT`, or nothing.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Which tokens are accepted.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who this server is, for tokens and for clients that look for their issuer: an absolute URL.
    pub resource: String,
    /// What tokens must be for: any of these.
    pub audiences: Vec<String>,
    /// Whose tokens are accepted.
    pub issuers: Vec<issuer::Config>,
    /// Signed how. Default RS256, PS256, ES256 and `EdDSA`.
    pub algorithms: Vec<Algorithm>,
    /// How far the clocks of issuers may be from ours. Default 30 s.
    pub clock_skew: Duration,
    /// Where tokens say what we need.
    pub claims: ClaimNames,
    /// What roles allow.
    pub roles: Vec<Role>,
}

/// Verifies tokens.
pub(super) struct Tokens {
    config: Config,
    issuers: Vec<Issuer>,
    remembered: Mutex<HashMap<[u8; 32], Verified>>,
}

/// What a token was found to be.
struct Verified {
    principal: Principal,
    issuer: usize,
    keys: u64,
    /// Seconds since 1970, skew included.
    ends: u64,
}

/// What is read of a token before anything of it is believed: whose keys to try.
#[derive(Deserialize)]
struct Claimed {
    iss: String,
}

impl Tokens {
    /// Makes ready.
    ///
    /// # Errors
    /// Names the issuer that cannot be set up, and why.
    pub(super) fn new(config: Config) -> Result<Self, String> {
        signatures::install();
        let issuers = config.issuers.iter().map(|issuer| {
            Issuer::new(issuer.clone()).map_err(|reason| format!("issuer {}: {reason}", issuer.issuer))
        });
        Ok(Self {
            issuers: issuers.collect::<Result<_, _>>()?,
            config,
            remembered: Mutex::default(),
        })
    }

    pub(super) fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Keeps the keys of every issuer fresh. Ends only by being dropped.
    pub(super) async fn keep_fresh(&self) {
        futures::future::join_all(self.issuers.iter().map(Issuer::keep_fresh)).await;
    }

    /// Verifies a token.
    pub(super) async fn verify(&self, token: &str) -> Result<Principal, Refusal> {
        let hash = hash(token);
        if let Some(principal) = self.remembered(&hash) {
            return Ok(principal);
        }
        let verified = self.verify_anew(token).await?;
        let principal = verified.principal.clone();
        self.remember(hash, verified);
        Ok(principal)
    }

    async fn verify_anew(&self, token: &str) -> Result<Verified, Refusal> {
        let invalid = Refusal::Invalid;
        let header = decode_header(token).map_err(|_| invalid(Cause::TokenUnreadable))?;
        if header.crit.is_some() {
            return Err(invalid(Cause::Critical));
        }
        let is_access_token = |typ: &String| TYPES.contains(&typ.to_ascii_lowercase().as_str());
        if !header.typ.as_ref().is_none_or(is_access_token) {
            return Err(invalid(Cause::TokenType));
        }
        if !self.config.algorithms.contains(&header.alg) {
            return Err(invalid(Cause::Algorithm));
        }
        let claimed: Claimed = insecure_decode_claims(token).map_err(|_| invalid(Cause::TokenUnreadable))?;
        let index = self
            .issuers
            .iter()
            .position(|issuer| **issuer.name() == *claimed.iss)
            .ok_or(invalid(Cause::Issuer))?;
        let issuer = &self.issuers[index];
        let (key, keys) = match issuer.find(header.kid.as_deref(), header.alg).await {
            Ok(found) => found,
            Err(NoKey::Unknown) => return Err(invalid(Cause::UnknownKey)),
            Err(NoKey::Unavailable) => return Err(Refusal::Unavailable),
        };
        let validation = self.validation(header.alg, issuer);
        let claims: Map<String, Value> = decode(token, &key, &validation)
            .map_err(|error| invalid(cause(error.kind())))?
            .claims;
        let principal =
            claims::principal(&claims, &self.config.claims, &self.config.roles, issuer).map_err(invalid)?;
        let expires = claims.get("exp").and_then(Value::as_f64).unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and whatever is negative was refused above"
        )]
        let ends = (expires as u64).saturating_add(self.config.clock_skew.as_secs());
        Ok(Verified {
            principal,
            issuer: index,
            keys,
            ends,
        })
    }

    fn validation(&self, algorithm: Algorithm, issuer: &Issuer) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = self.config.clock_skew.as_secs();
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer.name()]);
        validation.aud = Some(self.config.audiences.iter().cloned().collect::<HashSet<_>>());
        validation
    }

    fn remembered(&self, hash: &[u8; 32]) -> Option<Principal> {
        let remembered = self.lock();
        let verified = remembered.get(hash)?;
        let keys = self.issuers[verified.issuer].keys()?;
        (now() <= verified.ends && keys.version() == verified.keys).then(|| verified.principal.clone())
    }

    fn remember(&self, hash: [u8; 32], verified: Verified) {
        let mut remembered = self.lock();
        if remembered.len() >= REMEMBERED_MAX {
            let now = now();
            remembered.retain(|_, verified| verified.ends >= now);
        }
        // All are in use: better to verify some again than to search for the one least used.
        if remembered.len() >= REMEMBERED_MAX {
            remembered.clear();
        }
        remembered.insert(hash, verified);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Verified>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cause(kind: &ErrorKind) -> Cause {
    match kind {
        ErrorKind::InvalidSignature => Cause::Signature,
        ErrorKind::ExpiredSignature => Cause::Expired,
        ErrorKind::ImmatureSignature => Cause::NotYet,
        ErrorKind::InvalidIssuer => Cause::Issuer,
        ErrorKind::InvalidAudience => Cause::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => Cause::Algorithm,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => Cause::Claims,
        _ => Cause::TokenUnreadable,
    }
}

fn hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(folder: &std::path::Path) -> Tokens {
        let path = folder.join("jwks.json");
        let key =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k"}"#;
        std::fs::write(&path, format!("{{\"keys\":[{key}]}}")).unwrap();
        Tokens::new(Config {
            resource: "https://mcp.example.com/mcp".to_owned(),
            audiences: vec!["https://mcp.example.com/mcp".to_owned()],
            issuers: vec![issuer::Config {
                issuer: "https://i.example".to_owned(),
                keys: issuer::KeyLocation::File(path),
                tenants: Vec::new(),
                ca_file: None,
                refresh: Duration::from_mins(5),
                max_stale: Duration::from_mins(5),
            }],
            algorithms: vec![Algorithm::EdDSA, Algorithm::RS256],
            clock_skew: Duration::ZERO,
            claims: ClaimNames::default(),
            roles: Vec::new(),
        })
        .unwrap()
    }

    /// Parts as an attacker would write them: readable far enough to reach every check.
    fn part() -> impl Strategy<Value = String> {
        let known = [
            // {"alg":"EdDSA","kid":"k"}, {"alg":"none"}, {"alg":"RS256"}, {"iss":"https://i.example"}, {}, [], 1e999
            "eyJhbGciOiJFZERTQSIsImtpZCI6ImsifQ",
            "eyJhbGciOiJub25lIn0",
            "eyJhbGciOiJSUzI1NiJ9",
            "eyJpc3MiOiJodHRwczovL2kuZXhhbXBsZSJ9",
            "e30",
            "W10",
            "MWU5OTk",
            "",
        ];
        prop_oneof![
            prop::sample::select(known.map(str::to_owned).to_vec()),
            "[A-Za-z0-9_=-]{0,120}",
            "\\PC{0,40}"
        ]
    }

    proptest! {
        #[test]
        fn no_text_makes_the_verifier_panic(parts in proptest::collection::vec(part(), 0..5)) {
            let folder = tempfile::tempdir().unwrap();
            let tokens = tokens(folder.path());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let verified = runtime.block_on(tokens.verify(&parts.join(".")));
            prop_assert!(matches!(verified, Err(Refusal::Invalid(_))), "nobody signed this");
        }
    }
}
