//! Every setting there is: its name, type, bounds and default, and what must hold between settings.

mod auth;
mod backends;
mod defaults;
mod identity;
mod openai;
mod quotas;
mod redaction;
mod resilience;
mod shared;
mod store;
mod telemetry;
mod tenants;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use inference::{Chain, RoutingConfig, admission};

pub(super) use self::{defaults::default_backends, telemetry::default_telemetry};

use super::{
    Backend, Config, duration,
    node::{Origin, Table},
    reader::{Located, Problem, Report, Section},
};
use crate::{http, mcp, tenancy};

/// 110 % of the queue depth that the autoscaler aims at: a smaller queue would shed before it scales.
const HPA_CEILING: u64 = 110;
const MAX_BACKENDS: usize = 32;
const MAX_CHAINS: usize = 64;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

type Environment = BTreeMap<String, String>;

/// Reads every setting.
pub(super) fn read(table: Table, environment: &Environment, report: &RefCell<Report>) -> Config {
    let mut root = Section::root(table, report);
    let (mut http, mut mcp, listen) = read_server(root.section("server"));
    let auth = auth::read_auth(root.section("auth"));
    check_reach(&root, &mut http, &auth, &listen);
    let (queue, deadline) = read_queue(root.section("queue"));
    if let Some(deadline) = deadline {
        mcp.default_deadline = deadline.value;
        if http.request_timeout <= deadline.value {
            root.problem(deadline.problem(
                format!(
                    "is not below `server.request_timeout` ({})",
                    duration::format(http.request_timeout)
                ),
                "lower it or raise `server.request_timeout`, so that a call ends by its own deadline first",
            ));
        }
    }
    let routing = read_routing(root.section("routing"));
    let backends: Vec<_> = root
        .sections("backends")
        .into_iter()
        .map(|section| backends::read_backend(section, environment))
        .collect();
    let backends = check_names(&root, backends, "backends", MAX_BACKENDS);
    let chains = read_chains(&mut root, &backends);
    let store = store::read_store(root.section("store"), environment);
    let (rules, redaction, limits) = tenants::read_tenants(&mut root);
    quotas::check_currencies(&root, &limits, &backends);
    mcp.tenants = Arc::new(rules);
    let shared = root
        .has("shared")
        .then(|| shared::read_shared(root.section("shared"), environment))
        .flatten();
    let telemetry = telemetry::read_telemetry(root.section("telemetry"), environment);
    root.finish();
    Config {
        http,
        mcp,
        auth,
        redaction,
        queue,
        routing,
        backends,
        chains,
        limits: Arc::new(limits),
        store,
        shared,
        telemetry,
        models_dir: super::models_dir(environment),
    }
}

fn read_server(mut section: Section<'_>) -> (http::Config, mcp::Config, Located<SocketAddr>) {
    let default = http::Config::default();
    let listen = read_address(&mut section, "listen", default.listen);
    let metrics_listen = read_address(&mut section, "metrics_listen", default.metrics_listen);
    // Port 0 lets the system choose, so two of them never meet.
    if listen.value == metrics_listen.value && listen.value.port() != 0 {
        section.problem(metrics_listen.problem(
            format!("is {} as `server.listen` is", listen.value),
            "choose another port",
        ));
    }
    let http = http::Config {
        listen: listen.value,
        metrics_listen: metrics_listen.value,
        allowed_hosts: section.texts("allowed_hosts", &default.allowed_hosts),
        allowed_origins: section.texts("allowed_origins", &default.allowed_origins),
        tls: section
            .has("tls")
            .then(|| auth::read_tls(section.section("tls")))
            .flatten(),
        tls_terminated_elsewhere: section.flag("tls_terminated_elsewhere", default.tls_terminated_elsewhere),
        max_body_bytes: section.integer("max_body_bytes", default.max_body_bytes, 1024..=64 * 1024 * 1024),
        header_read_timeout: section.duration(
            "header_read_timeout",
            default.header_read_timeout,
            seconds(1)..=seconds(120),
        ),
        body_read_timeout: section.duration(
            "body_read_timeout",
            default.body_read_timeout,
            seconds(1)..=seconds(600),
        ),
        request_timeout: section.duration(
            "request_timeout",
            default.request_timeout,
            seconds(2)..=seconds(900),
        ),
        max_connections: section.integer("max_connections", default.max_connections, 1..=100_000),
        drain_delay: section.optional_duration("drain_delay", default.drain_delay, seconds(0)..=seconds(600)),
        drain_grace: section.duration("drain_grace", default.drain_grace, seconds(0)..=seconds(600)),
    };
    let mcp = read_mcp(section.section("sessions"), section.section("mcp"));
    section.finish();
    (http, mcp, listen)
}

