//! Tests of whose a session is.

use super::*;

async fn asking<T>(subject: &str, ask: impl Future<Output = T>) -> T {
    let caller = Caller {
        principal: Principal::for_test(subject),
        refused: Arc::default(),
    };
    CALLER.scope(caller, ask).await
}

#[tokio::test]
async fn a_session_is_its_principals_own() {
    let sessions = Sessions::new(10, Duration::from_mins(1));
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
    let sessions = Sessions::new(10, Duration::from_mins(1));
    assert!(sessions.create_session().await.is_err());
    assert_eq!((sessions.open(), sessions.places.available_permits()), (0, 10));
}
