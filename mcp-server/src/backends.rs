//! Builds the inference backends, the gateway and its metrics from the configuration.

mod key;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use inference::{
    Backend as _, BackendInfo, Gateway, GatewayConfig, Readiness, RegisteredBackend, Surroundings,
    azure::{self, Deployment},
    local::{self, LoadProgress, LocalBackend},
    openai,
};
use models::catalogue;
use tokio::sync::Notify;

pub(crate) use key::key_source;

use crate::{
    config::{
        Azure, AzureCredential, Backend, BackendKind, Config, KeyLocation, Local, LocalModel, OpenAi,
        WorkloadIdentity,
    },
    shared::Shared,
    telemetry::{Instruments, Metrics, Spans},
    tenancy::redaction::{self, Redactor},
    tools::Catalogue,
};

/// Why the configured backends cannot be built. Each names the setting and the fix.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The weights of a local backend are not there.
    #[error("`{key}` is \"{model}\", and {} does not exist; {fix}", .path.display())]
    ModelMissing {
        /// The setting.
        key: String,
        /// Its value.
        model: String,
        /// Where the file was looked for.
        path: PathBuf,
        /// What to do.
        fix: String,
    },
    /// The catalogue has no such model, and none is stored.
    #[error(
        "`{key}`: {source}; write \"bundled\", a name of `mcp-server models list`, or the path of a .gguf file"
    )]
    UnknownModel {
        /// The setting.
        key: String,
        /// What was asked for, and what is near.
        source: catalogue::UnknownModel,
    },
    /// An Azure deployment cannot be reached as it is configured.
    #[error("backend {backend:?}: {source}")]
    Azure {
        /// Its name.
        backend: String,
        /// What is wrong.
        source: azure::ConfigError,
    },
    /// A compatible server cannot be reached as it is configured.
    #[error("backend {backend:?}: {source}")]
    OpenAi {
        /// Its name.
        backend: String,
        /// What is wrong.
        source: openai::ConfigError,
    },
    /// The certificates of a compatible server cannot be read.
    #[error("backend {backend:?}: `ca_file` {} {reason}; name a PEM file that this user can read", .path.display())]
    CaFile {
        /// Its name.
        backend: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// What is to be hidden cannot be.
    #[error(transparent)]
    Redaction(#[from] redaction::SetUpError),
    /// The parts do not make a gateway.
    #[error("the backends do not fit together: {0}")]
    Gateway(String),
}

impl BuildError {
    /// The setting at fault, where one is.
    pub fn key(&self) -> &str {
        match self {
            Self::ModelMissing { key, .. } | Self::UnknownModel { key, .. } => key,
            Self::Redaction(error) => error.key,
            Self::Azure { .. } | Self::OpenAi { .. } | Self::CaFile { .. } | Self::Gateway(_) => "backends",
        }
    }
}

/// Everything that answers, assembled.
pub struct Built {
    /// Takes calls.
    pub gateway: Gateway,
    /// What `/metrics` says.
    pub metrics: Metrics,
    /// The models in this process, still loading perhaps.
    pub locals: Vec<LocalBackend>,
}

impl Built {
    /// Waits until every model in this process is loaded, or has failed to.
    pub async fn loaded(&self) {
        for local in &self.locals {
            let changed = Arc::new(Notify::new());
            let notify = Arc::clone(&changed);
            // A permit is kept for a change between the look and the wait.
            local.watch_readiness(Box::new(move || notify.notify_one()));
            while matches!(local.readiness(), Readiness::Warming(_)) {
                changed.notified().await;
            }
        }
    }
}

/// Where the weights of a model of this name lie once it was downloaded.
pub fn stored_model(models_dir: &Path, name: &str) -> PathBuf {
    models_dir.join(format!("{name}.gguf"))
}

/// Checks what [`build`] would need, without connecting to or loading anything.
///
/// # Errors
/// See [`BuildError`].
pub fn check(config: &Config) -> Result<(), BuildError> {
    check_backends(config)?;
    drop(Redactor::new(&config.redaction)?);
    Ok(())
}

fn check_backends(config: &Config) -> Result<(), BuildError> {
    for backend in &config.backends {
        match &backend.kind {
            BackendKind::Azure(azure) => drop(deployment(backend, azure)?),
            BackendKind::OpenAi(server) => drop(openai_server(backend, server)?),
            BackendKind::Local(local) => drop(weights(local, &config.models_dir)?),
        }
    }
    Ok(())
}

/// Builds everything for a process that is alone; local models begin to load in the background.
///
/// # Errors
/// See [`BuildError`].
pub fn build(config: &Config) -> Result<Built, BuildError> {
    build_within(config, Around::default())
}

/// What a server is built into.
#[derive(Default)]
pub struct Around<'a> {
    /// What is shared with other processes, if anything.
    pub shared: Option<&'a Shared>,
    /// Spans that `/metrics` tells of, too.
    pub spans: Spans,
}

