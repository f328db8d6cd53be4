//! Says who makes a request: the one place where credentials are verified.

use std::path::PathBuf;
use std::sync::Arc;

use http::HeaderMap;

use super::api_keys::ApiKeys;
use super::certificates::{self, Names};
use super::credential::{self, Credential};
use super::issuer::Fetched;
use super::refusal::{Cause, Refusal};
use super::tokens::{self, Tokens};
use super::{Principal, Scope};
use crate::{SetUpError, watched};

/// How callers may show who they are. With nothing set, everybody is the development tenant.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// With tokens of an OAuth 2.1 issuer.
    pub jwt: Option<tokens::Config>,
    /// With API keys: the file that holds their hashes.
    pub api_keys: Option<PathBuf>,
    /// With client certificates.
    pub client_certificates: Option<certificates::Config>,
}

impl Config {
    /// Whether anybody is asked who they are.
    pub fn is_configured(&self) -> bool {
        self.jwt.is_some() || self.api_keys.is_some() || self.client_certificates.is_some()
    }
}

/// Verifies credentials. Shared by all requests.
pub struct Authenticator {
    tokens: Option<Tokens>,
    api_keys: Option<ApiKeys>,
    clients: Option<Vec<certificates::Client>>,
}

impl Authenticator {
    /// Admits everybody as the development tenant.
    pub fn development() -> Self {
        Self {
            tokens: None,
            api_keys: None,
            clients: None,
        }
    }

    /// Reads what is to be read; nothing is fetched yet.
    ///
    /// # Errors
    /// A file is missing or wrong.
    pub fn new(config: Config) -> Result<Self, SetUpError> {
        let tokens = config
            .jwt
            .map(Tokens::new)
            .transpose()
            .map_err(|reason| SetUpError {
                field: "auth.jwt.issuers",
                reason,
                fix: "correct the file that is named there",
            })?;
        let load = |path: PathBuf| {
            ApiKeys::load(path.clone()).map_err(|error| SetUpError {
                field: "auth.api_keys.file",
                reason: format!("is {}, which cannot be used: {error}", path.display()),
                fix: "make the first key with `mcp-server tenant key add`, or correct the file",
            })
        };
        Ok(Self {
            tokens,
            api_keys: config.api_keys.map(load).transpose()?,
            clients: config.client_certificates.map(|config| config.clients),
        })
    }

    /// Whether anybody is asked who they are.
    pub fn is_configured(&self) -> bool {
        self.tokens.is_some() || self.api_keys.is_some() || self.clients.is_some()
    }

