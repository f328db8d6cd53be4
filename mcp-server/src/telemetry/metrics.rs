//! The registry: everything that `/metrics` says, and how it is written out.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::accounts::Accounts;
use inference::Gateway;
use prometheus_client::{
    encoding::text,
    registry::{Metric, Registry, Unit as RegistryUnit},
};

use super::{
    collector::Collector,
    export::Spans,
    instruments::Instruments,
    ledger::Ledger,
    metric_definitions::{Definition, Kind, Unit},
    operations::Operations,
};

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Slots and memory of all local engines together, at one instant.
pub type EngineStats = Arc<dyn Fn() -> inference::local::Stats + Send + Sync>;

pub(super) type Labels = Vec<(&'static str, String)>;

/// Splits an exposed name into what the registry wants: it appends unit and `_total` itself.
pub(super) fn registered(definition: &Definition) -> (&'static str, Option<RegistryUnit>) {
    let name = match definition.kind {
        Kind::Counter => definition.name.strip_suffix("_total").unwrap_or(definition.name),
        Kind::Gauge | Kind::Histogram => definition.name,
    };
    let without = |suffix: &str| name.strip_suffix(suffix).unwrap_or(name);
    match definition.unit {
        Unit::None => (name, None),
        Unit::Seconds => (without("_seconds"), Some(RegistryUnit::Seconds)),
        Unit::Bytes => (without("_bytes"), Some(RegistryUnit::Bytes)),
    }
}

pub(super) fn register(registry: &mut Registry, definition: &Definition, metric: impl Metric) {
    let (name, unit) = registered(definition);
    match unit {
        Some(unit) => registry.register_with_unit(name, definition.help, unit, metric),
        None => registry.register(name, definition.help, metric),
    }
}

/// Until when the certificate in use is valid, in seconds since 1970; unknown at first. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CertificateExpiry(Arc<AtomicI64>);

impl CertificateExpiry {
    pub(crate) fn set(&self, seconds_since_1970: Option<i64>) {
        self.0.store(seconds_since_1970.unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|seconds| *seconds != 0)
    }
}

/// Everything that `/metrics` says.
pub struct Metrics {
    registry: Registry,
    operations: Operations,
    expiry: CertificateExpiry,
}

impl Metrics {
    /// Joins the instruments with what is read from the gateway at each scrape.
    ///
    /// `labels` are the tools and endpoints whose calls are counted; `spans` are those that go to a collector.
    pub fn new(
        instruments: &Instruments,
        gateway: Gateway,
        engines: EngineStats,
        labels: Vec<&'static str>,
        spans: Spans,
    ) -> Self {
        instruments.begin_tools_at_zero(&labels);
        let operations = Operations::default();
        let expiry = CertificateExpiry::default();
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Collector {
            gateway,
            engines,
            labels,
            spans,
            expiry: expiry.clone(),
        }));
        instruments.register(&mut registry);
        operations.register(&mut registry);
        Self {
            registry,
            operations,
            expiry,
        }
    }

    /// Where requests of MCP are counted.
    pub fn operations(&self) -> Operations {
        self.operations.clone()
    }

    /// Where the certificate in use says how long it is valid.
    pub fn certificate_expiry(&self) -> CertificateExpiry {
        self.expiry.clone()
    }

    /// Adds what is known of tenants' use and of the ledger.
    pub fn watch(&mut self, accounts: Accounts) {
        self.registry.register_collector(Box::new(Ledger::new(accounts)));
    }

    /// Writes all metrics as `OpenMetrics` text.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(32 * 1024);
        // Writing into a String fails only when a metric refuses to be written, which none of ours does.
        if let Err(error) = text::encode(&mut out, &self.registry) {
            tracing::error!(%error, "metrics could not be written");
        }
        out
    }
}
