//! Callers who go away: what runs for them stops, upstream and in the local model, and nothing is lost.

use std::time::Duration;

use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    server_under_test::{ServerUnderTest, Settings},
};

use crate::{
    callers::{Caller, Face},
    seed::{self, Dice},
};

const CALLERS: usize = 32;
/// How long after the caller a call may go on.
const STOP_LIMIT: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_away_leaves_nothing_running() {
    let seed = seed::seed();
    println!("CHAOS_SEED={seed}");
    for face in [Face::Tool, Face::Chat, Face::ChatStream] {
        let mut dice = Dice::of(seed, face.name());
        let fake = FakeAzure::start(FakeAzureConfig::default())
            .await
            .expect("a free port");
        // A head at once, and then a text that takes its time: some are cut off in the middle of it.
        fake.faults().always(Fault::trickle(Duration::from_millis(500)));
        let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
        let calls = (0..CALLERS).map(|_| {
            let caller = Caller::new(&server, face);
            let text = seed::ticket(&mut dice);
            let patience = Duration::from_millis(200) + dice.pause(Duration::from_millis(900));
            async move { tokio::time::timeout(patience, caller.call(&text)).await.is_err() }
        });
        let gone = futures::future::join_all(calls.collect::<Vec<_>>()).await;
        assert!(
            gone.iter().all(|gone| *gone),
            "{}: somebody was answered",
            face.name()
        );
        let metrics = eventually("everything stops", STOP_LIMIT, async || {
            let metrics = server.metrics().await;
            let busy = metrics.sum("mcp_requests_running", &[]) + metrics.sum("mcp_queue_depth", &[]);
            (busy < 0.5 && fake.stats().in_flight == 0).then_some(metrics)
        })
        .await;
        metrics.assert_equation();
        let cancelled = metrics.sum("mcp_calls_total", &[("outcome", "cancelled")]);
        assert_eq!(
            cancelled.round().to_string(),
            CALLERS.to_string(),
            "{}",
            face.name()
        );
        assert_eq!(
            fake.stats().aborted_by_client,
            fake.stats().requests,
            "{}",
            face.name()
        );
        let closed = metrics.sum("llm_breaker_state", &[("backend", "azure")]);
        assert!(
            closed < 0.5,
            "{}: a caller who goes away is no failure of Azure's",
            face.name()
        );
    }
}
