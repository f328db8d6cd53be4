//! The task that tells Redis: that this process lives, which calls run here, and how calls ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::Counted;
use super::books::Errand;
use super::scripts;
use crate::shared::link::Lost;

/// How often it is told what lives: several times in a lease.
const BEAT: Duration = Duration::from_secs(2);
/// Tenants that are told of at once.
const AT_ONCE: usize = 32;
/// Calls that are told to run at once.
const CALLS: usize = 500;
/// How long an end waits for Redis.
const END_LIMIT: Duration = Duration::from_secs(3);

/// Ends when told to, after a last try.
pub(super) async fn keep(counted: Arc<Counted>, end: CancellationToken) {
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let beat = tokio::select! {
            // However many calls end, what runs is told in time.
            biased;
            () = end.cancelled() => break,
            _ = beats.tick() => true,
            // It may have forgotten everything.
            () = counted.link.found() => true,
            () = counted.wake.notified() => false,
        };
        // While Redis is lost nothing is told, and all of it stays to be told.
        if beat && counted.beat().await.is_err() {
            continue;
        }
        if counted.settle_some().await == Ok(true) {
            counted.wake.notify_one();
        }
    }
    if let Ok(Ok(())) = timeout(END_LIMIT, counted.take_leave()).await {
        return;
    }
    let unsettled = counted.books().count_unsettled();
    tracing::warn!(
        unsettled,
        "the shared state is lost at the end: what these calls spent is in the ledger only"
    );
}

impl Counted {
    /// Says that this process lives and which calls run here; hears how many others do.
    pub(super) async fn beat(&self) -> Result<(), Lost> {
        let servers = scripts::beat(&self.link, &self.process, true).await?;
        let before = self.servers.swap(servers, Ordering::Relaxed);
        if before != servers {
            tracing::info!(servers, "limits are shared by so many servers");
        }
        let running = self.books().running();
        for (tenant, calls) in running {
            let keys = self.keys(&tenant);
            for calls in calls.chunks(CALLS) {
                scripts::renew(&self.link, &keys, self.given_now(), calls).await?;
            }
        }
        Ok(())
    }

    /// Tells how calls ended, until all is told.
    pub(super) async fn settle_all(&self) -> Result<(), Lost> {
        while self.settle_some().await? {}
        Ok(())
    }

    /// Tells how calls of some tenants ended; whether there were any.
    async fn settle_some(&self) -> Result<bool, Lost> {
        let errands = self.books().errands(AT_ONCE);
        let told = join_all(errands.iter().map(|errand| self.run(errand))).await;
        if told.contains(&Err(Lost)) {
            return Err(Lost);
        }
        Ok(!errands.is_empty())
    }

    async fn run(&self, errand: &Errand) -> Result<(), Lost> {
        let tenant = self.tenant(&errand.name, &errand.limits, errand.known.clone());
        let settled = scripts::settle(&self.link, &tenant, errand.batch, &errand.ended).await;
        let Ok(answer) = settled else {
            self.books().not_told(errand);
            return Err(Lost);
        };
        let alerts = self.books().told(errand, &answer, self.now());
        for alert in alerts {
            (self.tell)(&errand.name, alert);
        }
        Ok(())
    }

    async fn take_leave(&self) -> Result<(), Lost> {
        self.settle_all().await?;
        scripts::beat(&self.link, &self.process, false).await.map(drop)
    }
}