/// Builds everything, into what is around it.
///
/// # Errors
/// See [`BuildError`].
pub fn build_within(config: &Config, Around { shared, spans }: Around<'_>) -> Result<Built, BuildError> {
    // All of it is checked before the first model begins to load.
    check_backends(config)?;
    let redactor = Redactor::new(&config.redaction)?;
    let mut locals = Vec::new();
    let mut backends = Vec::new();
    let mut infos: Vec<BackendInfo> = Vec::new();
    for backend in &config.backends {
        let built: Arc<dyn inference::Backend> = match &backend.kind {
            BackendKind::Azure(azure) => Arc::new(deployment(backend, azure)?),
            BackendKind::OpenAi(server) => Arc::new(openai_server(backend, server)?),
            BackendKind::Local(local) => {
                let local = load(backend, local, &config.models_dir)?;
                locals.push(local.clone());
                Arc::new(local)
            }
        };
        infos.push(built.info().clone());
        backends.push(RegisteredBackend {
            backend: built,
            resilience: backend.resilience.clone(),
        });
    }
    let mut tenants: Vec<&str> = config.limits.named.keys().map(String::as_str).collect();
    tenants.sort_unstable();
    let instruments = Instruments::new(&infos, &config.chains, &tenants);
    if let Some(shared) = shared {
        shared.report_to(instruments.shared_state());
    }
    let parts = GatewayConfig {
        queue: config.queue.clone(),
        backends,
        chains: config.chains.clone(),
        routing: config.routing.clone(),
    };
    let observer: Arc<dyn inference::Observer> = instruments.clone();
    let surroundings = Surroundings {
        disguise: Some(Arc::new(redactor)),
        fleet: shared.map(Shared::fleet),
    };
    let gateway = Gateway::within(parts, observer, surroundings).map_err(BuildError::Gateway)?;
    let metrics = Metrics::new(
        &instruments,
        gateway.clone(),
        engine_stats(&locals),
        call_labels(&gateway),
        spans,
    );
    Ok(Built {
        gateway,
        metrics,
        locals,
    })
}

/// Everything whose calls are counted by name: the tools, and the terminal.
fn call_labels(gateway: &Gateway) -> Vec<&'static str> {
    let catalogue = Catalogue::new(gateway.clone());
    catalogue
        .definitions()
        .iter()
        .map(|tool| tool.name)
        .chain(["chat", crate::http::openai::LABEL])
        .collect()
}

fn engine_stats(locals: &[LocalBackend]) -> crate::telemetry::EngineStats {
    let locals = locals.to_vec();
    Arc::new(move || {
        locals
            .iter()
            .map(LocalBackend::stats)
            .fold(local::Stats::default(), |sum, stats| local::Stats {
                slots: sum.slots + stats.slots,
                busy: sum.busy + stats.busy,
                kv_bytes: sum.kv_bytes + stats.kv_bytes,
                kv_kept_bytes: sum.kv_kept_bytes + stats.kv_kept_bytes,
                kv_budget_bytes: sum.kv_budget_bytes + stats.kv_budget_bytes,
            })
    })
}

/// Makes the client of an Azure deployment. Connects to nothing yet.
pub(crate) fn deployment(backend: &Backend, azure: &Azure) -> Result<Deployment, BuildError> {
    let config = azure::Config {
        info: BackendInfo {
            name: backend.name.clone(),
            kind: "azure",
            model: azure.model.clone(),
            region: azure.region.clone(),
            processing: azure.processing,
            max_concurrency: azure.max_concurrency,
            context_tokens: azure.context_tokens,
            tools: true,
            price: azure.price.clone(),
        },
        endpoint: azure.endpoint.clone(),
        api: azure.api.clone(),
        deployment: azure.deployment.clone(),
        credential: credential(&azure.credential),
        resilience: backend.resilience.clone(),
    };
    Deployment::new(config).map_err(|source| BuildError::Azure {
        backend: backend.name.clone(),
        source,
    })
}

