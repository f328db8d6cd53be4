//! `[[backends]]`: what a deployment, another server and a local model want to be told.

use std::path::PathBuf;

use inference::{Price, Processing, azure, local, resilience};
use models::KvPrecision;

use crate::config::{
    Azure, AzureCredential, Backend, BackendKind, KeyLocation, Local, LocalModel, Secret,
    reader::{Located, Problem, Section},
};

use super::{
    Environment, Named, identity::read_identity, openai::read_openai, parse_name, resilience::read_resilience,
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Azure,
    OpenAi,
    Local,
}

pub(super) fn read_backend(mut section: Section<'_>, environment: &Environment) -> Option<Named<Backend>> {
    let name = section.text("name", None, String::clone, parse_name);
    if name.is_none() {
        section.missing("name", "give each backend a unique name");
    }
    let kinds = [
        ("azure", Kind::Azure),
        ("openai", Kind::OpenAi),
        ("local", Kind::Local),
    ];
    let Some(kind) = section.choice("kind", None, &kinds) else {
        // What else may stand here depends on the kind, so nothing else is judged.
        section.missing("kind", "write \"azure\", \"openai\" or \"local\"");
        return None;
    };
    let kind = match kind.value {
        Kind::Azure => read_azure(&mut section, environment).map(|azure| BackendKind::Azure(Box::new(azure))),
        Kind::OpenAi => {
            read_openai(&mut section, environment).map(|server| BackendKind::OpenAi(Box::new(server)))
        }
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
    let (region, processing) = read_place(section);
    let credential = read_credential(section, environment);
    let max_concurrency = section.integer("max_concurrency", 64, 1..=10_000);
    let context_tokens = section.optional_integer("context_tokens", None, 256..=10_000_000);
    let price = read_price(section.section("price_per_million"));
    Some(Azure {
        endpoint: endpoint?.value,
        api: api?.value,
        deployment: deployment?.value,
        model: model?.value,
        region: region?,
        processing: processing?,
        credential: credential?,
        max_concurrency,
        context_tokens,
        price,
    })
}

/// Reads what is shown to a deployment: a key, or a token of this process's identity.
fn read_credential(section: &mut Section<'_>, environment: &Environment) -> Option<AzureCredential> {
    let key = read_key_location(section, environment).ok()?;
    let by_identity = section.has("workload_identity");
    match (key, by_identity) {
        (Some(key), false) => Some(AzureCredential::Key(key)),
        (None, true) => read_identity(section.section("workload_identity"), environment)
            .map(AzureCredential::WorkloadIdentity),
        (Some(_), true) => {
            section.problem(Problem {
                origin: section.origin().clone(),
                key: format!("{}.workload_identity", section.path()),
                reason: "stands besides an API key".to_owned(),
                fix: "keep one of them".to_owned(),
            });
            None
        }
        (None, false) => {
            section.missing(
                "api_key_file",
                "name the file that holds the API key, set `api_key_env` to a variable's name, or add a table \
                 [backends.workload_identity]",
            );
            None
        }
    }
}

/// Reads where a backend runs, and where it may process text.
pub(super) fn read_place(section: &mut Section<'_>) -> (Option<String>, Option<Processing>) {
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
    (
        region.map(|region| region.value),
        processing.map(|processing| processing.value),
    )
}

/// What was written cannot be used, and the report says so already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported;

/// Reads where the key is, if one is named.
pub(super) fn read_key_location(
    section: &mut Section<'_>,
    environment: &Environment,
) -> Result<Option<KeyLocation>, Reported> {
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
            Err(Reported)
        }
        (Some(file), None) => check_file(section, file, "the key").map(|path| Some(KeyLocation::File(path))),
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
            let key = Secret::new(key.ok_or(Reported)?);
            Ok(Some(KeyLocation::Variable {
                name: variable.value,
                key,
            }))
        }
        (None, None) => Ok(None),
    }
}

/// Checks that a named file is there.
pub(super) fn check_file(
    section: &Section<'_>,
    file: Located<PathBuf>,
    holds: &str,
) -> Result<PathBuf, Reported> {
    match std::fs::metadata(&file.value) {
        Ok(about) if about.is_dir() => {
            section.problem(file.problem(
                format!("is a directory ({})", file.value.display()),
                format!("name a file that holds {holds}"),
            ));
            Err(Reported)
        }
        Ok(_) => Ok(file.value),
        Err(error) => {
            section.problem(file.problem(
                format!("cannot be read ({}: {error})", file.value.display()),
                format!("name a file that holds {holds}, and let this user read it"),
            ));
            Err(Reported)
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that readers of a text have")]
pub(super) fn parse_path(text: &str) -> Result<PathBuf, (String, String)> {
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

pub(super) fn read_price(mut section: Section<'_>) -> Price {
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
        kv_precision: section
            .choice(
                "kv_cache",
                Some(KvPrecision::F16),
                &[("f16", KvPrecision::F16), ("q8_0", KvPrecision::Q8_0)],
            )
            .map_or_else(KvPrecision::default, |choice| choice.value),
        context_tokens: section.optional_integer("context_tokens", None, 64..=1_000_000),
        model_key,
    }
}
