//! Every setting there is: its name, type, bounds and default, and what must hold between settings.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use inference::{Chain, Price, Processing, admission, azure, local, resilience};

use crate::{http, mcp};

use super::{
    AZURE_VARIABLES, Azure, Backend, BackendKind, Config, KeyLocation, Local, LocalModel, Secret, duration,
    node::{Node, Origin, Table, Value},
    reader::{Located, Problem, Report, Section},
};

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

/// Fills in backends where none are configured: Azure from the environment, and the bundled model.
pub(super) fn default_backends(table: &mut Table, environment: &Environment, problems: &mut Vec<Problem>) {
    if table.contains_key("backends") {
        return;
    }
    let text = |value: &str, origin: &Origin| Node {
        value: Value::Text(value.to_owned()),
        origin: origin.clone(),
    };
    let mut backends = Vec::new();
    let get = |name: &str| environment.get(name).filter(|value| !value.trim().is_empty());
    let missing: Vec<_> = AZURE_VARIABLES
        .into_iter()
        .filter(|name| get(name).is_none())
        .collect();
    if missing.len() == AZURE_VARIABLES.len() {
        // None is set: the local model alone.
    } else if missing.is_empty() {
        let mut entry = Table::from([
            ("name".to_owned(), text("azure", &Origin::Default)),
            ("kind".to_owned(), text("azure", &Origin::Default)),
            (
                "api_key_env".to_owned(),
                text(AZURE_VARIABLES[2], &Origin::Default),
            ),
        ]);
        for (key, name) in [
            ("endpoint", AZURE_VARIABLES[0]),
            ("deployment", AZURE_VARIABLES[1]),
            ("model", "AZURE_OPENAI_MODEL"),
            ("api", "AZURE_OPENAI_API_VERSION"),
        ] {
            if let Some(value) = get(name) {
                entry.insert(
                    key.to_owned(),
                    text(value.trim(), &Origin::Environment(name.to_owned())),
                );
            }
        }
        backends.push(Node {
            value: Value::Table(entry),
            origin: Origin::Default,
        });
    } else {
        let set: Vec<_> = AZURE_VARIABLES
            .into_iter()
            .filter(|name| !missing.contains(name))
            .collect();
        problems.push(Problem {
            origin: Origin::Environment(set[0].to_owned()),
            key: String::new(),
            reason: format!("{} set, and {} not", are(&set), are(&missing)),
            fix: format!(
                "set {} as well, or unset {}",
                missing.join(" and "),
                set.join(" and ")
            ),
        });
    }
    let local = Table::from([
        ("name".to_owned(), text("local", &Origin::Default)),
        ("kind".to_owned(), text("local", &Origin::Default)),
    ]);
    backends.push(Node {
        value: Value::Table(local),
        origin: Origin::Default,
    });
    table.insert(
        "backends".to_owned(),
        Node {
            value: Value::List(backends),
            origin: Origin::Default,
        },
    );
}

fn are(names: &[&str]) -> String {
    format!(
        "{} {}",
        names.join(" and "),
        if names.len() == 1 { "is" } else { "are" }
    )
}

/// Reads every setting.
pub(super) fn read(table: Table, environment: &Environment, report: &RefCell<Report>) -> Config {
    let mut root = Section::root(table, report);
    let (http, mut mcp) = read_server(root.section("server"));
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
    let backends: Vec<_> = root
        .sections("backends")
        .into_iter()
        .map(|section| read_backend(section, environment))
        .collect();
    let backends = check_names(&root, backends, "backends", MAX_BACKENDS);
    let chains = read_chains(&mut root, &backends);
    root.finish();
    Config {
        http,
        mcp,
        queue,
        backends,
        chains,
        models_dir: super::models_dir(environment),
    }
}