/// What is shown to a deployment.
fn credential(credential: &AzureCredential) -> azure::Credential {
    match credential {
        AzureCredential::Key(location) => azure::Credential::Key(key_source(location)),
        AzureCredential::WorkloadIdentity(identity) => {
            azure::Credential::WorkloadIdentity(workload_identity(identity))
        }
    }
}

/// Who this process is for Entra ID.
pub(crate) fn workload_identity(identity: &WorkloadIdentity) -> azure::entra::WorkloadIdentity {
    azure::entra::WorkloadIdentity {
        authority: identity.authority.clone(),
        tenant_id: identity.tenant_id.clone(),
        client_id: identity.client_id.clone(),
        assertion: key_source(&KeyLocation::File(identity.token_file.clone())),
    }
}

/// Makes the client of a compatible server. Connects to nothing yet.
pub(crate) fn openai_server(backend: &Backend, server: &OpenAi) -> Result<openai::Server, BuildError> {
    let roots = match &server.ca_file {
        Some(path) => Some(read_certificates(path).map_err(|reason| BuildError::CaFile {
            backend: backend.name.clone(),
            path: path.clone(),
            reason,
        })?),
        None => None,
    };
    let config = openai::Config {
        info: BackendInfo {
            name: backend.name.clone(),
            kind: "openai",
            model: server.model.clone(),
            region: server.region.clone(),
            processing: server.processing,
            max_concurrency: server.max_concurrency,
            context_tokens: server.context_tokens,
            tools: server.tools,
            price: server.price.clone(),
        },
        base_url: server.base_url.clone(),
        allow_plain_http: server.allow_plain_http,
        upstream_model: server.upstream_model.clone(),
        api_key: server.key.as_ref().map(key_source),
        roots,
        max_tokens_field: server.max_tokens_field,
        resilience: backend.resilience.clone(),
    };
    openai::Server::new(config).map_err(|source| BuildError::OpenAi {
        backend: backend.name.clone(),
        source,
    })
}

/// No bundle of certificates is longer.
const MAX_CERTIFICATES_BYTES: u64 = 4 * 1024 * 1024;

fn read_certificates(path: &Path) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if about.len() > MAX_CERTIFICATES_BYTES {
        return Err(format!("has {} bytes, more than any certificates", about.len()));
    }
    std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))
}

fn load(backend: &Backend, local: &Local, models_dir: &Path) -> Result<LocalBackend, BuildError> {
    let config = local::Config {
        name: backend.name.clone(),
        model: model_name(&local.model),
        path: weights(local, models_dir)?,
        slots: local.slots,
        context_tokens: local.context_tokens,
        kv_precision: local.kv_precision,
    };
    let name = backend.name.clone();
    let mut tenths = 0;
    let mut logged = Instant::now();
    Ok(LocalBackend::load(
        config,
        move |LoadProgress {
                  loaded_bytes,
                  total_bytes,
              }| {
            let now = loaded_bytes.saturating_mul(10) / total_bytes.max(1);
            // A small model is there before anybody could read about it.
            if now > tenths && logged.elapsed() >= LOAD_LOG_INTERVAL {
                tenths = now;
                logged = Instant::now();
                tracing::info!(
                    backend = name,
                    loaded_bytes,
                    total_bytes,
                    "loading {name}: {} %",
                    now * 10
                );
            }
        },
    ))
}

/// The least time between two lines about the loading of one model.
const LOAD_LOG_INTERVAL: Duration = Duration::from_secs(1);

/// What results call the model.
fn model_name(model: &LocalModel) -> String {
    match model {
        LocalModel::Bundled | LocalModel::Catalogue(_) => model.to_string(),
        LocalModel::File(path) => path
            .file_stem()
            .map_or_else(|| model.to_string(), |stem| stem.to_string_lossy().into_owned()),
    }
}

