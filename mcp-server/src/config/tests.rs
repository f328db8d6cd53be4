//! What the configuration accepts, what it refuses, and how it says so.

use std::{io::Write, sync::Arc, time::Duration};

use inference::Residency;

use super::*;
use crate::store::{Location, Login};

mod layers;
mod mistakes;
mod outside;
mod shared;
mod store;
mod telemetry;
mod tenants;

struct Case {
    file: tempfile::NamedTempFile,
    sources: Sources,
}

impl Case {
    fn file(text: &str) -> Self {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let sources = Sources {
            file: Some(file.path().to_owned()),
            ..Sources::default()
        };
        Self { file, sources }
    }

    fn environment(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        let flag = format!("--set {key}");
        self.sources.flags.push(Setting {
            key: key.to_owned(),
            value: value.to_owned(),
            flag,
        });
        self
    }

    fn load(&self) -> Loaded {
        load(&self.sources).unwrap_or_else(|invalid| panic!("{invalid}"))
    }

    /// All problems as one text, the file's name shortened.
    fn problems(&self) -> String {
        let text = load(&self.sources).expect_err("must be refused").to_string();
        text.replace(&self.file.path().display().to_string(), "FILE")
    }
}

fn empty() -> Case {
    Case::file("")
}

fn azure(extra: &str) -> String {
    format!(
        "[[backends]]\nname = \"azure\"\nkind = \"azure\"\nendpoint = \"https://example.openai.azure.com\"\n\
         deployment = \"gpt-4.1-mini\"\napi_key_env = \"KEY\"\n{extra}"
    )
}

fn openai(name: &str) -> String {
    format!(
        "[[backends]]\nname = \"{name}\"\nkind = \"openai\"\nbase_url = \"https://vllm.example.com/v1\"\n\
         model = \"qwen3-8b\"\n"
    )
}

#[test]
fn a_compatible_server_needs_an_address_and_a_model_only() {
    let loaded = Case::file(&openai("vllm")).load();
    let BackendKind::OpenAi(server) = &loaded.config.backends[0].kind else {
        panic!("an openai backend")
    };
    assert_eq!(server.base_url.as_str(), "https://vllm.example.com/v1");
    assert_eq!(
        (server.model.as_str(), server.upstream_model.as_str()),
        ("qwen3-8b", "qwen3-8b")
    );
    assert_eq!((&server.key, &server.ca_file), (&None, &None));
    assert_eq!(server.max_tokens_field, inference::MaxTokensField::MaxTokens);
    assert_eq!(server.processing, Processing::Global);
    assert_eq!((server.region.as_str(), server.max_concurrency), ("unknown", 64));
    assert!(server.tools && !server.allow_plain_http);

    let key = tempfile::NamedTempFile::new().unwrap();
    let full = format!(
        "{}upstream_model = \"Qwen/Qwen3-8B\"\napi_key_file = \"{}\"\nca_file = \"{}\"\ntools = false\n\
         max_tokens_field = \"max_completion_tokens\"\nprocessing = \"eu\"\nallow_plain_http = true\n",
        openai("vllm"),
        key.path().display(),
        key.path().display()
    );
    let loaded = Case::file(&full).load();
    let BackendKind::OpenAi(server) = &loaded.config.backends[0].kind else {
        panic!("an openai backend")
    };
    assert_eq!(server.upstream_model, "Qwen/Qwen3-8B");
    assert_eq!(server.key, Some(KeyLocation::File(key.path().to_owned())));
    assert_eq!(server.ca_file.as_deref(), Some(key.path()));
    assert_eq!(
        server.max_tokens_field,
        inference::MaxTokensField::MaxCompletionTokens
    );
    assert_eq!(server.processing, Processing::Eu);
    assert!(!server.tools && server.allow_plain_http);
}

