//! Operators: what they see of backends, what they may order, and who may not.

use inference::testing::Script;

use super::*;

impl Served {
    async fn on_metrics_port(&self, request: &Request) -> Answer {
        let mut stream = TcpStream::connect(self.metrics).await.unwrap();
        stream.write_all(&request.bytes()).await.unwrap();
        Answer::read(stream).await
    }

    async fn order(&self, action: &str, body: &Value) -> Answer {
        self.on_metrics_port(&order(action, body)).await
    }

    async fn breaker(&self) -> Value {
        let shown = self
            .on_metrics_port(&Request::new("GET", "/admin/backends"))
            .await;
        assert_eq!(shown.status, 200, "{shown:?}");
        shown.json()["backends"][0]["breaker"].take()
    }
}

fn order(action: &str, body: &Value) -> Request {
    let mut request =
        Request::new("POST", &format!("/admin/backends/{action}")).with("content-type", "application/json");
    request.body = body.to_string().into_bytes();
    request
}

#[tokio::test]
async fn a_backend_is_taken_out_of_service_and_back() {
    let served = serve().await;
    let why = json!({"reason": "rotating the key", "by": "ann"});
    assert_eq!(served.breaker().await["state"], "closed");
    for (action, state, is_answered) in [
        ("drain", "drained", false),
        ("resume", "closed", true),
        ("force-open", "forced_open", false),
        ("force-closed", "forced_closed", true),
        ("resume", "closed", true),
    ] {
        let answer = served.order(&format!("fake/{action}"), &why).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["backend"]["breaker"]["state"], state, "{action}");
        let breaker = served.breaker().await;
        assert_eq!(breaker["state"], state);
        assert_eq!(breaker["forced"].is_object(), action != "resume", "{breaker}");
        let last = breaker["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["to"], state, "{breaker}");
        assert!(
            last["cause"].as_str().unwrap().contains("rotating the key"),
            "{last}"
        );
        let result = served.send(&question(&json!({}))).await.json()["result"].take();
        assert_eq!(result["isError"] == false, is_answered, "{action}: {result}");
    }
    let status = Request::modern("tools/call", json!({"name": "server_status", "arguments": {}}));
    let status = served.send(&status).await.json()["result"]["structuredContent"].take();
    let history = status["backends"][0]["breaker"]["history"].as_array().unwrap();
    assert_eq!(history.len(), 5, "callers see the transitions, too: {status}");
    served.stop().await;
}

#[tokio::test]
async fn draining_lets_running_calls_finish() {
    let served = serve().await;
    served.fake.always(
        Script::new()
            .wait(Duration::from_millis(200))
            .text("late")
            .finish(inference::FinishReason::Stop),
    );
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&question(&json!({})).bytes()).await.unwrap();
    served.running(1).await;
    assert_eq!(
        served.order("fake/drain", &json!({"reason": "x"})).await.status,
        200
    );
    let answer = Answer::read(stream).await.json();
    assert_eq!(answer["result"]["structuredContent"]["answer"], "late");
    served.stop().await;
}

#[tokio::test]
async fn orders_that_are_wrong_change_nothing() {
    let served = serve().await;
    let why = json!({"reason": "x"});
    for (request, status, code) in [
        (order("nobody/drain", &why), 404, "unknown_backend"),
        (order("fake/explode", &why), 404, "not_found"),
        (order("fake/drain", &json!({})), 400, "invalid_parameter"),
        (
            order("fake/drain", &json!({"reason": "x".repeat(9000)})),
            413,
            "body_too_large",
        ),
        (
            order("fake/drain", &why).with("content-type", "text/plain"),
            415,
            "unsupported_media_type",
        ),
        (
            order("fake/drain", &why).with("origin", "http://localhost:3000"),
            403,
            "origin_not_allowed",
        ),
        (
            order("fake/drain", &why).with("host", "evil.example"),
            403,
            "host_not_allowed",
        ),
        (
            Request::new("GET", "/admin/backends/fake/drain"),
            405,
            "method_not_allowed",
        ),
        (
            Request::new("DELETE", "/admin/backends"),
            405,
            "method_not_allowed",
        ),
        (Request::new("GET", "/admin/other"), 404, "not_found"),
    ] {
        let answer = served.on_metrics_port(&request).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{}",
            request.path
        );
    }
    assert_eq!(
        served.get("/admin/backends").await.status,
        404,
        "not on the callers' port"
    );
    assert_eq!(served.breaker().await["history"], json!([]));
    served.stop().await;
}
