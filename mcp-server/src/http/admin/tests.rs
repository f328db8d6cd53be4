//! What is taken as an order.

use std::sync::Arc;

use axum::body::Body;
use inference::testing::FakeBackend;
use inference::{Chain, GatewayConfig, NoObserver};
use serde_json::Value;
use tower::ServiceExt;

use super::*;

#[test]
fn an_order_needs_a_reason_on_one_line() {
    let read = |body: Value| read_order(body.to_string().as_bytes());
    let order = read(json!({"reason": " rotating the key ", "by": "ann"})).unwrap();
    assert_eq!((order.by(), order.reason()), ("ann", "rotating the key"));
    assert_eq!(read(json!({"reason": "x"})).unwrap().by(), "operator");
    for (body, field) in [
        (json!({}), "reason"),
        (json!({"reason": ""}), "reason"),
        (json!({"reason": "  \n"}), "reason"),
        (json!({"reason": null}), "reason"),
        (json!({"reason": "x".repeat(201)}), "reason"),
        (json!({"reason": "a\nb"}), "reason"),
        (json!({"reason": "a\u{1b}[31m"}), "reason"),
        (json!({"reason": 7}), "body"),
        (json!({"reason": "x", "why": "y"}), "body"),
        (json!([]), "body"),
        (json!({"reason": "x", "by": ""}), "by"),
        (json!({"reason": "x", "by": "y".repeat(65)}), "by"),
    ] {
        let message = read(body.clone()).expect_err(&body.to_string()).to_string();
        assert!(message.starts_with(&format!("`{field}`")), "{body}: {message}");
    }
    assert!(read_order(b"{").is_err() && read_order(b"").is_err());
}

#[test]
fn actions_are_known_by_their_names() {
    for action in [
        Action::ForceOpen,
        Action::ForceClosed,
        Action::Drain,
        Action::Resume,
    ] {
        assert_eq!(Action::parse(action.as_str()), Some(action));
    }
    assert_eq!(Action::parse("force_open"), None);
    assert_eq!(Action::parse(""), None);
}

#[tokio::test]
async fn callers_of_other_machines_find_nothing() {
    let config = GatewayConfig {
        queue: inference::admission::Config::default(),
        backends: vec![FakeBackend::new("fake", "model").registered()],
        chains: vec![Chain {
            name: "default".into(),
            backends: vec!["fake".into()],
        }],
        routing: inference::RoutingConfig::default(),
    };
    let gateway = Gateway::new(config, Arc::new(NoObserver)).unwrap();
    for (peer, status) in [
        (None, 404),
        (Some("10.1.2.3:5"), 404),
        (Some("[2001:db8::1]:5"), 404),
        (Some("[::ffff:10.1.2.3]:5"), 404),
        (Some("127.0.0.1:5"), 200),
        (Some("[::1]:5"), 200),
        (Some("[::ffff:127.0.0.1]:5"), 200),
    ] {
        let mut request = Request::builder()
            .uri("/backends")
            .header("host", "localhost:9464")
            .body(Body::empty())
            .unwrap();
        if let Some(peer) = peer {
            request
                .extensions_mut()
                .insert(Peer::plain(peer.parse().unwrap()));
        }
        let response = routes(
            gateway.clone(),
            Arc::new(Authenticator::development()),
            Accounts::default(),
        )
        .oneshot(request)
        .await
        .unwrap();
        assert_eq!(response.status(), status, "{peer:?}");
    }
}
