//! Who calls, for which tenant, and what they may do: credentials in, a [`Principal`] or a [`Refusal`] out. And what of a
//! tenant's text may leave the process: [`redaction`].
//!
//! [`Authenticator`] is asked once for every request. Nothing of a credential is kept but hashes, nothing is logged,
//! and why one was refused is for the log alone.

pub mod api_keys;
mod authenticator;
pub mod certificates;
mod claims;
mod credential;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fuzz;
pub mod issuer;
pub mod key_file;
mod key_set;
mod principal;
pub mod quota;
pub mod redaction;
mod refusal;
mod rules;
mod scopes;
mod signatures;
pub mod tokens;

pub use authenticator::{Authenticator, Config, Resource, authorize};
pub use claims::{ClaimNames, Role};
pub(crate) use credential::forget;
pub use principal::{Identity, Principal, Proof, is_name};
pub use refusal::{Cause, Refusal};
pub use rules::{DATA_CLASSES, RESIDENCIES, TenantRules, named};
pub use scopes::{Scope, Scopes};
