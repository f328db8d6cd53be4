//! What the claims of a verified token mean here: subject, tenant, scopes.

use serde_json::{Map, Value};

use super::principal::is_name;
use super::refusal::Cause;
use super::{Principal, Proof, Scopes};
use crate::tenancy::issuer::Issuer;

/// No subject is longer.
const SUBJECT_CHARS_MAX: usize = 256;

/// Where issuers put what we need. A name with dots also means a path: `realm_access.roles`.
#[derive(Debug, Clone)]
pub struct ClaimNames {
    /// Any of these names the tenant. Default `tenant_id`, `TenantId`.
    pub tenant: Vec<String>,
    /// All of these name scopes. Default `scope`, `scp`.
    pub scopes: Vec<String>,
    /// All of these name roles. Default `roles`, `role`.
    pub roles: Vec<String>,
}

impl Default for ClaimNames {
    fn default() -> Self {
        let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
        Self {
            tenant: names(["tenant_id", "TenantId"]),
            scopes: names(["scope", "scp"]),
            roles: names(["roles", "role"]),
        }
    }
}

/// A role of tokens, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// As tokens name it.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
}

/// Makes a principal of claims whose signature was verified.
pub(super) fn principal(
    claims: &Map<String, Value>,
    names: &ClaimNames,
    roles: &[Role],
    issuer: &Issuer,
) -> Result<Principal, Cause> {
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    let is_plain = !subject.is_empty()
        && subject.chars().count() <= SUBJECT_CHARS_MAX
        && !subject.chars().any(char::is_control);
    if !is_plain {
        return Err(Cause::Subject);
    }
    let tenant = tenant(claims, names)?;
    if !issuer.may_speak_for(tenant) {
        return Err(Cause::ForeignTenant);
    }
    let proof = Proof::Token {
        issuer: issuer.name().clone(),
    };
    Ok(Principal::new(
        tenant,
        subject,
        proof,
        scopes(claims, names, roles),
    ))
}

fn tenant<'c>(claims: &'c Map<String, Value>, names: &ClaimNames) -> Result<&'c str, Cause> {
    let mut found = names.tenant.iter().filter_map(|name| find(claims, name));
    let tenant = found.next().ok_or(Cause::NoTenant)?;
    if found.any(|other| other != tenant) {
        return Err(Cause::TwoTenants);
    }
    tenant
        .as_str()
        .filter(|tenant| is_name(tenant))
        .ok_or(Cause::NoTenant)
}

fn scopes(claims: &Map<String, Value>, names: &ClaimNames, roles: &[Role]) -> Scopes {
    let said = |names: &[String]| -> Vec<String> {
        let found = names.iter().filter_map(|name| find(claims, name));
        found.flat_map(words).collect()
    };
    let own = said(&names.scopes);
    let held = said(&names.roles);
    let of_roles = roles.iter().filter(|role| held.contains(&role.name));
    of_roles.fold(
        Scopes::of_token(own.iter().map(String::as_str)),
        |scopes, role| scopes.union(role.scopes),
    )
}

/// Texts in a list, or in one text with blanks between them: issuers do either.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        Value::Array(values) => values
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

/// A claim of this name, or at this path.
fn find<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    rest.split('.')
        .try_fold(claims.get(first)?, |value, step| value.get(step))
}
