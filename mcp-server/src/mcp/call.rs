//! One `tools/call`: its deadline, its progress, its cancellation, and its end.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use inference::{DataClass, Deadline, Priority, Residency};
use rmcp::model::{ProgressNotificationParam, RequestMetaObject};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::Span;

use super::Config;
use super::errors::Error;
use super::operation::Asked;
use crate::accounts::Origin;
use crate::telemetry::{show, trace_id};
use crate::tenancy::{DATA_CLASSES, Principal, RESIDENCIES, named};
use crate::tools::{CallContext, Catalogue, Progress, ToolResult};

/// Where a caller asks for less time than the server would give.
pub const DEADLINE_KEY: &str = "com.b2xgate/deadline_ms";

/// Where a caller says that nobody waits for the result: `"batch"`.
pub(super) const PRIORITY_KEY: &str = "com.b2xgate/priority";

/// Where a caller says that its text is more sensitive than its tenant's usually is.
pub(super) const DATA_CLASS_KEY: &str = "com.b2xgate/data_class";

/// Where a caller says that its text may be processed in one region only.
pub(super) const RESIDENCY_KEY: &str = "com.b2xgate/residency";

/// How many intervals may pass in silence before the same progress is told again: clients that count
/// the time since the last message must not give up on a call that only waits.
const HEARTBEAT_INTERVALS: u32 = 5;

/// Carries out a call. Dropping the future, or the request's cancellation, drops the work.
pub(super) async fn run(
    catalogue: &Catalogue,
    config: &Config,
    principal: Principal,
    (name, arguments): (&str, Map<String, Value>),
    asked: Asked<'_>,
) -> Result<ToolResult, Error> {
    let deadline = deadline(asked.meta, config.default_deadline)?;
    let priority = priority(asked.meta)?;
    let travel = config.tenants.of(principal.tenant());
    let travel = travel.narrowed(data_class(asked.meta)?, residency(asked.meta)?);
    let told = asked.listener().map(|_| watch::Sender::new(None));
    let telling = told.as_ref().map(watch::Sender::subscribe);
    let tell = told.map(|told| {
        move |progress| {
            told.send_replace(Some(progress));
        }
    });
    let span = Span::current();
    let shows = config.traces.shows(&span, principal.tenant(), travel);
    if shows && let Ok(text) = serde_json::to_string(&arguments) {
        show(&span, "gen_ai.tool.call.arguments", &text);
    }
    let call = catalogue.call(
        name,
        arguments,
        CallContext {
            principal,
            origin: origin(asked),
            priority,
            deadline,
            travel,
            chain: None,
            progress: tell.as_ref().map(|tell| tell as _),
        },
    );
    // A panic must not leave the caller without an answer: rmcp would never send one.
    let call = AssertUnwindSafe(call).catch_unwind();
    tokio::select! {
        biased;
        result = call => {
            let result = result.map_err(|_| Error::Internal)?.map_err(Error::Tool)?;
            if shows {
                show(&span, "gen_ai.tool.call.result", &result.structured.to_string());
            }
            Ok(result)
        }
        never = report(telling, config.progress_interval, asked) => match never {},
        // Nobody reads this: rmcp drops the answers of cancelled requests.
        () = asked.taken_back() => Err(Error::Draining),
    }
}

/// Who the caller's program says it is, and which trace the call belongs to.
fn origin(asked: Asked<'_>) -> Origin {
    let trace_id = trace_id(&Span::current(), &asked.carriers());
    Origin::new(asked.client().as_deref(), trace_id)
}

/// The server's deadline, or the caller's if that is earlier.
fn deadline(meta: &RequestMetaObject, default: Duration) -> Result<Deadline, Error> {
    let Some(asked) = meta.get(DEADLINE_KEY) else {
        return Ok(Deadline::after(default));
    };
    match asked.as_u64() {
        Some(ms) if ms > 0 => Ok(Deadline::after(default.min(Duration::from_millis(ms)))),
        _ => Err(Error::InvalidParams {
            field: "_meta[\"com.b2xgate/deadline_ms\"]",
            reason: "is not a positive whole number",
            fix: "send milliseconds, or leave it out",
        }),
    }
}

/// What the caller says of its hurry.
fn priority(meta: &RequestMetaObject) -> Result<Priority, Error> {
    match meta.get(PRIORITY_KEY).map(Value::as_str) {
        None | Some(Some("interactive")) => Ok(Priority::Interactive),
        Some(Some("batch")) => Ok(Priority::Batch),
        Some(_) => Err(Error::InvalidParams {
            field: "_meta[\"com.b2xgate/priority\"]",
            reason: "is neither \"interactive\" nor \"batch\"",
            fix: "send one of them, or leave it out",
        }),
    }
}

/// How sensitive the caller says its text is.
fn data_class(meta: &RequestMetaObject) -> Result<Option<DataClass>, Error> {
    wish(meta, DATA_CLASS_KEY, DATA_CLASSES).map_err(|()| Error::InvalidParams {
        field: "_meta[\"com.b2xgate/data_class\"]",
        reason: "is neither \"public\" nor \"internal\" nor \"confidential\"",
        fix: "send one of them, or leave it out",
    })
}

/// Where the caller says its text may be processed.
fn residency(meta: &RequestMetaObject) -> Result<Option<Residency>, Error> {
    wish(meta, RESIDENCY_KEY, RESIDENCIES).map_err(|()| Error::InvalidParams {
        field: "_meta[\"com.b2xgate/residency\"]",
        reason: "is neither \"eu\" nor \"us\"",
        fix: "send one of them, or leave it out",
    })
}

fn wish<T: Copy>(meta: &RequestMetaObject, key: &str, known: &[(&str, T)]) -> Result<Option<T>, ()> {
    match meta.get(key) {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(|name| named(known, name))
            .map(Some)
            .ok_or(()),
    }
}

/// Tells the caller how far the call is, if it asked to be told.
async fn report(
    telling: Option<watch::Receiver<Option<Progress>>>,
    interval: Duration,
    asked: Asked<'_>,
) -> Infallible {
    let (Some(mut telling), Some((context, token))) = (telling, asked.listener()) else {
        return std::future::pending().await;
    };
    let began = Instant::now();
    let mut ticks = interval_at(began + interval, interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent = 0;
    loop {
        ticks.tick().await;
        silent += 1;
        let changed = telling.has_changed().unwrap_or(false);
        if !changed && silent < HEARTBEAT_INTERVALS {
            continue;
        }
        silent = 0;
        let message = telling
            .borrow_and_update()
            .as_ref()
            .map_or_else(|| "starting".to_owned(), describe);
        // Seconds: the one measure that only grows, through waiting and through a change of backend.
        let progress = ProgressNotificationParam::new(token.clone(), began.elapsed().as_secs_f64())
            .with_message(message);
        // A caller that cannot be reached is noticed by its transport, which cancels the call.
        let _ = context.peer.notify_progress(progress).await;
    }
}

fn describe(progress: &Progress) -> String {
    match progress {
        Progress::Waiting { ahead } => format!("waiting, {ahead} ahead"),
        Progress::Writing { backend, pieces } => format!("{backend} is writing, {pieces} tokens so far"),
    }
}
