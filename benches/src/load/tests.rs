//! What a run does to a server: calls come on schedule, end when they cost too much, and are not sent beyond the bound.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::*;

/// Answers each call of a tool at the price of a tenth, or never.
async fn server(answers: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(move |_| async move {
                if !answers {
                    std::future::pending::<()>().await;
                }
                let body = r#"{"jsonrpc": "2.0", "id": 1, "result": {"content": [],
                    "_meta": {"com.b2xgate/answer": {"output_tokens": 1, "cost": {"amount": 0.1}}}}}"#;
                Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from_static(body.as_bytes()))))
            });
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    format!("http://{address}")
}

fn plan(rate: f64) -> Plan {
    Plan {
        shape: Shape::Constant { rate },
        length: Duration::from_mins(1),
        calls_max: 1_000,
        in_flight_max: 100,
        mix: Mix::default().with_kinds("classify_ticket=1").expect("a kind"),
        evenly: true,
        seed: 1,
        cost_max: None,
    }
}

async fn play(plan: &Plan, answers: bool) -> Record {
    let caller = Caller::new(&server(answers).await, None, "default", vec![None]);
    run(plan, caller, Box::new(|_| ())).await
}

#[tokio::test]
async fn what_costs_more_than_it_may_ends_the_run() {
    let plan = Plan {
        cost_max: Some(0.35),
        in_flight_max: 1,
        ..plan(50.0)
    };
    let record = play(&plan, true).await;
    assert!(
        record
            .stopped
            .as_deref()
            .is_some_and(|why| why.contains("--max-cost"))
    );
    // Four tenths are more than 0.35; one call may have been under way.
    assert!((4..=5).contains(&record.answered()), "{}", record.answered());
    assert!(record.cost < 0.55, "{}", record.cost);
}

#[tokio::test]
async fn what_may_be_spent_is_spent_and_no_limit_is_none() {
    for cost_max in [Some(10.0), None] {
        let plan = Plan {
            cost_max,
            calls_max: 20,
            ..plan(500.0)
        };
        let record = play(&plan, true).await;
        assert_eq!((record.answered(), record.stopped), (20, None));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_come_on_schedule_whatever_the_server_does_and_none_beyond_the_bound() {
    let plan = Plan {
        calls_max: 30,
        in_flight_max: 10,
        ..plan(10.0)
    };
    // Nobody answers, so the clock runs on by itself, to the time limit of each call.
    let record = play(&plan, false).await;
    assert_eq!(record.all.calls, 30);
    assert_eq!(record.failed.get("not_sent"), Some(&20), "{:?}", record.failed);
    assert_eq!(record.count_failed(), 30, "{:?}", record.failed);
}
