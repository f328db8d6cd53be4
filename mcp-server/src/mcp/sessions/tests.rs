//! Tests of whose a session is.

use super::*;

async fn asking<T>(subject: &str, ask: impl Future<Output = T>) -> T {
    CALLER.scope(Caller::new(Principal::for_test(subject)), ask).await
}

#[tokio::test]
async fn a_session_is_its_principals_own() {
    let sessions = Sessions::new(10, Duration::from_mins(1), Operations::default());
    let (id, _transport) = asking("alice", sessions.create_session()).await.unwrap();
    assert!(asking("alice", sessions.has_session(&id)).await.unwrap());
    assert!(
        !asking("bob", sessions.has_session(&id)).await.unwrap(),
        "knowing an id is not being its owner"
    );
    asking("bob", sessions.close_session(&id)).await.unwrap();
    assert!(
        asking("alice", sessions.has_session(&id)).await.unwrap(),
        "bob cannot close it"
    );
    // The server itself, when the session's work has ended.
    sessions.close_session(&id).await.unwrap();
    assert!(!asking("alice", sessions.has_session(&id)).await.unwrap());
    assert_eq!(sessions.open(), 0);
}

#[tokio::test]
async fn without_a_request_nobody_owns_a_session() {
    let sessions = Sessions::new(10, Duration::from_mins(1), Operations::default());
    assert!(sessions.create_session().await.is_err());
    assert_eq!((sessions.open(), sessions.places.available_permits()), (0, 10));
}

#[test]
fn an_introduction_keeps_what_answers_depend_on_and_no_more() {
    let mut params = InitializeRequestParams::default();
    params.protocol_version = rmcp::model::ProtocolVersion::V_2025_06_18;
    params.client_info.name = "a client".to_owned();
    let kept: InitializeRequestParams = serde_json::from_str(&introduction(&params).unwrap()).unwrap();
    assert_eq!(kept, params);
    params.client_info.name = "x".repeat(1_000_000);
    let short = introduction(&params).unwrap();
    assert!(short.len() <= INTRODUCTION_LIMIT);
    let kept: InitializeRequestParams = serde_json::from_str(&short).unwrap();
    assert_eq!(kept.protocol_version, params.protocol_version);
}