fn read_server(mut section: Section<'_>) -> (http::Config, mcp::Config) {
    let default = http::Config::default();
    let listen = read_address(&mut section, "listen", default.listen);
    let metrics_listen = read_address(&mut section, "metrics_listen", default.metrics_listen);
    if !listen.value.ip().is_loopback() {
        section.problem(listen.problem(
            format!(
                "is {}, which others can reach, and no authentication is configured",
                listen.value
            ),
            "bind a loopback address such as 127.0.0.1:8080",
        ));
    }
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
    (http, mcp)
}

fn read_mcp(mut sessions: Section<'_>, mut protocol: Section<'_>) -> mcp::Config {
    let default = mcp::Config::default();
    let mcp = mcp::Config {
        sessions_max: sessions.integer("max", default.sessions_max, 1..=1_000_000),
        session_idle: sessions.duration("idle", default.session_idle, seconds(1)..=seconds(24 * 3600)),
        default_deadline: default.default_deadline,
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

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Azure,
    Local,
}

struct Named<T> {
    name: Located<String>,
    value: T,
}

fn read_backend(mut section: Section<'_>, environment: &Environment) -> Option<Named<Backend>> {
    let name = section.text("name", None, String::clone, parse_name);
    if name.is_none() {
        section.missing("name", "give each backend a unique name");
    }
    let Some(kind) = section.choice("kind", None, &[("azure", Kind::Azure), ("local", Kind::Local)]) else {
        // What else may stand here depends on the kind, so nothing else is judged.
        section.missing("kind", "write \"azure\" or \"local\"");
        return None;
    };
    let kind = match kind.value {
        Kind::Azure => read_azure(&mut section, environment).map(|azure| BackendKind::Azure(Box::new(azure))),
        Kind::Local => Some(BackendKind::Local(read_local(&mut section))),
    };
    let default = match kind {
        Some(BackendKind::Local(_)) => local::Config::resilience(),
        _ => resilience::Config::default(),
    };
    let resilience = read_resilience(section.section("resilience"), &default);
    section.finish();
    let name = name?;
    let value = Backend {
        name: name.value.clone(),
        kind: kind?,
        resilience,
    };
    Some(Named { name, value })
}

fn read_azure(section: &mut Section<'_>, environment: &Environment) -> Option<Azure> {
    let endpoint = section.text("endpoint", None, ToString::to_string, parse_endpoint);
    if endpoint.is_none() {
        section.missing("endpoint", "write https://YOUR-RESOURCE.openai.azure.com");
    }
    let api = section.text("api", Some(azure::Api::V1), show_api, parse_api);
    let deployment = section.text("deployment", None, String::clone, parse_name);
    if deployment.is_none() {
        section.missing("deployment", "write the deployment's name as Azure shows it");
    }
    let model_default = deployment.as_ref().map(|deployment| deployment.value.clone());
    let model = section.text("model", model_default, String::clone, parse_name);
    let region = section.text("region", Some("unknown".to_owned()), String::clone, parse_name);
    let processing = section.choice(
        "processing",
        Some(Processing::Global),
        &[
            ("eu", Processing::Eu),
            ("us", Processing::Us),
            ("global", Processing::Global),
        ],
    );
    let key = read_key_location(section, environment);
    let max_concurrency = section.integer("max_concurrency", 64, 1..=10_000);
    let context_tokens = section.optional_integer("context_tokens", None, 256..=10_000_000);
    let price = read_price(section.section("price_per_million"));
    Some(Azure {
        endpoint: endpoint?.value,
        api: api?.value,
        deployment: deployment?.value,
        model: model?.value,
        region: region?.value,
        processing: processing?.value,
        key: key?,
        max_concurrency,
        context_tokens,
        price,
    })
}

fn read_key_location(section: &mut Section<'_>, environment: &Environment) -> Option<KeyLocation> {
    let file = section.text(
        "api_key_file",
        None,
        |path: &PathBuf| path.display().to_string(),
        parse_path,
    );
    let variable = section.text("api_key_env", None, String::clone, |text| Ok(text.to_owned()));
    match (file, variable) {
        (Some(file), Some(variable)) => {
            section.problem(variable.problem(format!("is set besides `{}`", file.key), "keep one of them"));
            None
        }
        (Some(file), None) => match std::fs::metadata(&file.value) {
            Ok(about) if about.is_dir() => {
                section.problem(file.problem(
                    format!("is a directory ({})", file.value.display()),
                    "name a file that holds the key",
                ));
                None
            }
            Ok(_) => Some(KeyLocation::File(file.value)),
            Err(error) => {
                section.problem(file.problem(
                    format!("cannot be read ({}: {error})", file.value.display()),
                    "name a file that holds the key, and let this user read it",
                ));
                None
            }
        },
        (None, Some(variable)) => {
            let key = environment
                .get(&variable.value)
                .map(|key| key.trim())
                .filter(|key| !key.is_empty());
            if key.is_none() {
                section.problem(variable.problem(
                    format!(
                        "names the environment variable {:?}, which is not set",
                        variable.value
                    ),
                    "set that variable, or name another",
                ));
            }
            key.map(|key| KeyLocation::Variable {
                name: variable.value,
                key: Secret::new(key),
            })
        }
        (None, None) => {
            section.missing(
                "api_key_file",
                "name the file that holds the API key, or set `api_key_env` to a variable's name",
            );
            None
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that readers of a text have")]
fn parse_path(text: &str) -> Result<PathBuf, (String, String)> {
    Ok(PathBuf::from(text))
}

fn parse_endpoint(text: &str) -> Result<url::Url, (String, String)> {
    let fix = || "write only scheme, host and port, for example https://example.openai.azure.com".to_owned();
    let url = url::Url::parse(text).map_err(|error| (format!("is no URL ({error})"), fix()))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(("has no host".to_owned(), fix())),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => {
            return Err((
                "is plain http to another machine, which would show prompts and the key".to_owned(),
                "write https://".to_owned(),
            ));
        }
        other => return Err((format!("has the scheme {other:?}"), "write https://".to_owned())),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err((
            "holds a credential".to_owned(),
            "put the key into a file and name it in `api_key_file`".to_owned(),
        ));
    }
    // A path may stand before ours where a gateway does; `/openai/...` is added by us.
    let path = url.path().trim_end_matches('/');
    if path.ends_with("/openai") || path.contains("/openai/") {
        return Err((
            format!("already holds the path of the API ({path:?})"),
            "leave off everything from /openai on".to_owned(),
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(("has a query or a fragment".to_owned(), fix()));
    }
    Ok(url)
}

fn show_api(api: &azure::Api) -> String {
    match api {
        azure::Api::V1 => "v1".to_owned(),
        azure::Api::Dated(date) => date.clone(),
    }
}

fn parse_api(text: &str) -> Result<azure::Api, (String, String)> {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    let is_date = date.len() == 10
        && date.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    match text {
        "v1" => Ok(azure::Api::V1),
        _ if is_date => Ok(azure::Api::Dated(text.to_owned())),
        _ => Err((
            format!("is {text:?}"),
            "write \"v1\" or an api-version such as \"2024-10-21\"".to_owned(),
        )),
    }
}

fn read_price(mut section: Section<'_>) -> Price {
    let default = Price::default();
    let price = Price {
        input_per_million: section.number("input", default.input_per_million, 0.0..=1e6),
        output_per_million: section.number("output", default.output_per_million, 0.0..=1e6),
        currency: section
            .text(
                "currency",
                Some(default.currency.clone()),
                String::clone,
                |text| {
                    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
                        Ok(text.to_owned())
                    } else {
                        Err((
                            format!("is {text:?}"),
                            "write an ISO 4217 code such as \"EUR\"".to_owned(),
                        ))
                    }
                },
            )
            .map_or(default.currency, |located| located.value),
    };
    section.finish();
    price
}

fn read_local(section: &mut Section<'_>) -> Local {
    let model = section.text("model", Some(LocalModel::Bundled), ToString::to_string, |text| {
        Ok(match text {
            "bundled" => LocalModel::Bundled,
            _ if text.contains(['/', '\\']) || text.to_ascii_lowercase().ends_with(".gguf") => {
                LocalModel::File(PathBuf::from(text))
            }
            _ => LocalModel::Catalogue(parse_name(text)?),
        })
    });
    let model_key = model.as_ref().map(|model| model.key.clone()).unwrap_or_default();
    Local {
        model: model.map_or(LocalModel::Bundled, |located| located.value),
        slots: section.integer("slots", 4, 1..=256),
        context_tokens: section.optional_integer("context_tokens", None, 64..=1_000_000),
        model_key,
    }
}

fn read_resilience(mut section: Section<'_>, default: &resilience::Config) -> resilience::Config {
    let config = resilience::Config {
        connect_timeout: section.duration(
            "connect_timeout",
            default.connect_timeout,
            millis(10)..=seconds(60),
        ),
        first_byte_timeout: section.duration(
            "first_byte_timeout",
            default.first_byte_timeout,
            millis(10)..=seconds(600),
        ),
        idle_timeout: section.duration("idle_timeout", default.idle_timeout, millis(10)..=seconds(600)),
        breaker: read_breaker(section.section("breaker"), &default.breaker),
        throttle: read_throttle(section.section("throttle"), &default.throttle),
    };
    section.finish();
    config
}

fn read_breaker(
    mut section: Section<'_>,
    default: &resilience::breaker::Config,
) -> resilience::breaker::Config {
    let breaker = resilience::breaker::Config {
        consecutive_failures: section.integer("consecutive_failures", default.consecutive_failures, 1..=1000),
        window: section.duration("window", default.window, seconds(1)..=seconds(3600)),
        minimum_calls: section.integer("minimum_calls", default.minimum_calls, 1..=100_000),
        failure_ratio: section.number("failure_ratio", default.failure_ratio, 0.01..=1.0),
        open: section.duration("open", default.open, millis(10)..=seconds(3600)),
        open_max: section.duration("open_max", default.open_max, millis(10)..=seconds(3600)),
        jitter: section.number("jitter", default.jitter, 0.0..=0.5),
        forget_after: section.duration(
            "forget_after",
            default.forget_after,
            seconds(1)..=seconds(24 * 3600),
        ),
        trial_timeout: section.duration("trial_timeout", default.trial_timeout, millis(10)..=seconds(600)),
        trials_to_close: section.integer("trials_to_close", default.trials_to_close, 1..=100),
    };
    refuse_reversed(&section, ("open", breaker.open), ("open_max", breaker.open_max));
    section.finish();
    breaker
}

fn read_throttle(
    mut section: Section<'_>,
    default: &resilience::throttle::Config,
) -> resilience::throttle::Config {
    let throttle = resilience::throttle::Config {
        unknown: section.duration("unknown", default.unknown, millis(10)..=seconds(3600)),
        unknown_max: section.duration("unknown_max", default.unknown_max, millis(10)..=seconds(3600)),
        probe_every: section.duration(
            "probe_every",
            default.probe_every,
            seconds(1)..=seconds(24 * 3600),
        ),
    };
    refuse_reversed(
        &section,
        ("unknown", throttle.unknown),
        ("unknown_max", throttle.unknown_max),
    );
    section.finish();
    throttle
}

/// A first time that is longer than the longest one.
fn refuse_reversed(section: &Section<'_>, first: (&str, Duration), longest: (&str, Duration)) {
    if first.1 > longest.1 {
        section.problem(Problem {
            origin: section.origin().clone(),
            key: section.path().to_owned(),
            reason: format!(
                "has `{}` ({}) above `{}` ({})",
                first.0,
                duration::format(first.1),
                longest.0,
                duration::format(longest.1)
            ),
            fix: format!("raise `{}` or lower `{}`", longest.0, first.0),
        });
    }
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
