//! What one pod answers in a second, measured: a burst that keeps all its places busy, with Azure and without.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tests::{
    fake_azure::FakeAzure,
    server_under_test::{ServerUnderTest, Settings},
};

use super::Setup;
use crate::load::{self, Plan, call::Caller, record::real};
use crate::traffic::Shape;

/// Calls a second of one pod.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Rates {
    /// With Azure, the weaker backend beside it.
    pub together: f64,
    /// Without Azure.
    pub fallback: f64,
}

/// Measures a pod of its own, which ends before the others start.
pub(super) async fn measure(setup: &Setup, azure: &FakeAzure, settings: &Settings) -> Result<Rates> {
    let pod = ServerUnderTest::start(settings).await;
    let caller = || Caller::new(pod.url("").as_str(), None, "default", vec![None]);
    let (places, weaker) = (setup.azure.count + setup.fallback.count, setup.fallback.count);
    let together = rate(setup, caller(), places * 12).await?;
    azure.stop().await.context("the fake Azure does not go")?;
    // The first calls find out that Azure is gone; the breaker is open after them.
    rate(setup, caller(), weaker * 5).await?;
    let fallback = rate(setup, caller(), weaker * 8).await?;
    azure
        .resume()
        .await
        .context("the fake Azure does not come back")?;
    Ok(Rates { together, fallback })
}

/// All calls come at once; between the first and the last tenth of the answers every place is busy.
async fn rate(setup: &Setup, caller: Caller, calls: u32) -> Result<f64> {
    let plan = Plan {
        shape: Shape::Constant { rate: 2_000.0 },
        calls_max: usize::try_from(calls)?,
        length: Duration::from_secs(10),
        ..setup.plan()
    };
    let record = load::run(&plan, caller, Box::new(|_| ())).await;
    ensure!(
        record.answered() == u64::from(calls),
        "of {calls} calls that measure a pod {} were answered; failed: {:?}, refused: {:?}",
        record.answered(),
        record.failed,
        record.shed
    );
    let at = |percent| real(record.all.total.value_at_percentile(percent)) / 1e6;
    Ok(f64::from(calls) * 0.8 / (at(90.0) - at(10.0)).max(1e-3))
}
