//! The end: not ready at once, running calls finished, everything over within the grace period.

use inference::testing::Script;

use super::*;

#[tokio::test]
async fn running_calls_are_finished() {
    let served = serve().await;
    // It answers only when told to.
    served.fake.always(
        Script::new()
            .wait(Duration::from_millis(200))
            .text("late")
            .finish(inference::FinishReason::Stop),
    );
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&question(&json!({})).bytes()).await.unwrap();
    served.running(1).await;
    served.shutdown.cancel();
    let answer = Answer::read(stream).await;
    assert_eq!(answer.json()["result"]["structuredContent"]["answer"], "late");
    served.stop().await;
}

#[tokio::test]
async fn it_says_not_ready_while_it_still_accepts() {
    let served = serve_with(|parts| parts.http.drain_delay = Some(Duration::from_millis(300))).await;
    served.shutdown.cancel();
    let ready = loop {
        let ready = served.get("/health/ready").await;
        if ready.status != 200 {
            break ready;
        }
    };
    assert_eq!((ready.status, &ready.json()["status"]), (503, &json!("draining")));
    assert_eq!(served.get("/health/live").await.status, 200);
    assert_eq!(
        served.send(&question(&json!({}))).await.json()["result"]["isError"],
        false
    );
    served.stop().await;
}

#[tokio::test]
async fn calls_that_are_too_late_are_told_and_streams_are_ended() {
    let served = serve_with(|parts| parts.http.drain_grace = Duration::from_millis(300)).await;
    served.fake.always(Script::new().stall());
    let mut call = TcpStream::connect(served.address).await.unwrap();
    call.write_all(&question(&json!({})).bytes()).await.unwrap();
    served.running(1).await;

    let initialize = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": { "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } },
    });
    let opened = served.send(&Request::post(initialize.to_string())).await;
    let listen = Request::new("GET", "/mcp")
        .with("accept", "text/event-stream")
        .with("mcp-session-id", opened.header("mcp-session-id"));
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&listen.bytes()).await.unwrap();
    assert!(
        stream.read(&mut [0; 1024]).await.unwrap() > 0,
        "the stream is open"
    );

    served.shutdown.cancel();
    let answer = Answer::read(call).await;
    assert_eq!((answer.status, answer.code()), (503, "draining".to_owned()));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    served.running(0).await;
    served.stop().await;
}

#[tokio::test]
async fn idle_connections_do_not_hold_it_up() {
    let served = serve().await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    let keep = Request::new("GET", "/health/live").with("connection", "");
    idle.write_all(&keep.bytes()).await.unwrap();
    assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
    // With 25 s of grace, the test's own limit would tell.
    served.stop().await;
    assert_eq!(idle.read(&mut [0; 16]).await.unwrap(), 0);
}
