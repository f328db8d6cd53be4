//! Clients that `initialize`: revision 2025-11-25 and older.

use inference::testing::Script;

use super::*;

fn initialize() -> Request {
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    Request::post(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }).to_string())
}

fn call(id: u32) -> Value {
    let params = json!({ "name": "ask_assistant", "arguments": { "question": "How?" } });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

impl Served {
    async fn open_session(&self) -> String {
        let answer = self.send(&initialize()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let result = &answer.events()[0]["result"];
        assert_eq!(result["protocolVersion"], "2025-11-25");
        assert_eq!(result["serverInfo"]["name"], "b2xgate-mcp-server");
        let session = answer.header("mcp-session-id").to_owned();
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(
            self.send(&Request::legacy(&session, &initialized)).await.status,
            202
        );
        session
    }

    async fn close_session(&self, session: &str) -> Answer {
        self.send(&Request::new("DELETE", "/mcp").with("mcp-session-id", session))
            .await
    }
}

#[tokio::test]
async fn a_session_lives_until_it_is_closed() {
    let served = serve().await;
    let session = served.open_session().await;
    let events = served.send(&Request::legacy(&session, &call(1))).await.events();
    let result = &events.last().unwrap()["result"];
    assert_eq!(result["structuredContent"]["answer"], "ok");
    assert_eq!(result["_meta"]["com.b2xgate/answer"]["backend"], "fake");
    assert_eq!(
        result["resultType"],
        Value::Null,
        "older revisions do not know it"
    );

    assert_eq!(served.close_session(&session).await.status, 202);
    let answer = served.send(&Request::legacy(&session, &call(2))).await;
    assert_eq!(
        (answer.status, answer.code()),
        (404, "session_not_found".to_owned())
    );
    assert_eq!(answer.json()["id"], 2, "a refusal answers the request");
    assert_eq!(served.close_session(&session).await.status, 404);
    served.stop().await;
}

#[tokio::test]
async fn sessions_are_bounded_and_their_places_come_back() {
    let served = serve_with(|parts| parts.mcp.sessions_max = 2).await;
    let first = served.open_session().await;
    let _second = served.open_session().await;
    let refused = served.send(&initialize()).await;
    assert_eq!(
        (refused.status, refused.code()),
        (503, "too_many_sessions".to_owned())
    );
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(refused.json()["id"], 0);
    // Whoever needs no session is not affected.
    assert_eq!(served.send(&question(&json!({}))).await.status, 200);
    served.close_session(&first).await;
    served.open_session().await;
    served.stop().await;
}

#[tokio::test]
async fn silent_sessions_end() {
    let served = serve_with(|parts| {
        parts.mcp.sessions_max = 1;
        parts.mcp.session_idle = Duration::from_millis(20);
    })
    .await;
    served.open_session().await;
    // Its place comes back without anybody closing it.
    while served.send(&initialize()).await.status != 200 {
        tokio::task::yield_now().await;
    }
    served.stop().await;
}

#[tokio::test]
async fn a_cancelled_call_stops() {
    let served = serve().await;
    served.fake.always(Script::new().stall());
    let session = served.open_session().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream
        .write_all(&Request::legacy(&session, &call(5)).bytes())
        .await
        .unwrap();
    served.running(1).await;
    let cancelled =
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 5 } });
    served.send(&Request::legacy(&session, &cancelled)).await;
    served.running(0).await;
    served.stop().await;
}

#[tokio::test]
async fn closing_a_session_stops_its_calls() {
    let served = serve().await;
    served.fake.always(Script::new().stall());
    let session = served.open_session().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream
        .write_all(&Request::legacy(&session, &call(5)).bytes())
        .await
        .unwrap();
    served.running(1).await;
    served.close_session(&session).await;
    tokio::time::timeout(Duration::from_secs(30), served.running(0))
        .await
        .unwrap();
    served.stop().await;
}