/// Who can reach the server must be asked who they are, and nobody may read along.
fn check_reach(
    root: &Section<'_>,
    http: &mut http::Config,
    auth: &tenancy::Config,
    listen: &Located<SocketAddr>,
) {
    if !listen.value.ip().is_loopback() {
        let reached = format!("is {}, which others can reach", listen.value);
        if !auth.is_configured() {
            root.problem(listen.problem(
                format!("{reached}, and no authentication is configured"),
                "bind a loopback address such as 127.0.0.1:8080, or configure [auth]",
            ));
        } else if http.tls.is_none() && !http.tls_terminated_elsewhere {
            root.problem(listen.problem(
                format!("{reached}, and credentials would travel in the clear"),
                "configure [server.tls], or set `server.tls_terminated_elsewhere = true` where a proxy speaks TLS",
            ));
        }
    }
    let Some(certificates) = &auth.client_certificates else {
        return;
    };
    if let Some(tls) = &mut http.tls {
        tls.clients = Some(http::tls::Clients {
            ca_file: certificates.ca_file.clone(),
            required: certificates.required,
        });
    } else {
        root.problem(Problem {
            origin: Origin::Default,
            key: "auth.client_certificates".to_owned(),
            reason: "is set, and this server speaks no TLS".to_owned(),
            fix: "configure [server.tls]: only whoever speaks TLS sees certificates".to_owned(),
        });
    }
}

fn read_mcp(mut sessions: Section<'_>, mut protocol: Section<'_>) -> mcp::Config {
    let default = mcp::Config::default();
    let mcp = mcp::Config {
        sessions_max: sessions.integer("max", default.sessions_max, 1..=1_000_000),
        session_idle: sessions.duration("idle", default.session_idle, seconds(1)..=seconds(24 * 3600)),
        sessions_tenant_share: sessions.number("tenant_share", default.sessions_tenant_share, 0.01..=1.0),
        default_deadline: default.default_deadline,
        tenants: default.tenants,
        operations: default.operations,
        traces: default.traces,
        progress_interval: protocol.duration(
            "progress_interval",
            default.progress_interval,
            Duration::from_millis(50)..=seconds(60),
        ),
        keep_alive: protocol.duration("keep_alive", default.keep_alive, seconds(1)..=seconds(300)),
        list_ttl: protocol.duration("list_ttl", default.list_ttl, seconds(0)..=seconds(24 * 3600)),
    };
    sessions.finish();
    protocol.finish();
    mcp
}

fn read_address(section: &mut Section<'_>, key: &'static str, default: SocketAddr) -> Located<SocketAddr> {
    let read = section.text(key, Some(default), ToString::to_string, |text| {
        text.parse().map_err(|_| {
            (
                format!("is not an address ({text:?})"),
                format!("write ip:port, for example \"{default}\""),
            )
        })
    });
    read.unwrap_or(Located {
        value: default,
        key: key.to_owned(),
        origin: Origin::Default,
    })
}

fn read_queue(mut section: Section<'_>) -> (admission::Config, Option<Located<Duration>>) {
    let default = admission::Config::default();
    let queue = admission::Config {
        capacity: section.integer("capacity", default.capacity, HPA_CEILING + 1..=100_000),
    };
    let deadline = section.located_duration(
        "deadline",
        Some(mcp::Config::default().default_deadline),
        seconds(1)..=seconds(600),
    );
    section.finish();
    (queue, deadline)
}

