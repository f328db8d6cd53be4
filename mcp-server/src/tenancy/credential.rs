//! Reads from a request's headers who it says it is, without believing any of it.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::api_keys::PREFIX;
use super::principal::is_name;
use super::refusal::{Cause, Refusal};

/// No credential is longer.
const CREDENTIAL_BYTES_MAX: usize = 16 * 1024;
/// Where a caller may say which tenant it means.
const TENANT_HEADER: &str = "x-tenant-id";
/// Where clients made for Azure put their key.
const KEY_HEADER: &str = "api-key";
/// What gateways that turn dashes into underscores, or back, would confuse with the headers above.
const LOOKALIKES: [&str; 2] = ["x_tenant_id", "api_key"];

/// What a request presents. Its `Debug` is not derived: it would show the credential.
pub(super) struct Presented<'r> {
    pub(super) credential: Option<Credential<'r>>,
    /// The tenant that the request says it means.
    pub(super) tenant: Option<&'r str>,
}

/// A credential that is yet to be verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential<'r> {
    ApiKey(&'r str),
    Token(&'r str),
}

/// Reads the headers.
pub(super) fn read(headers: &HeaderMap) -> Result<Presented<'_>, Refusal> {
    if LOOKALIKES.iter().any(|name| headers.contains_key(*name)) {
        return Err(Refusal::Malformed(Cause::Lookalike));
    }
    let bearer = single(headers, AUTHORIZATION.as_str())?;
    let key = single(headers, KEY_HEADER)?;
    let tenant = read_tenant(headers)?;
    let credential = match (bearer, key) {
        (None, None) => None,
        (Some(_), Some(_)) => return Err(Refusal::Malformed(Cause::TwoCredentials)),
        (Some(bearer), None) => Some(read_bearer(bearer)?),
        (None, Some(key)) => Some(read_key(key)?),
    };
    Ok(Presented { credential, tenant })
}

/// Takes the credential out, once it is known whose it is: nobody further in has a use for it, and what is not there is
/// neither logged nor passed on.
pub(crate) fn forget(headers: &mut HeaderMap) {
    headers.remove(AUTHORIZATION);
    headers.remove(KEY_HEADER);
}

/// Reads only which tenant the request says it means, where no credential is asked for.
pub(super) fn read_tenant(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(value) = single(headers, TENANT_HEADER)? else {
        return Ok(None);
    };
    std::str::from_utf8(value)
        .ok()
        .filter(|tenant| is_name(tenant))
        .map(Some)
        .ok_or(Refusal::Malformed(Cause::TenantUnreadable))
}

fn single<'r>(headers: &'r HeaderMap, name: &str) -> Result<Option<&'r [u8]>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::Malformed(Cause::Duplicate));
    }
    Ok(first.map(http::HeaderValue::as_bytes))
}

fn read_bearer(value: &[u8]) -> Result<Credential<'_>, Refusal> {
    let (scheme, rest) = value.split_at_checked(7).ok_or(Refusal::Invalid(Cause::Scheme))?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return Err(Refusal::Invalid(Cause::Scheme));
    }
    let text = plain(rest.trim_ascii())?;
    Ok(if text.starts_with(PREFIX) {
        Credential::ApiKey(text)
    } else {
        Credential::Token(text)
    })
}

fn read_key(value: &[u8]) -> Result<Credential<'_>, Refusal> {
    let text = plain(value.trim_ascii())?;
    if text.starts_with(PREFIX) {
        Ok(Credential::ApiKey(text))
    } else {
        Err(Refusal::Invalid(Cause::Unreadable))
    }
}

