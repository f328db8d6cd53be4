//! How clients are told to show who they are: challenges (RFC 6750), and where tokens come from (RFC 9728).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use url::Url;

use super::refusals::json_response;
use crate::mcp::errors::Error;
use crate::tenancy::{Authenticator, Refusal, Scope};
use crate::tools::ToolError;

const METADATA_PATH: &str = "/.well-known/oauth-protected-resource";
/// What a client of MCP should ask its issuer for.
const MCP_SCOPES: [Scope; 2] = [Scope::ToolsRead, Scope::ToolsCall];

/// Says on a refusal what is wrong with the credential. [`complete`] says where to get one.
pub(super) fn begin(headers: &mut HeaderMap, error: &Error) {
    let (Error::Refused(refusal) | Error::Tool(ToolError::Refused(refusal))) = error else {
        return;
    };
    let challenge = match refusal {
        Refusal::Missing => HeaderValue::from_static("Bearer"),
        Refusal::Invalid(_) => HeaderValue::from_static("Bearer error=\"invalid_token\""),
        Refusal::Malformed(_) => HeaderValue::from_static("Bearer error=\"invalid_request\""),
        Refusal::Scope { needed } => {
            let text = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
            HeaderValue::try_from(text).expect("scopes are plain constants")
        }
        Refusal::WrongTenant | Refusal::Unavailable => return,
    };
    headers.insert(WWW_AUTHENTICATE, challenge);
}

/// Adds to a challenge where tokens come from, and what to ask for.
pub(super) fn complete(response: &mut Response, authenticator: &Authenticator, is_openai: bool) {
    let Some(begun) = response.headers().get(WWW_AUTHENTICATE).cloned() else {
        return;
    };
    let begun = begun.to_str().unwrap_or("Bearer");
    let mut parameters: Vec<String> = begun
        .strip_prefix("Bearer ")
        .map(str::to_owned)
        .into_iter()
        .collect();
    if let Some(url) = authenticator
        .resource()
        .and_then(|resource| metadata_url(&resource.url))
    {
        parameters.push(format!("resource_metadata=\"{url}\""));
    }
    if response.status() == StatusCode::UNAUTHORIZED {
        let scopes: &[Scope] = if is_openai { &[Scope::Chat] } else { &MCP_SCOPES };
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        parameters.push(format!("scope=\"{}\"", scopes.join(" ")));
    }
    let text = format!("Bearer {}", parameters.join(", "));
    if let Ok(challenge) = HeaderValue::try_from(text) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
}

/// Where the metadata of a resource is: its path goes behind the well-known one.
fn metadata_url(resource: &str) -> Option<String> {
    let url = Url::parse(resource).ok()?;
    let origin = url.origin().ascii_serialization();
    let path = url.path().trim_end_matches('/');
    Some(format!("{origin}{METADATA_PATH}{path}"))
}

/// The metadata, for whoever asks, where tokens are accepted.
pub(super) fn routes(authenticator: &Authenticator) -> Router {
    let Some(resource) = authenticator.resource() else {
        return Router::new();
    };
    let scopes: Vec<_> = [Scope::ToolsRead, Scope::ToolsCall, Scope::Chat]
        .map(Scope::as_str)
        .to_vec();
    let body = Arc::new(json!({
        "resource": &*resource.url,
        "authorization_servers": resource.issuers,
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
        "resource_name": "B2XGate MCP server",
    }));
    let answer = move || {
        let mut response = json_response(StatusCode::OK, &body);
        let keep = HeaderValue::from_static("public, max-age=3600");
        response.headers_mut().insert(CACHE_CONTROL, keep);
        std::future::ready(response)
    };
    // The resource's own path is behind a proxy that adds to ours; the other two are where clients look unasked.
    let own = Url::parse(&resource.url).map_or_else(|_| String::new(), |url| url.path().to_owned());
    let paths = BTreeSet::from(["", "/mcp", own.trim_end_matches('/')]);
    paths.into_iter().fold(Router::new(), |router, path| {
        router.route(&format!("{METADATA_PATH}{path}"), get(answer.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_where_clients_look_for_it() {
        for (resource, url) in [
            (
                "https://a.example/mcp",
                "https://a.example/.well-known/oauth-protected-resource/mcp",
            ),
            (
                "https://a.example:8443/",
                "https://a.example:8443/.well-known/oauth-protected-resource",
            ),
            (
                "https://a.example",
                "https://a.example/.well-known/oauth-protected-resource",
            ),
        ] {
            assert_eq!(metadata_url(resource).as_deref(), Some(url));
        }
    }
}