    /// Keeps keys fresh. Ends only by being dropped.
    pub async fn keep_fresh(&self) {
        let tokens = async {
            match &self.tokens {
                Some(tokens) => tokens.keep_fresh().await,
                None => std::future::pending().await,
            }
        };
        let api_keys = async {
            match &self.api_keys {
                Some(keys) => {
                    watched::watch("the file of API keys", vec![keys.path().to_owned()], || {
                        keys.reload()
                    })
                    .await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::join!(tokens, api_keys);
    }

    /// Says who makes a request that came with these headers, over a connection with this certificate.
    ///
    /// A credential in the headers decides; a certificate where there is none. Where both name a tenant, and where
    /// the request names one, it must be the same.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        certificate: Option<&Names>,
    ) -> Result<Principal, Refusal> {
        if !self.is_configured() {
            let principal = Principal::development();
            return agree(principal, credential::read_tenant(headers)?);
        }
        let presented = credential::read(headers)?;
        let certified = match (&self.clients, certificate) {
            (Some(clients), Some(names)) => Some(certificates::principal(names, clients)),
            _ => None,
        };
        let principal = match (presented.credential, certified) {
            (None, None) => return Err(Refusal::Missing),
            (None, Some(certified)) => certified?,
            (Some(credential), None | Some(Err(_))) => self.verify(credential).await?,
            (Some(credential), Some(Ok(certified))) => {
                let principal = self.verify(credential).await?;
                agree(principal, Some(certified.tenant()))?
            }
        };
        agree(principal, presented.tenant)
    }

    async fn verify(&self, credential: Credential<'_>) -> Result<Principal, Refusal> {
        match (credential, &self.api_keys, &self.tokens) {
            (Credential::ApiKey(key), Some(keys), _) => keys.verify(key),
            (Credential::ApiKey(_), None, _) => Err(Refusal::Invalid(Cause::NoApiKeys)),
            (Credential::Token(token), _, Some(tokens)) => tokens.verify(token).await,
            (Credential::Token(_), _, None) => Err(Refusal::Invalid(Cause::NoTokens)),
        }
    }

    /// What clients are told about where to get tokens, where tokens are accepted.
    pub fn resource(&self) -> Option<Resource> {
        let config = self.tokens.as_ref()?.config();
        Some(Resource {
            url: config.resource.as_str().into(),
            issuers: config
                .issuers
                .iter()
                .map(|issuer| issuer.issuer.clone())
                .collect(),
        })
    }

    /// How many API keys there are, where they are accepted.
    pub fn api_keys(&self) -> Option<usize> {
        self.api_keys.as_ref().map(ApiKeys::len)
    }

    /// Fetches the keys of each issuer once: its name, and what came of it.
    pub async fn probe(&self) -> Vec<(Arc<str>, Result<Fetched, String>)> {
        let mut found = Vec::new();
        for issuer in self.tokens.iter().flat_map(Tokens::issuers) {
            found.push((issuer.name().clone(), issuer.fetch().await));
        }
        found
    }
}

/// This server as OAuth sees it (RFC 9728).
#[derive(Debug, Clone)]
pub struct Resource {
    /// Who it is.
    pub url: Arc<str>,
    /// Who issues tokens for it.
    pub issuers: Vec<String>,
}

fn agree(principal: Principal, tenant: Option<&str>) -> Result<Principal, Refusal> {
    match tenant {
        Some(tenant) if tenant != principal.tenant() => Err(Refusal::WrongTenant),
        _ => Ok(principal),
    }
}

/// Checks that somebody may do something. Refusals are logged here, once.
///
/// # Errors
/// Names the scope that is missing.
pub fn authorize(principal: &Principal, needed: Scope) -> Result<(), Refusal> {
    if principal.may(needed) {
        return Ok(());
    }
    let refusal = Refusal::Scope { needed };
    tracing::warn!(
        target: "security",
        code = refusal.code(),
        reason = refusal.reason(),
        tenant = principal.tenant(),
        subject = principal.subject(),
        proof = principal.proof().as_str(),
        "refused a request for what its sender may not do"
    );
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use http::HeaderValue;

    use super::*;
    use crate::tenancy::key_file::{self, Entry};
    use crate::tenancy::{Proof, Scopes, api_keys};

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        lines
            .iter()
            .map(|(name, text)| (http::HeaderName::from_static(name), value(text)))
            .collect()
    }

    #[tokio::test]
    async fn a_credential_in_the_headers_decides_and_a_certificate_must_agree() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let made = api_keys::generate().unwrap();
        let entry = Entry {
            id: made.id.clone(),
            tenant: "acme".to_owned(),
            name: "erp".to_owned(),
            scopes: Scopes::all(),
            sha256: made.sha256.clone(),
            created: SystemTime::now(),
            expires: None,
        };
        key_file::update(&path, |entries| entries.push(entry)).unwrap();
        let client = |name: &str, tenant: &str| certificates::Client {
            name: name.to_owned(),
            tenant: tenant.to_owned(),
            scopes: Scopes::default(),
        };
        let authenticator = Authenticator::new(Config {
            api_keys: Some(path),
            client_certificates: Some(certificates::Config {
                ca_file: PathBuf::new(),
                required: false,
                clients: vec![client("a.example", "acme"), client("b.example", "bolt")],
            }),
            jwt: None,
        })
        .unwrap();
        let bearer = format!("Bearer {}", *made.key);
        let key = ("authorization", bearer.as_str());
        let invalid = |cause| Err(Refusal::Invalid(cause));
        for (lines, certificate, expected) in [
            (&[][..], None, Err(Refusal::Missing)),
            (&[key], None, Ok(("acme", "erp"))),
            (&[], Some("a.example"), Ok(("acme", "a.example"))),
            (&[key], Some("a.example"), Ok(("acme", "erp"))),
            (&[key], Some("stranger"), Ok(("acme", "erp"))),
            (&[key], Some("b.example"), Err(Refusal::WrongTenant)),
            (&[], Some("stranger"), invalid(Cause::UnmappedCertificate)),
            (
                &[("authorization", "Bearer b2x_0_0")],
                Some("a.example"),
                invalid(Cause::UnknownApiKey),
            ),
            (
                &[("authorization", "Bearer a.b.c")],
                Some("a.example"),
                invalid(Cause::NoTokens),
            ),
            (
                &[("x-tenant-id", "acme")],
                Some("a.example"),
                Ok(("acme", "a.example")),
            ),
            (
                &[("x-tenant-id", "bolt")],
                Some("a.example"),
                Err(Refusal::WrongTenant),
            ),
            (&[("x-tenant-id", "bolt")], None, Err(Refusal::Missing)),
        ] {
            let names = certificate.map(Names::for_test);
            let found = authenticator.authenticate(&headers(lines), names.as_ref()).await;
            let found = found
                .as_ref()
                .map(|found| (found.tenant(), found.subject()))
                .map_err(|refusal| *refusal);
            assert_eq!(found, expected, "{lines:?} {certificate:?}");
        }
    }

    #[tokio::test]
    async fn where_nobody_is_asked_everybody_is_the_development_tenant() {
        let development = Authenticator::development();
        for lines in [
            &[][..],
            &[("authorization", "Bearer x")],
            &[("x-tenant-id", "development")],
        ] {
            let found = development.authenticate(&headers(lines), None).await.unwrap();
            assert_eq!(
                (found.tenant(), found.proof()),
                ("development", &Proof::Development)
            );
        }
        let other = headers(&[("x-tenant-id", "acme")]);
        assert_eq!(
            development.authenticate(&other, None).await.unwrap_err(),
            Refusal::WrongTenant
        );
    }
}
