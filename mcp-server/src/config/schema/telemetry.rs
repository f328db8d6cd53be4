//! `[telemetry]`: where traces go, which calls are traced, and what they say.
//!
//! The variables that OpenTelemetry defines for any program stand between the file and our own variables.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use http::HeaderMap;
use url::Url;

use super::{Environment, backends::parse_path, parse_name};
use crate::{
    config::{
        node::{Node, Origin, Table, Value},
        reader::{Located, Problem, Section},
    },
    telemetry::{self, otlp},
};

/// Where OTLP puts traces, under the address of a collector.
const TRACES_PATH: &str = "v1/traces";
/// The variables that OpenTelemetry defines, the more particular ones first, and the key that each sets.
const VARIABLES: [(&str, &str); 7] = [
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "endpoint"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "endpoint"),
    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "protocol"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "protocol"),
    ("OTEL_TRACES_SAMPLER_ARG", "sample_ratio"),
    ("OTEL_SERVICE_NAME", "service_name"),
    ("OTEL_RESOURCE_ATTRIBUTES", "resource"),
];
/// Those that hold credentials: read, and never shown.
const HEADER_VARIABLES: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];

/// Puts what OpenTelemetry's variables say over what the file says.
pub(in crate::config) fn default_telemetry(table: &mut Table, environment: &Environment) {
    let mut said: HashMap<&str, Node> = HashMap::new();
    for (variable, key) in VARIABLES {
        let Some(value) = set(environment, variable) else {
            continue;
        };
        said.entry(key).or_insert_with(|| Node {
            value: Value::Raw(value.to_owned()),
            origin: Origin::Environment(variable.to_owned()),
        });
    }
    if set(environment, "OTEL_TRACES_SAMPLER").is_some_and(|sampler| !sampler.ends_with("traceidratio")) {
        said.remove("sample_ratio");
    }
    let in_file = table
        .get("telemetry")
        .is_some_and(|node| matches!(&node.value, Value::Table(section) if section.contains_key("endpoint")));
    // They are meant for whoever exports: without a collector there is nothing for them to say, and to get wrong.
    if !in_file && !said.contains_key("endpoint") {
        return;
    }
    let section = table.entry("telemetry".to_owned()).or_insert_with(|| Node {
        value: Value::Table(Table::new()),
        origin: Origin::Default,
    });
    // What is no table is reported where it is read.
    if let Value::Table(section) = &mut section.value {
        for (key, node) in said {
            let ours = section
                .get(key)
                .is_some_and(|written| matches!(written.origin, Origin::Environment(_) | Origin::Flag(_)));
            if !ours {
                section.insert(key.to_owned(), node);
            }
        }
    }
}

/// Reads everything; `None` where no collector is configured, or OpenTelemetry's variables turn traces off.
pub(super) fn read_telemetry(
    mut section: Section<'_>,
    environment: &Environment,
) -> Option<telemetry::Config> {
    let endpoint = section.text("endpoint", None, ToString::to_string, parse_endpoint);
    section.text(
        "protocol",
        Some("http/protobuf".to_owned()),
        String::clone,
        parse_protocol,
    );
    let sample_ratio = section.number("sample_ratio", 1.0, 0.0..=1.0);
    let service_name = section.text(
        "service_name",
        Some("mcp-server".to_owned()),
        String::clone,
        parse_name,
    );
    let written = section.located_texts("resource", Some(Vec::new()));
    let resource = written
        .and_then(|written| read_resource(&section, &written))
        .unwrap_or_default();
    let headers_file = section.text(
        "headers_file",
        None,
        |path: &PathBuf| path.display().to_string(),
        parse_path,
    );
    let content_tenants: HashSet<String> = section.texts("content_tenants", &[]).into_iter().collect();
    let headers = read_headers(&section, environment);
    if let Some(endpoint) = &endpoint {
        check_secrecy(&section, endpoint, !headers.is_empty() || headers_file.is_some());
    }
    section.finish();
    let off = set(environment, "OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || set(environment, "OTEL_TRACES_EXPORTER") == Some("none");
    let endpoint = endpoint.filter(|_| !off)?.value;
    Some(telemetry::Config {
        collector: otlp::Config {
            endpoint: with_path(endpoint),
            headers,
            headers_file: headers_file.map(|file| file.value),
        },
        sample_ratio: sampled(environment).unwrap_or(sample_ratio),
        resource: describe(&service_name?.value, resource),
        content_tenants,
    })
}

fn set<'e>(environment: &'e Environment, name: &str) -> Option<&'e str> {
    environment
        .get(name)
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
}

