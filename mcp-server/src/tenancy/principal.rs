//! Who makes a call, in whose name, and what it may do.

use std::sync::Arc;

use ring::digest::{Context, SHA256};

use super::{Scope, Scopes};

/// Who makes a call, established anew for every request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Principal {
    identity: Arc<Identity>,
    scopes: Scopes,
}

/// Who somebody is: what stays the same when a credential is renewed.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    tenant: Arc<str>,
    subject: Arc<str>,
    proof: Proof,
}

/// How somebody has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Not at all: no authentication is configured.
    Development,
    /// With an API key.
    ApiKey,
    /// With a token of this issuer; the same subject of another one is somebody else.
    Token {
        /// The `iss` of its tokens.
        issuer: Arc<str>,
    },
    /// With a client certificate.
    Certificate,
}

impl Proof {
    /// For logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::ApiKey => "api key",
            Self::Token { .. } => "token",
            Self::Certificate => "client certificate",
        }
    }
}

impl Identity {
    /// The tenant it acts for.
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The tenant's name, to be kept.
    pub(crate) fn tenant_key(&self) -> Arc<str> {
        Arc::clone(&self.tenant)
    }

    /// Tells it from every other, and nobody who it is: for what is kept outside of this process.
    pub(crate) fn digest(&self) -> Vec<u8> {
        let issuer = match &self.proof {
            Proof::Token { issuer } => issuer,
            Proof::Development | Proof::ApiKey | Proof::Certificate => "",
        };
        let mut digest = Context::new(&SHA256);
        for part in [&*self.tenant, &*self.subject, self.proof.as_str(), issuer] {
            // With its length in front, so that no two rows of parts read alike.
            digest.update(&part.len().to_le_bytes());
            digest.update(part.as_bytes());
        }
        digest.finish().as_ref().to_vec()
    }
}

impl Principal {
    /// Somebody whose credential was verified.
    pub fn new(tenant: &str, subject: &str, proof: Proof, scopes: Scopes) -> Self {
        let identity = Identity {
            tenant: tenant.into(),
            subject: subject.into(),
            proof,
        };
        Self {
            identity: Arc::new(identity),
            scopes,
        }
    }

    /// The one principal there is while no authentication is configured. Only servers bound to a
    /// loopback address, and stdio, admit it.
    pub fn development() -> Self {
        Self::new("development", "anonymous", Proof::Development, Scopes::all())
    }

    /// The tenant it acts for.
    pub fn tenant(&self) -> &str {
        &self.identity.tenant
    }

    /// The tenant's name, to be kept.
    pub fn tenant_key(&self) -> Arc<str> {
        Arc::clone(&self.identity.tenant)
    }

    /// The person or machine, unique within its tenant.
    pub fn subject(&self) -> &str {
        &self.identity.subject
    }

    /// How it has shown who it is.
    pub fn proof(&self) -> &Proof {
        &self.identity.proof
    }

    /// Who it is, without what it may do at the moment.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// What it may do.
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// Whether it may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    #[cfg(test)]
    pub(crate) fn for_test(subject: &str) -> Self {
        Self::new("test", subject, Proof::ApiKey, Scopes::all())
    }
}

/// Whether a text can name a tenant or a client: it labels logs and ledgers, so it is short and plain.
pub fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
