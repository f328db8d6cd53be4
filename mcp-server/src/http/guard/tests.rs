//! Tests of who may ask from where.

use http::{HeaderMap, HeaderValue, Uri};

use super::*;

fn guard(hosts: &[&str], origins: &[&str]) -> Guard {
    Guard::new(&Config {
        allowed_hosts: hosts.iter().map(ToString::to_string).collect(),
        allowed_origins: origins.iter().map(ToString::to_string).collect(),
        ..Config::default()
    })
    .unwrap()
}

fn code(guard: &Guard, host: &str, origin: Option<&str>) -> &'static str {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap());
    if let Some(origin) = origin {
        headers.insert(ORIGIN, HeaderValue::from_bytes(origin.as_bytes()).unwrap());
    }
    match guard.check(&Uri::from_static("/mcp"), &headers) {
        Ok(()) => "ok",
        Err(error) => error.map().code,
    }
}

#[test]
fn hosts() {
    let open = guard(
        &["mcp.example.com", "other.example.com:8443", "[2001:db8::1]"],
        &[],
    );
    for (host, expected) in [
        ("localhost", "ok"),
        ("LOCALHOST:8080", "ok"),
        ("127.0.0.1:3911", "ok"),
        ("127.9.9.9", "ok"),
        ("[::1]:8080", "ok"),
        ("mcp.example.com", "ok"),
        ("MCP.example.com:1234", "ok"),
        ("other.example.com:8443", "ok"),
        ("[2001:db8::1]:80", "ok"),
        ("other.example.com", "host_not_allowed"),
        ("other.example.com:443", "host_not_allowed"),
        ("evil.example.com", "host_not_allowed"),
        ("localhost.evil.example.com", "host_not_allowed"),
        ("xlocalhost", "host_not_allowed"),
        ("127.0.0.1.evil.example.com", "host_not_allowed"),
        ("192.168.1.1", "host_not_allowed"),
        ("localhost@evil.example.com", "host_malformed"),
        ("evil.example.com@localhost", "host_malformed"),
        ("", "host_malformed"),
        ("local host", "host_malformed"),
        ("localhost:99999", "host_malformed"),
        ("localhost:8080/x", "host_malformed"),
        ("\u{ff}", "host_malformed"),
    ] {
        assert_eq!(code(&open, host, None), expected, "{host:?}");
    }
}

#[test]
fn origins_are_judged_apart_from_the_host() {
    let open = guard(
        &[],
        &[
            "https://app.example.com",
            "https://any.example.com:*",
            "http://dev.example.com:3000",
        ],
    );
    for (origin, expected) in [
        ("http://localhost", "ok"),
        ("http://localhost:3000", "ok"),
        ("https://127.0.0.1:5173", "ok"),
        ("http://[::1]:1", "ok"),
        ("https://app.example.com", "ok"),
        ("https://app.example.com:443", "ok"),
        ("https://any.example.com:9999", "ok"),
        ("http://dev.example.com:3000", "ok"),
        ("http://app.example.com", "origin_not_allowed"),
        ("https://app.example.com:8443", "origin_not_allowed"),
        ("http://dev.example.com", "origin_not_allowed"),
        ("http://evil.example.com", "origin_not_allowed"),
        ("http://localhost.evil.example.com", "origin_not_allowed"),
        ("http://localhost@evil.example.com", "origin_not_allowed"),
        ("null", "origin_not_allowed"),
        ("", "origin_not_allowed"),
        ("file://", "origin_not_allowed"),
        ("chrome-extension://localhost", "origin_not_allowed"),
        ("localhost", "origin_not_allowed"),
        ("\u{ff}", "origin_not_allowed"),
    ] {
        assert_eq!(
            code(&open, "localhost:8080", Some(origin)),
            expected,
            "{origin:?}"
        );
    }
}

#[test]
fn two_hosts_are_none() {
    let mut headers = HeaderMap::new();
    headers.append(HOST, HeaderValue::from_static("localhost"));
    headers.append(HOST, HeaderValue::from_static("evil.example.com"));
    let refused = guard(&[], &[]).check(&Uri::from_static("/mcp"), &headers);
    assert!(matches!(refused, Err(Error::HostMalformed)));
}

#[test]
fn each_of_several_origins_is_judged() {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static("localhost"));
    headers.append(ORIGIN, HeaderValue::from_static("http://localhost"));
    headers.append(ORIGIN, HeaderValue::from_static("http://evil.example.com"));
    let refused = guard(&[], &[]).check(&Uri::from_static("/mcp"), &headers);
    assert!(matches!(refused, Err(Error::OriginNotAllowed)));
}

#[test]
fn without_a_host_header_the_target_names_it() {
    let check = |uri: &'static str| guard(&[], &[]).check(&Uri::from_static(uri), &HeaderMap::new());
    assert!(check("http://localhost:8080/mcp").is_ok());
    assert!(matches!(
        check("http://evil.example.com/mcp"),
        Err(Error::HostNotAllowed)
    ));
    assert!(matches!(check("/mcp"), Err(Error::HostMalformed)));
}

#[test]
fn settings_that_cannot_be_read_are_named() {
    for (hosts, origins, expected) in [
        (vec!["a b"], vec![], ("server.allowed_hosts", "a b")),
        (vec![""], vec![], ("server.allowed_hosts", "")),
        (
            vec![],
            vec!["app.example.com"],
            ("server.allowed_origins", "app.example.com"),
        ),
        (
            vec![],
            vec!["https://x:443:*"],
            ("server.allowed_origins", "https://x:443:*"),
        ),
        (vec![], vec!["*"], ("server.allowed_origins", "*")),
        (vec![], vec!["null"], ("server.allowed_origins", "null")),
    ] {
        let config = Config {
            allowed_hosts: hosts.iter().map(ToString::to_string).collect(),
            allowed_origins: origins.iter().map(ToString::to_string).collect(),
            ..Config::default()
        };
        let (field, value) = Guard::new(&config).unwrap_err();
        assert_eq!((field, value.as_str()), expected);
    }
}