/// The file that the weights are in; `None` for the bundled ones.
///
/// # Errors
/// Says how to get the file where it is missing.
pub fn weights(local: &Local, models_dir: &Path) -> Result<Option<PathBuf>, BuildError> {
    let key = || local.model_key.clone();
    let missing = |path: PathBuf, fix: String| BuildError::ModelMissing {
        key: key(),
        model: local.model.to_string(),
        path,
        fix,
    };
    match &local.model {
        LocalModel::Bundled => Ok(None),
        LocalModel::File(path) if path.is_file() => Ok(Some(path.clone())),
        LocalModel::File(path) => Err(missing(
            path.clone(),
            "name a .gguf file that this user can read".to_owned(),
        )),
        LocalModel::Catalogue(name) => {
            let path = stored_model(models_dir, name);
            if path.is_file() {
                return Ok(Some(path));
            }
            match catalogue::find(name) {
                Ok(entry) => Err(missing(
                    path,
                    format!("download it with `mcp-server models pull {}`", entry.name),
                )),
                Err(source) => Err(BuildError::UnknownModel { key: key(), source }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Setting, Sources, load as load_config};

    fn config(model: &str, models_dir: &Path) -> Config {
        let setting = |key: &str, value: &str| Setting {
            key: key.to_owned(),
            value: value.to_owned(),
            flag: String::new(),
        };
        let sources = Sources {
            environment: [(
                "MCP_SERVER_MODELS_DIR".to_owned(),
                models_dir.display().to_string(),
            )]
            .into(),
            flags: vec![
                setting("backends.0.name", "local"),
                setting("backends.0.kind", "local"),
                setting("backends.0.model", model),
            ],
            ..Sources::default()
        };
        load_config(&sources).expect("valid").config
    }

    #[test]
    fn a_server_that_cannot_be_reached_names_the_setting() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let not_pem = dir.path().join("ca.pem");
        std::fs::write(&not_pem, "no certificate").expect("written");
        let not_pem = not_pem.display().to_string();
        for (settings, parts) in [
            (
                &[("base_url", "http://vllm.example.com/v1")][..],
                &["backend \"vllm\"", "base_url: ", "allow_plain_http"][..],
            ),
            (
                &[("base_url", "https://vllm.example.com")],
                &["base_url: ", "end it in /v1"],
            ),
            (
                &[("base_url", "https://vllm.example.com/v1"), ("ca_file", &not_pem)],
                &["ca_file: holds no certificate"],
            ),
        ] {
            let setting = |key: &str, value: &str| Setting {
                key: format!("backends.0.{key}"),
                value: value.to_owned(),
                flag: String::new(),
            };
            let fixed = [("name", "vllm"), ("kind", "openai"), ("model", "qwen3-8b")];
            let sources = Sources {
                flags: fixed
                    .iter()
                    .chain(settings)
                    .map(|(key, value)| setting(key, value))
                    .collect(),
                ..Sources::default()
            };
            let config = load_config(&sources).expect("valid").config;
            let message = check(&config).expect_err("not buildable").to_string();
            for part in parts {
                assert!(message.contains(part), "{part} in {message}");
            }
        }
    }

    #[test]
    fn a_missing_model_names_the_setting_and_the_command() {
        let dir = tempfile::tempdir().expect("temporary directory");
        for (model, parts) in [
            (
                "qwen3-0.6b",
                &["`backends[0].model`", "qwen3-0.6b.gguf", "models pull qwen3-0.6b"][..],
            ),
            (
                "qwen3-0.6",
                &["`backends[0].model`", "did you mean 'qwen3-0.6b'?"],
            ),
            (
                "/nonexistent/x.gguf",
                &["`backends[0].model`", "/nonexistent/x.gguf", "name a .gguf file"],
            ),
        ] {
            let message = check(&config(model, dir.path())).expect_err(model).to_string();
            for part in parts {
                assert!(message.contains(part), "{part} in {message}");
            }
        }
        std::fs::write(stored_model(dir.path(), "qwen3-0.6b"), b"weights").expect("written");
        assert!(check(&config("qwen3-0.6b", dir.path())).is_ok());
        assert!(check(&config("bundled", dir.path())).is_ok());
    }
}