fn read_routing(mut section: Section<'_>) -> RoutingConfig {
    let default = RoutingConfig::default();
    let routing = RoutingConfig {
        remote_attempts: section.integer("remote_attempts", default.remote_attempts, 1..=8),
        retry_wait: section.duration("retry_wait", default.retry_wait, seconds(0)..=seconds(30)),
        retry_budget: section.number("retry_budget", default.retry_budget, 0.0..=1.0),
        hedge: section.flag("hedge", default.hedge),
        hedge_budget: section.number("hedge_budget", default.hedge_budget, 0.0..=0.5),
    };
    section.finish();
    routing
}

/// A name that labels metrics and appears in results.
fn parse_name(text: &str) -> Result<String, (String, String)> {
    let fits = (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if fits {
        Ok(text.to_owned())
    } else {
        Err((
            format!("is {text:?}"),
            "write 1 to 64 letters, digits, dots, dashes or underscores".to_owned(),
        ))
    }
}

struct Named<T> {
    name: Located<String>,
    value: T,
}

fn read_chains(root: &mut Section<'_>, backends: &[Backend]) -> Vec<Chain> {
    let sections = root.sections("models");
    let everything = || {
        backends
            .iter()
            .map(|backend| backend.name.clone())
            .collect::<Vec<_>>()
    };
    if sections.is_empty() {
        return vec![Chain {
            name: "default".to_owned(),
            backends: everything(),
        }];
    }
    let chains = sections
        .into_iter()
        .map(|section| read_chain(section, backends))
        .collect();
    check_names(root, chains, "models", MAX_CHAINS)
}

fn read_chain(mut section: Section<'_>, backends: &[Backend]) -> Option<Named<Chain>> {
    let name = section.text("name", None, String::clone, parse_name);
    if name.is_none() {
        section.missing("name", "say what callers may ask for, for example \"default\"");
    }
    let chain = section.located_texts("chain", None);
    match &chain {
        None => section.missing("chain", "list names of backends, best first"),
        Some(chain) if chain.value.is_empty() => {
            section.problem(chain.problem("is empty", "list names of backends, best first"));
        }
        Some(chain) => check_chain(&section, chain, backends),
    }
    section.finish();
    let name = name?;
    let value = Chain {
        name: name.value.clone(),
        backends: chain?.value,
    };
    Some(Named { name, value })
}

fn check_chain(section: &Section<'_>, chain: &Located<Vec<String>>, backends: &[Backend]) {
    let mut seen = BTreeSet::new();
    for name in &chain.value {
        if !seen.insert(name) {
            section.problem(chain.problem(format!("names {name:?} twice"), "name each backend once"));
        }
        if !backends.iter().any(|backend| backend.name == *name) {
            let known = backends
                .iter()
                .map(|backend| backend.name.as_str())
                .collect::<Vec<_>>();
            let nearest = known
                .iter()
                .min_by_key(|known| strsim::damerau_levenshtein(name, known));
            let fix = match nearest {
                Some(nearest) if strsim::damerau_levenshtein(name, nearest) <= 3 => {
                    format!("did you mean {nearest:?}?")
                }
                _ => format!("known backends: {}", known.join(", ")),
            };
            section.problem(chain.problem(format!("names {name:?}, which is no backend"), fix));
        }
    }
}

/// Refuses names given twice and lists too long.
fn check_names<T>(root: &Section<'_>, entries: Vec<Option<Named<T>>>, what: &str, bound: usize) -> Vec<T> {
    if entries.len() > bound {
        root.problem(Problem {
            origin: Origin::Default,
            key: what.to_owned(),
            reason: format!("has {} entries", entries.len()),
            fix: format!("keep at most {bound}"),
        });
    }
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for entry in entries.into_iter().flatten() {
        if !seen.insert(entry.name.value.clone()) {
            root.problem(entry.name.problem(
                format!("is {:?} a second time", entry.name.value),
                "give each a name of its own",
            ));
        }
        kept.push(entry.value);
    }
    kept
}
