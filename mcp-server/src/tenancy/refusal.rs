//! Why somebody is not let in: what they are told, and what only the log says.

use super::Scope;

/// Why a request is refused for who sent it. Its text is all that a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No credential came with the request.
    #[error("a credential is needed; send `Authorization: Bearer …`")]
    Missing,
    /// The credential does not prove anything here. Why is for the log alone.
    #[error("the credential is not valid here; get a new one")]
    Invalid(Cause),
    /// Headers that say who calls contradict each other, or cannot be read.
    #[error("the headers that say who calls are ambiguous; send each once, and one credential")]
    Malformed(Cause),
    /// The request names another tenant than its credential.
    #[error("the request names another tenant than its credential; leave `X-Tenant-ID` out")]
    WrongTenant,
    /// The credential is good, and not for this.
    #[error("the credential lacks the scope `{needed}`; get one that has it")]
    Scope {
        /// What it lacks.
        needed: Scope,
    },
    /// Nobody can tell whether the credential is good: the keys of its issuer cannot be had.
    #[error("credentials of this issuer cannot be checked at the moment; retry")]
    Unavailable,
}

/// What exactly is wrong. Holds nothing of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each says in its text what it is")]
pub enum Cause {
    #[error("a header that may stand once stands twice")]
    Duplicate,
    #[error("two credentials at once")]
    TwoCredentials,
    #[error("a header that proxies confuse with one of ours")]
    Lookalike,
    #[error("a tenant that is no name")]
    TenantUnreadable,
    #[error("no bearer credential")]
    Scheme,
    #[error("neither an API key nor a token")]
    Unreadable,
    #[error("API keys are not configured")]
    NoApiKeys,
    #[error("unknown or revoked API key")]
    UnknownApiKey,
    #[error("expired API key")]
    ExpiredApiKey,
    #[error("tokens are not configured")]
    NoTokens,
    #[error("a token that cannot be read, or with an algorithm that is none")]
    TokenUnreadable,
    #[error("a token of a type that is no access token")]
    TokenType,
    #[error("a token with an extension that must be understood")]
    Critical,
    #[error("a token with an algorithm that is not allowed")]
    Algorithm,
    #[error("a token of an unknown issuer")]
    Issuer,
    #[error("a token signed with an unknown key")]
    UnknownKey,
    #[error("a token whose signature is wrong")]
    Signature,
    #[error("an expired token")]
    Expired,
    #[error("a token that is not valid yet")]
    NotYet,
    #[error("a token for another audience")]
    Audience,
    #[error("a token that lacks a claim, or has one of the wrong type")]
    Claims,
    #[error("a token without a subject that can be named")]
    Subject,
    #[error("a token without a tenant that can be named")]
    NoTenant,
    #[error("a token that names two tenants")]
    TwoTenants,
    #[error("a token for a tenant that its issuer may not speak for")]
    ForeignTenant,
    #[error("a client certificate that is mapped to nobody")]
    UnmappedCertificate,
    #[error("a client certificate that is not valid any more")]
    StaleCertificate,
}

impl Refusal {
    /// The public code: the name of its page in `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "unauthenticated",
            Self::Invalid(_) => "invalid_token",
            Self::Malformed(_) => "ambiguous_credential",
            Self::WrongTenant => "tenant_mismatch",
            Self::Scope { .. } => "insufficient_scope",
            Self::Unavailable => "authentication_unavailable",
        }
    }

    /// What the log says of it.
    pub fn reason(&self) -> String {
        match self {
            Self::Invalid(cause) | Self::Malformed(cause) => cause.to_string(),
            Self::Missing => "no credential".to_owned(),
            Self::WrongTenant => "the request names another tenant than its credential".to_owned(),
            Self::Scope { needed } => format!("the scope {needed} is missing"),
            Self::Unavailable => "the keys of the issuer cannot be had".to_owned(),
        }
    }
}