/// The alphabet of bearer credentials, within bounds.
fn plain(bytes: &[u8]) -> Result<&str, Refusal> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let fits = (1..=CREDENTIAL_BYTES_MAX).contains(&bytes.len()) && bytes.iter().all(is_plain);
    std::str::from_utf8(bytes)
        .ok()
        .filter(|_| fits)
        .ok_or(Refusal::Invalid(Cause::Unreadable))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
            })
            .collect()
    }

    #[test]
    fn one_credential_is_read_and_doubt_is_refused() {
        let read = |lines: &[(&str, &str)]| match read(&headers(lines)) {
            Ok(Presented { credential, tenant }) => format!(
                "{} {}",
                match credential {
                    None => "none".to_owned(),
                    Some(Credential::ApiKey(key)) => format!("key={key}"),
                    Some(Credential::Token(token)) => format!("token={token}"),
                },
                tenant.unwrap_or("-")
            ),
            Err(refusal) => refusal.reason(),
        };
        for (lines, expected) in [
            (&[][..], "none -"),
            (&[("authorization", "Bearer a.b.c")], "token=a.b.c -"),
            (&[("authorization", "bearer  a.b.c ")], "token=a.b.c -"),
            (&[("authorization", "Bearer b2x_1_2")], "key=b2x_1_2 -"),
            (
                &[("api-key", "b2x_1_2"), ("x-tenant-id", "acme")],
                "key=b2x_1_2 acme",
            ),
            (&[("api-key", "a.b.c")], "neither an API key nor a token"),
            (&[("authorization", "Basic YTpi")], "no bearer credential"),
            (&[("authorization", "Bearer")], "no bearer credential"),
            (&[("authorization", "Bearer ")], "neither an API key nor a token"),
            (
                &[("authorization", "Bearer a b")],
                "neither an API key nor a token",
            ),
            (
                &[("authorization", "Bearer a,b")],
                "neither an API key nor a token",
            ),
            (
                &[("authorization", "Bearer a"), ("authorization", "Bearer a")],
                "a header that may stand once stands twice",
            ),
            (
                &[("authorization", "Bearer a"), ("api-key", "b2x_1_2")],
                "two credentials at once",
            ),
            (
                &[("x-tenant-id", "a"), ("x-tenant-id", "a")],
                "a header that may stand once stands twice",
            ),
            (&[("x-tenant-id", "a, b")], "a tenant that is no name"),
            (&[("x-tenant-id", "")], "a tenant that is no name"),
            (&[("x-tenant-id", "../a")], "a tenant that is no name"),
            (
                &[("x_tenant_id", "a")],
                "a header that proxies confuse with one of ours",
            ),
            (
                &[("api_key", "a")],
                "a header that proxies confuse with one of ours",
            ),
        ] {
            assert_eq!(read(lines), expected, "{lines:?}");
        }
        let long = format!("Bearer {}", "a".repeat(CREDENTIAL_BYTES_MAX + 1));
        assert_eq!(
            read(&[("authorization", &long)]),
            "neither an API key nor a token"
        );
    }

    #[test]
    fn a_credential_goes_no_further_than_the_door() {
        let mut headers = headers(&[
            ("authorization", "Bearer a"),
            ("authorization", "Bearer b"),
            ("api-key", "b2x_1_2"),
            ("x-tenant-id", "acme"),
        ]);
        forget(&mut headers);
        assert_eq!(
            headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            ["x-tenant-id"]
        );
    }

    proptest! {
        /// Whatever bytes a header may hold, they are read or refused.
        #[test]
        fn no_bytes_make_the_reader_panic(
            name in prop_oneof![Just("authorization"), Just("api-key"), Just("x-tenant-id")],
            start in prop_oneof![Just(""), Just("Bearer "), Just("bEARER\t"), Just("b2x_"), Just("Bearer b2x_")],
            rest in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let bytes = [start.as_bytes(), &rest].concat();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.insert(name, value);
                let read = read(&headers);
                if let Ok(Presented { credential: Some(Credential::ApiKey(text) | Credential::Token(text)), .. }) = read {
                    prop_assert!(bytes.ends_with(text.as_bytes()) || bytes.trim_ascii_end().ends_with(text.as_bytes()));
                }
            }
        }
    }
}
