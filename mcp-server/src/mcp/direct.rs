//! Calls that need nothing but an answer, told from all others before rmcp sees them.
//!
//! rmcp serves a request without a session as a session of one request: four tasks and as many channels. Nearly every call
//! is plain: a tool of ours, in a revision without sessions, with nothing to be told on the way. It is carried out in the
//! task that read it. Whatever is not plain to the letter, what is wrong included, is left to rmcp, whose rules hold.

use http::header::ACCEPT;
use http::request::Parts;
use http::{HeaderMap, Method};
use rmcp::model::{ProtocolVersion, RequestId, RequestMetaObject};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A plain call of a tool.
pub(super) struct Plain {
    pub(super) id: RequestId,
    pub(super) name: String,
    pub(super) arguments: Map<String, Value>,
    pub(super) meta: RequestMetaObject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    jsonrpc: String,
    id: RequestId,
    method: String,
    params: Params,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    name: String,
    #[serde(default)]
    arguments: Option<Map<String, Value>>,
    #[serde(rename = "_meta")]
    meta: RequestMetaObject,
}

const METHOD: &str = "tools/call";
const VERSION: ProtocolVersion = ProtocolVersion::V_2026_07_28;
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const PROGRESS_KEY: &str = "progressToken";

/// Reads a call, if it is plain.
pub(super) fn read(parts: &Parts, body: &[u8]) -> Option<Plain> {
    let headers = &parts.headers;
    let is_plain = parts.method == Method::POST
        && only(headers, "mcp-protocol-version") == Some(VERSION.as_str())
        && only(headers, "mcp-method") == Some(METHOD)
        && accepts_both(headers)
        && !headers.keys().any(|name| name.as_str().starts_with("mcp-param-"));
    if !is_plain {
        return None;
    }
    let Message {
        jsonrpc,
        id,
        method,
        params: Params {
            name,
            arguments,
            meta,
        },
    } = serde_json::from_slice(body).ok()?;
    let is_plain = jsonrpc == "2.0"
        && method == METHOD
        && only(headers, "mcp-name") == Some(&*name)
        && meta.get(VERSION_KEY).and_then(Value::as_str) == Some(VERSION.as_str())
        && meta.client_capabilities().is_some()
        && !meta.contains_key(PROGRESS_KEY);
    is_plain.then(|| Plain {
        id,
        name,
        arguments: arguments.unwrap_or_default(),
        meta,
    })
}

/// The value of a header that stands there once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Whether a client takes both forms of an answer, and says so without conditions.
fn accepts_both(headers: &HeaderMap) -> bool {
    let accepted = only(headers, ACCEPT.as_str()).unwrap_or_default();
    let names = |form: &str| {
        let mut forms = accepted.split(',');
        forms.any(|one| one.trim().eq_ignore_ascii_case(form))
    };
    names("application/json") && names("text/event-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"classify_ticket","arguments":{"text":"a"},
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;

    fn parts(change: impl FnOnce(&mut HeaderMap)) -> Parts {
        let request = http::Request::post("/mcp")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", "classify_ticket");
        let mut parts = request.body(()).unwrap().into_parts().0;
        change(&mut parts.headers);
        parts
    }

    #[test]
    fn a_plain_call_is_read_whole() {
        let call = read(&parts(|_| {}), BODY.as_bytes()).expect("it is plain");
        assert_eq!((call.id, &*call.name), (RequestId::Number(7), "classify_ticket"));
        assert_eq!(Value::from(call.arguments), serde_json::json!({"text": "a"}));
        assert_eq!(call.meta.len(), 2);
    }

    #[test]
    fn whatever_is_not_plain_is_left_to_rmcp() {
        let plain = parts(|_| {});
        for (what, instead) in [
            ("\"2.0\"", "\"1.0\""),
            ("\"id\":7,", ""),
            ("\"id\":7,", "\"id\":null,"),
            ("\"id\":7,", "\"id\":7,\"id\":8,"),
            ("\"id\":7,", "\"id\":7,\"more\":1,"),
            ("tools/call", "tools/list"),
            ("classify_ticket", "summarize_text"),
            ("{\"text\":\"a\"}", "[]"),
            ("\"arguments\"", "\"requestState\":\"s\",\"arguments\""),
            ("2026-07-28", "2025-11-25"),
            ("protocolVersion", "protocol"),
            ("clientCapabilities", "capabilities"),
            ("clientCapabilities\":{}", "clientCapabilities\":1"),
            ("\"_meta\":{", "\"_meta\":{\"progressToken\":1,"),
            ("\"_meta\"", "\"meta\""),
            ("}}}", "}}"),
        ] {
            let body = BODY.replace(what, instead);
            assert!(body != BODY && read(&plain, body.as_bytes()).is_none(), "{body}");
        }
        let value = http::HeaderValue::from_static;
        let changes: [fn(&mut HeaderMap); 9] = [
            |headers| drop(headers.remove("mcp-name")),
            |headers| drop(headers.remove("mcp-method")),
            |headers| drop(headers.remove("mcp-protocol-version")),
            |headers| drop(headers.remove("accept")),
            |headers| drop(headers.insert("accept", http::HeaderValue::from_static("application/json"))),
            |headers| {
                let weighed = "application/json, text/event-stream;q=0";
                headers.insert("accept", http::HeaderValue::from_static(weighed));
            },
            |headers| {
                headers.append("mcp-name", http::HeaderValue::from_static("classify_ticket"));
            },
            |headers| drop(headers.insert("mcp-name", http::HeaderValue::from_static("summarize_text"))),
            |headers| drop(headers.insert("mcp-param-region", http::HeaderValue::from_static("eu"))),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            assert!(read(&parts(change), BODY.as_bytes()).is_none(), "change {index}");
        }
        let mut get = parts(|_| {});
        get.method = Method::GET;
        assert!(read(&get, BODY.as_bytes()).is_none());
        let quoted =
            parts(|headers| drop(headers.insert("accept", value("text/event-stream,application/json"))));
        assert!(read(&quoted, BODY.as_bytes()).is_some(), "in any order");
    }
}