#[test]
fn nothing_configured_is_the_bundled_model_alone() {
    let config = load(&Sources::default()).unwrap().config;
    assert_eq!(config.queue.capacity, 256);
    assert_eq!(config.mcp.default_deadline, Duration::from_secs(50));
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.metrics_listen.to_string(), "127.0.0.1:9464");
    assert_eq!(config.backends.len(), 1);
    assert!(
        matches!(&config.backends[0].kind, BackendKind::Local(local) if local.model == LocalModel::Bundled)
    );
    assert_eq!(config.chains.len(), 1);
    assert_eq!(
        (config.chains[0].name.as_str(), &config.chains[0].backends),
        ("default", &vec!["local".to_owned()])
    );
}

#[test]
fn an_empty_configuration_has_the_defaults_of_each_module() {
    let config = empty().load().config;
    assert_eq!(
        format!("{:?}", config.http),
        format!("{:?}", http::Config::default())
    );
    assert_eq!(
        format!("{:?}", config.mcp),
        format!("{:?}", mcp::Config::default())
    );
    assert_eq!(
        format!("{:?}", config.queue),
        format!("{:?}", admission::Config::default())
    );
    let resilience = inference::local::Config::resilience();
    assert_eq!(
        format!("{:?}", config.backends[0].resilience),
        format!("{resilience:?}")
    );
}

#[test]
fn loopback_endpoints_may_be_plain() {
    for host in ["localhost:9", "127.0.0.1:9", "[::1]:9"] {
        let file = azure("").replace("https://example.openai.azure.com", &format!("http://{host}"));
        Case::file(&file).environment("KEY", "k").load();
    }
}

#[test]
fn the_sample_loads_as_written_and_with_everything_uncommented() {
    let loaded = Case::file(SAMPLE).load();
    assert_eq!(loaded.config.chains[0].backends, ["local"]);
    let key = tempfile::NamedTempFile::new().unwrap();
    let full: String = SAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => {
                format!("{setting}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect::<String>()
        .replace("/run/secrets/azure-openai-key", &key.path().display().to_string())
        .replace("/run/secrets/vllm-key", &key.path().display().to_string())
        .replace("/run/secrets/private-ca.pem", &key.path().display().to_string())
        .replace("/run/secrets/tls.pem", &key.path().display().to_string())
        .replace("/run/secrets/tls.key", &key.path().display().to_string())
        .replace("/run/secrets/client-ca.pem", &key.path().display().to_string())
        .replace("/run/secrets/redaction", &key.path().display().to_string())
        .replace("/etc/mcp-server/parts.txt", &key.path().display().to_string())
        .replace(
            "/etc/mcp-server/acme-customers.txt",
            &key.path().display().to_string(),
        );
    let mut loaded = Case::file(&full).load();
    assert!(
        loaded
            .config
            .http
            .tls
            .take()
            .is_some_and(|tls| tls.clients.is_some())
    );
    let auth = &loaded.config.auth;
    assert!(auth.jwt.is_some() && auth.api_keys.is_some() && auth.client_certificates.is_some());
    assert_eq!(loaded.config.backends.len(), 3);
    // What the comments call defaults are the defaults.
    let defaults = empty().load().config;
    assert_eq!(
        format!("{:?}", loaded.config.http),
        format!("{:?}", defaults.http)
    );
    let tenants = &loaded.config.mcp.tenants;
    assert_eq!(tenants.default, defaults.mcp.tenants.default);
    assert_eq!(
        tenants.of("acme").residency,
        Residency::Eu,
        "an example, no default"
    );
    let redaction = &loaded.config.redaction;
    assert_eq!(redaction.default.enabled, defaults.redaction.default.enabled);
    assert_eq!(redaction.default.kinds, defaults.redaction.default.kinds);
    assert_eq!(
        redaction.named["acme"].lists.len(),
        2,
        "its own beside that of all"
    );
    let mcp = mcp::Config {
        tenants: Arc::clone(&defaults.mcp.tenants),
        ..loaded.config.mcp
    };
    assert_eq!(format!("{mcp:?}"), format!("{:?}", defaults.mcp));
    assert_eq!(
        format!("{:?}", loaded.config.queue),
        format!("{:?}", defaults.queue)
    );
    assert_eq!(
        format!("{:?}", loaded.config.backends[0].resilience),
        format!("{:?}", resilience::Config::default())
    );
}