/// What a sampler that needs no ratio says.
fn sampled(environment: &Environment) -> Option<f64> {
    match set(environment, "OTEL_TRACES_SAMPLER")? {
        "always_on" | "parentbased_always_on" => Some(1.0),
        "always_off" | "parentbased_always_off" => Some(0.0),
        _ => None,
    }
}

fn parse_endpoint(text: &str) -> Result<Url, (String, String)> {
    let fix = || "write the address of a collector, for example http://localhost:4318".to_owned();
    let url = Url::parse(text).map_err(|error| (format!("is no URL ({error})"), fix()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err((format!("is {text:?}, which is neither http nor https"), fix()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err((
            "holds a credential".to_owned(),
            "put it into `telemetry.headers_file`, as a line authorization: ...".to_owned(),
        ));
    }
    Ok(url)
}

fn with_path(mut endpoint: Url) -> Url {
    let path = endpoint.path().trim_end_matches('/');
    if !path.ends_with(TRACES_PATH) {
        let path = format!("{path}/{TRACES_PATH}");
        endpoint.set_path(&path);
    }
    endpoint
}

fn parse_protocol(text: &str) -> Result<String, (String, String)> {
    if text == "http/protobuf" {
        return Ok(text.to_owned());
    }
    Err((
        format!("is {text:?}, which this server does not speak"),
        "write \"http/protobuf\", and the collector's port for it (4318, most often)".to_owned(),
    ))
}

fn read_resource(section: &Section<'_>, written: &Located<Vec<String>>) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for pair in &written.value {
        match pair.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                pairs.push((key.trim().to_owned(), value.trim().to_owned()));
            }
            _ => {
                section.problem(written.problem(
                    format!("holds {pair:?}, which is not key=value"),
                    "write for example \"deployment.environment.name=production\"",
                ));
                return None;
            }
        }
    }
    Some(pairs)
}

fn read_headers(section: &Section<'_>, environment: &Environment) -> HeaderMap {
    let found = HEADER_VARIABLES
        .iter()
        .find_map(|name| set(environment, name).map(|value| (*name, value)));
    let Some((name, value)) = found else {
        return HeaderMap::new();
    };
    otlp::parse_headers(value.split(','), '=').unwrap_or_else(|reason| {
        section.problem(Problem {
            origin: Origin::Environment(name.to_owned()),
            key: String::new(),
            reason,
            fix: "write name=value, several with commas in between".to_owned(),
        });
        HeaderMap::new()
    })
}

/// Credentials do not travel in the clear, but on this machine.
fn check_secrecy(section: &Section<'_>, endpoint: &Located<Url>, has_credential: bool) {
    let local = match endpoint.value.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if has_credential && endpoint.value.scheme() == "http" && !local {
        section.problem(endpoint.problem(
            "is http, and the headers would travel in the clear",
            "write https, or leave the headers out",
        ));
    }
}

/// What is said of this process; what an operator writes goes before.
fn describe(service_name: &str, written: Vec<(String, String)>) -> Vec<(String, String)> {
    let known = [
        ("service.name", service_name.to_owned()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", uuid::Uuid::new_v4().to_string()),
    ];
    let missing = known
        .into_iter()
        .filter(|(key, _)| !written.iter().any(|(written, _)| written == key))
        .map(|(key, value)| (key.to_owned(), value))
        .collect::<Vec<_>>();
    missing.into_iter().chain(written).collect()
}
