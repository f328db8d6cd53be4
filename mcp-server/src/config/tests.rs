//! What the configuration accepts, what it refuses, and how it says so.

use std::{io::Write, sync::Arc, time::Duration};

use inference::Residency;

use super::*;
use crate::store::{Location, Login};

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
fn azure_in_the_environment_goes_first() {
    let case = empty()
        .environment("AZURE_OPENAI_ENDPOINT", "https://example.openai.azure.com/")
        .environment("AZURE_OPENAI_DEPLOYMENT", "gpt-4.1-mini")
        .environment("AZURE_OPENAI_API_KEY", "s3cr3t");
    let loaded = case.load();
    assert_eq!(loaded.config.chains[0].backends, ["azure", "local"]);
    let BackendKind::Azure(azure) = &loaded.config.backends[0].kind else {
        panic!("azure goes first")
    };
    assert_eq!(azure.api, azure::Api::V1);
    assert_eq!(
        (azure.deployment.as_str(), azure.model.as_str()),
        ("gpt-4.1-mini", "gpt-4.1-mini")
    );
    let AzureCredential::Key(KeyLocation::Variable { name, key }) = &azure.credential else {
        panic!("the key is in the environment")
    };
    assert_eq!((name.as_str(), key.expose()), ("AZURE_OPENAI_API_KEY", "s3cr3t"));
    assert!(
        !format!("{loaded:?}").contains("s3cr3t"),
        "a credential is never shown"
    );

    let dated = case.environment("AZURE_OPENAI_API_VERSION", "2024-10-21").load();
    let BackendKind::Azure(azure) = &dated.config.backends[0].kind else {
        panic!("azure goes first")
    };
    assert_eq!(azure.api, azure::Api::Dated("2024-10-21".to_owned()));
}

#[test]
fn azure_half_in_the_environment_names_what_is_missing() {
    let problems = empty()
        .environment("AZURE_OPENAI_ENDPOINT", "https://example.openai.azure.com")
        .problems();
    assert!(
        problems.contains("AZURE_OPENAI_DEPLOYMENT and AZURE_OPENAI_API_KEY are not"),
        "{problems}"
    );
}

#[test]
fn backends_of_the_file_replace_the_environment_s() {
    let file = "[[backends]]\nname = \"mine\"\nkind = \"local\"\n";
    let config = Case::file(file)
        .environment("AZURE_OPENAI_ENDPOINT", "https://example.com")
        .load()
        .config;
    assert_eq!(config.chains[0].backends, ["mine"]);
}

#[test]
fn later_layers_win_and_say_where_from() {
    let case = Case::file("[queue]\ncapacity = 200\n\n[server]\nlisten = \"127.0.0.1:1000\"\n");
    let origin = |case: &Case, key: &str| {
        let shown = case.load().shown;
        let shown = shown.iter().find(|shown| shown.key == key).unwrap();
        format!("{} from {}", shown.value.as_deref().unwrap(), shown.origin)
            .replace(&case.file.path().display().to_string(), "FILE")
    };
    assert_eq!(origin(&case, "queue.capacity"), "200 from FILE:2");
    assert_eq!(origin(&case, "server.listen"), "\"127.0.0.1:1000\" from FILE:5");
    assert_eq!(origin(&case, "queue.deadline"), "\"50s\" from default");
    let case = case.environment("MCP_SERVER__QUEUE__CAPACITY", "300");
    assert_eq!(
        origin(&case, "queue.capacity"),
        "300 from environment variable MCP_SERVER__QUEUE__CAPACITY"
    );
    let case = case.flag("queue.capacity", "400");
    assert_eq!(
        origin(&case, "queue.capacity"),
        "400 from flag --set queue.capacity"
    );
    assert_eq!(case.load().config.queue.capacity, 400);
}

#[test]
fn the_environment_reaches_entries_of_lists() {
    let file = azure("[[backends]]\nname = \"my-local\"\nkind = \"local\"\n");
    let config = Case::file(&file)
        .environment("KEY", "s3cr3t")
        .environment("MCP_SERVER__BACKENDS__0__MAX_CONCURRENCY", "7")
        .environment("MCP_SERVER__BACKENDS__MY_LOCAL__SLOTS", "2")
        .environment("MCP_SERVER__BACKENDS__AZURE__RESILIENCE__BREAKER__OPEN", "1s")
        .environment(
            "MCP_SERVER__MODELS",
            r#"[{ name = "small", chain = ["my-local"] }]"#,
        )
        .environment(
            "MCP_SERVER__SERVER__ALLOWED_HOSTS",
            "a.example.com, b.example.com",
        )
        .load()
        .config;
    assert!(matches!(&config.backends[0].kind, BackendKind::Azure(azure) if azure.max_concurrency == 7));
    assert!(matches!(&config.backends[1].kind, BackendKind::Local(local) if local.slots == 2));
    assert_eq!(config.backends[0].resilience.breaker.open, Duration::from_secs(1));
    assert_eq!(
        (config.chains[0].name.as_str(), config.chains.len()),
        ("small", 1)
    );
    assert_eq!(config.http.allowed_hosts, ["a.example.com", "b.example.com"]);
}

#[test]
fn the_ledger_lies_where_the_environment_says() {
    let store = |case: Case| case.load().config.store;
    let at_home = store(empty().environment("HOME", "/home/ann"));
    assert_eq!(
        at_home.directory,
        PathBuf::from("/home/ann/.local/state/mcp-server")
    );
    let xdg = empty()
        .environment("HOME", "/home/ann")
        .environment("XDG_STATE_HOME", "/state");
    let xdg = store(xdg);
    assert_eq!(xdg.directory, PathBuf::from("/state/mcp-server"));
    assert_eq!(
        xdg.location,
        Some(Location::Sqlite("/state/mcp-server/ledger.sqlite".into()))
    );
    assert!(xdg.is_default_directory);
    let named = store(Case::file(
        "[store]\nkind = \"postgres\"\nurl_file = \"/run/url\"\ndirectory = \"/data\"\n",
    ));
    assert_eq!(
        named.location,
        Some(Location::Postgres(Login::UrlFile("/run/url".into())))
    );
    assert!(!named.is_default_directory);
    assert_eq!(store(Case::file("[store]\nkind = \"none\"\n")).location, None);
}

#[test]
fn a_configuration_can_come_from_the_environment_alone() {
    let sources = Sources {
        environment: [
            ("MCP_SERVER__BACKENDS__0__NAME", "only"),
            ("MCP_SERVER__BACKENDS__0__KIND", "local"),
            ("MCP_SERVER__BACKENDS__0__MODEL", "/models/some.gguf"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        ..Sources::default()
    };
    let config = load(&sources).unwrap().config;
    let BackendKind::Local(local) = &config.backends[0].kind else {
        panic!("local")
    };
    assert_eq!(local.model, LocalModel::File("/models/some.gguf".into()));
}

#[test]
fn each_mistake_is_named_with_its_place_reason_and_fix() {
    let key = "name = \"b\"\nkind = \"azure\"\ndeployment = \"d\"\napi_key_env = \"KEY\"\n";
    let endpoint = |url: &str| format!("[[backends]]\n{key}endpoint = \"{url}\"\n");
    let cases: &[(&str, &[&str])] = &[
        // What is not known, and what is near.
        (
            "[sever]\nlisten = \"127.0.0.1:1\"\n",
            &["FILE:1: `sever` is no setting; did you mean `server`?"],
        ),
        (
            "[queue]\n\ncapasity = 300\n",
            &["FILE:3: `queue.capasity` is no setting; did you mean `capacity`?"],
        ),
        ("[queue]\nxyzzyxyzzy = 1\n", &["known here: capacity, deadline"]),
        (
            "[[backends]]\nname = \"b\"\nkind = \"local\"\nendpoint = \"x\"\n",
            &["`backends[0].endpoint` is no setting"],
        ),
        // Types and ranges.
        (
            "[queue]\ncapacity = \"many\"\n",
            &["FILE:2: `queue.capacity` is a string; write a whole number from 111"],
        ),
        (
            "[queue]\ncapacity = 110\n",
            &["`queue.capacity` is out of range (110); write a whole number from 111 to 100000"],
        ),
        (
            "[[tenants]]\nresidency = \"mars\"\n[[tenants]]\nname = \"a\"\nleaves = \"confidential\"\n[[tenants]]\nname = \"a\"\n",
            &[
                "`tenants[0].name` is missing; write the tenant's id",
                "`tenants[0].residency` is \"mars\"; write one of \"anywhere\", \"eu\", \"us\"",
                "`tenants[1].leaves` is \"confidential\"",
                "`tenants[2].name` is \"a\" a second time",
            ],
        ),
        (
            "[tenancy]\nrequests_per_minute = 0\nbudget_day = -1\ncurrency = \"euro\"\nbudget_week = 3\n",
            &[
                "`tenancy.requests_per_minute` is out of range (0); write a whole number from 1 to",
                "`tenancy.budget_day` is out of range (-1); write a number from 0 to",
                "`tenancy.currency` is \"euro\"; write a code of ISO 4217",
                "`tenancy.budget_week` is no setting; did you mean `budget_",
            ],
        ),
        (
            "[store]\nkind = \"postgres\"\njournal_max_bytes = 5\ndirectory = \"\"\n",
            &[
                "`store.url` is missing; write postgres://host/name and set `username_file`",
                "`store.journal_max_bytes` is out of range (5)",
                "`store.directory` is empty; write a path",
            ],
        ),
        (
            "[store]\nkind = \"mysql\"\n",
            &["`store.kind` is \"mysql\"; write one of \"sqlite\", \"postgres\", \"none\""],
        ),
        ("[queue]\ncapacity = -1\n", &["out of range (-1)"]),
        ("[queue]\ncapacity = 2026-01-01\n", &["is a date"]),
        (
            "[queue]\ndeadline = 50\n",
            &["`queue.deadline` is an integer; write a duration from 1s to 10m, for example \"50s\""],
        ),
        ("[queue]\ndeadline = \"50\"\n", &["`queue.deadline` has no unit"]),
        ("[queue]\ndeadline = \"2h\"\n", &["out of range (2h)"]),
        (
            "[queue]\ndeadline = \"100s\"\n",
            &["`queue.deadline` is not below `server.request_timeout`"],
        ),
        // Routing.
        (
            "[routing]\nremote_attempts = 0\n",
            &["`routing.remote_attempts` is out of range (0); write a whole number from 1 to 8"],
        ),
        (
            "[routing]\nretry_wait = \"1m\"\n",
            &["`routing.retry_wait`", "out of range (1m)"],
        ),
        (
            "[routing]\nretry_budget = 1.5\n",
            &["`routing.retry_budget` is out of range (1.5)"],
        ),
        (
            "[routing]\nhedge = \"yes\"\n",
            &["FILE:2: `routing.hedge` is a string; write true or false"],
        ),
        (
            "[routing]\nhedge_budged = 0.1\n",
            &["`routing.hedge_budged` is no setting; did you mean `hedge_budget`?"],
        ),
        (
            "queue = 5\n",
            &["FILE:1: `queue` is an integer; write a table [queue]"],
        ),
        ("backends = 5\n", &["write one [[backends]] table for each"]),
        (
            "[server]\nlisten = \"localhost:8080\"\n",
            &["`server.listen` is not an address", "127.0.0.1:8080"],
        ),
        (
            "[server]\nlisten = \"0.0.0.0:8080\"\n",
            &["which others can reach, and no authentication is configured"],
        ),
        (
            "[server]\nmetrics_listen = \"127.0.0.1:8080\"\n",
            &["`server.metrics_listen`", "choose another port"],
        ),
        (
            "[server]\nallowed_hosts = [1]\n",
            &["`server.allowed_hosts` holds an integer"],
        ),
        // Backends.
        (
            "[[backends]]\nkind = \"local\"\n",
            &["`backends[0].name` is missing"],
        ),
        ("[[backends]]\nname = \"b\"\n", &["`backends[0].kind` is missing"]),
        (
            "[[backends]]\nname = \"b\"\nkind = \"vllm\"\n",
            &["`backends[0].kind` is \"vllm\"; write one of \"azure\", \"openai\", \"local\""],
        ),
        (
            "[[backends]]\nname = \"b\"\nkind = \"openai\"\n",
            &[
                "`backends[0].base_url` is missing",
                "`backends[0].model` is missing",
            ],
        ),
        (
            &(openai("vllm") + "deployment = \"d\"\n"),
            &["`backends[0].deployment` is no setting"],
        ),
        (
            &(openai("vllm") + "base_ulr = \"d\"\n"),
            &["`backends[0].base_ulr` is no setting; did you mean `base_url`?"],
        ),
        (
            &openai("vllm").replace("https://", ""),
            &["`backends[0].base_url` is no URL"],
        ),
        (
            &(openai("vllm") + "max_tokens_field = \"n_predict\"\n"),
            &["write one of \"max_tokens\", \"max_completion_tokens\""],
        ),
        (
            &(openai("vllm") + "upstream_model = \"\"\n"),
            &["`backends[0].upstream_model` is no name of a model"],
        ),
        (
            &(openai("vllm") + "ca_file = \"/nonexistent/ca.pem\"\n"),
            &["`backends[0].ca_file` cannot be read (/nonexistent/ca.pem"],
        ),
        (
            &(openai("vllm") + "ca_file = \"/\"\n"),
            &["`backends[0].ca_file` is a directory"],
        ),
        (
            &(openai("vllm") + "api_key_file = \"/nonexistent/key\"\n"),
            &["`backends[0].api_key_file` cannot be read (/nonexistent/key"],
        ),
        (
            &(openai("vllm") + "api_key_env = \"NOT_SET\"\n"),
            &["names the environment variable \"NOT_SET\", which is not set"],
        ),
        (
            &(openai("vllm") + "allow_plain_http = \"perhaps\"\n"),
            &["`backends[0].allow_plain_http`"],
        ),
        (
            "[[backends]]\nname = \"b b\"\nkind = \"local\"\n",
            &["`backends[0].name` is \"b b\""],
        ),
        (
            "[[backends]]\nname = \"b\"\nkind = \"local\"\nslots = 0\n",
            &["`backends[0].slots` is out of range"],
        ),
        (
            "[[backends]]\nname = \"b\"\nkind = \"local\"\n[[backends]]\nname = \"b\"\nkind = \"local\"\n",
            &["FILE:5: `backends[1].name` is \"b\" a second time"],
        ),
        (
            "[[backends]]\nname = \"b\"\nkind = \"azure\"\n",
            &[
                "`backends[0].endpoint` is missing",
                "`backends[0].deployment` is missing",
                "`backends[0].api_key_file` is missing",
            ],
        ),
        (
            &endpoint("http://example.com"),
            &["plain http to another machine"],
        ),
        (&endpoint("ftp://example.com"), &["scheme \"ftp\""]),
        (
            &endpoint("https://user:pass@example.com"),
            &["holds a credential"],
        ),
        (
            &endpoint("https://example.com/openai/v1"),
            &["already holds the path of the API"],
        ),
        (&endpoint("example.com"), &["is no URL"]),
        (
            &(endpoint("https://example.com") + "api = \"latest\"\n"),
            &["`backends[0].api` is \"latest\""],
        ),
        (
            &(endpoint("https://example.com") + "processing = \"mars\"\n"),
            &["\"eu\", \"us\", \"global\""],
        ),
        (
            &(endpoint("https://example.com") + "api_key_file = \"x\"\n"),
            &["`backends[0].api_key_env` is set besides `backends[0].api_key_file`"],
        ),
        (
            &(endpoint("https://example.com") + "price_per_million = { input = -1 }\n"),
            &["price_per_million.input` is out of range"],
        ),
        (
            &(endpoint("https://example.com") + "[backends.resilience.breaker]\nopen = \"60s\"\n"),
            &["has `open` (1m) above `open_max` (30s)"],
        ),
        (
            &(endpoint("https://example.com") + "[backends.resilience]\nretries = 3\n"),
            &["`backends[0].resilience.retries` is no setting"],
        ),
        // Chains.
        (
            "[[models]]\nname = \"m\"\nchain = []\n",
            &["`models[0].chain` is empty"],
        ),
        (
            "[[models]]\nname = \"m\"\nchain = [\"locl\"]\n",
            &["names \"locl\", which is no backend; did you mean \"local\"?"],
        ),
        (
            "[[models]]\nname = \"m\"\nchain = [\"local\", \"local\"]\n",
            &["names \"local\" twice"],
        ),
        (
            "[[models]]\nchain = [\"local\"]\n",
            &["`models[0].name` is missing"],
        ),
        // The file itself.
        ("[queue\n", &["FILE:1: is not valid TOML"]),
        (
            "[queue]\ncapacity = 200\ncapacity = 300\n",
            &["is not valid TOML", "duplicate key"],
        ),
    ];
    for (text, expected) in cases {
        let problems = Case::file(text).environment("KEY", "s3cr3t").problems();
        for expected in *expected {
            assert!(
                problems.contains(expected),
                "{text}\n  wanted: {expected}\n  got: {problems}"
            );
        }
        assert!(!problems.contains("s3cr3t"), "{problems}");
    }
}

#[test]
fn all_problems_come_at_once() {
    let problems = Case::file("[queue]\ncapacity = 1\ndeadline = \"x\"\n[nothing]\n").problems();
    assert!(
        problems.starts_with("the configuration has 3 problems"),
        "{problems}"
    );
}

#[test]
fn mistakes_in_the_environment_name_the_variable() {
    for (name, value, expected) in [
        (
            "MCP_SERVER__QUEUE__CAPASITY",
            "300",
            "environment variable MCP_SERVER__QUEUE__CAPASITY: `queue.capasity` is no setting",
        ),
        (
            "MCP_SERVER__QUEUE__CAPACITY",
            "lots",
            "environment variable MCP_SERVER__QUEUE__CAPACITY: `queue.capacity` is out of range (lots)",
        ),
        (
            "MCP_SERVER__QUEUE",
            "5",
            "`queue` is an integer; write a table [queue]",
        ),
        ("MCP_SERVER__", "5", "is not a path of settings"),
        (
            "MCP_SERVER__QUEUE__CAPACITY__DEEPER",
            "5",
            "`queue.capacity` is a table",
        ),
        (
            "MCP_SERVER__A__B__C__D__E__F__G__H__I",
            "5",
            "is not a path of settings",
        ),
        (
            "MCP_SERVER__BACKENDS__7__NAME",
            "b",
            "names no entry of this list",
        ),
    ] {
        let problems = empty().environment(name, value).problems();
        assert!(
            problems.contains(expected),
            "{name}: wanted {expected}, got {problems}"
        );
    }
    let problems = Case::file("[queue]\ncapacity = 300\n")
        .environment("MCP_SERVER__QUEUE__CAPACITY__DEEPER", "5")
        .problems();
    assert!(
        problems.contains("goes below a setting that is no table"),
        "{problems}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_one_problem() {
    for (file, expected) in [
        ("/nonexistent/mcp-server.toml", "cannot be read"),
        ("/", "is a directory"),
    ] {
        let invalid = load(&Sources {
            file: Some(file.into()),
            ..Sources::default()
        })
        .unwrap_err();
        assert_eq!(invalid.0.len(), 1, "{invalid}");
        assert!(invalid.to_string().contains(expected), "{invalid}");
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&[0xff, 0xfe, 0x00]).unwrap();
    let invalid = load(&Sources {
        file: Some(file.path().to_owned()),
        ..Sources::default()
    })
    .unwrap_err();
    assert!(invalid.to_string().contains("is not UTF-8 text"), "{invalid}");
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

#[test]
fn the_file_is_found_by_flag_then_variable() {
    let environment = BTreeMap::from([(FILE_VARIABLE.to_owned(), "/from/variable.toml".to_owned())]);
    assert_eq!(
        find_file(Some("/from/flag.toml".into()), &environment),
        Some("/from/flag.toml".into())
    );
    assert_eq!(find_file(None, &environment), Some("/from/variable.toml".into()));
}

#[test]
fn models_lie_where_the_environment_says() {
    let dir = |pairs: &[(&str, &str)]| {
        let environment = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        models_dir(&environment)
    };
    assert_eq!(
        dir(&[("MCP_SERVER_MODELS_DIR", "/m"), ("HOME", "/h")]),
        PathBuf::from("/m")
    );
    assert_eq!(
        dir(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")]),
        PathBuf::from("/x/mcp-server/models")
    );
    assert_eq!(
        dir(&[("HOME", "/h")]),
        PathBuf::from("/h/.local/share/mcp-server/models")
    );
}

#[test]
fn authentication_that_cannot_hold_is_refused_with_the_reason() {
    let issuer =
        "[[auth.jwt.issuers]]\nissuer = \"https://i.example\"\njwks_url = \"https://i.example/jwks\"\n";
    let jwt = "[auth.jwt]\nresource = \"https://mcp.example.com/mcp\"\n";
    let key = tempfile::NamedTempFile::new().unwrap();
    let path = key.path().display();
    for (file, part) in [
        (
            "[auth.jwt]\n".to_owned() + issuer,
            "`auth.jwt.resource` is missing",
        ),
        (jwt.to_owned(), "`auth.jwt.issuers` is missing"),
        (
            format!("[auth.jwt]\nresource = \"http://mcp.example.com/mcp\"\n{issuer}"),
            "neither https nor on this machine",
        ),
        (
            format!("{jwt}algorithms = [\"HS256\"]\n{issuer}"),
            "no signature that only an issuer can make",
        ),
        (
            format!("{jwt}algorithms = [\"none\"]\n{issuer}"),
            "no signature that only an issuer can make",
        ),
        (format!("{jwt}algorithms = []\n{issuer}"), "is empty"),
        (
            format!("{jwt}{issuer}").replace("https://i.example/jwks", "http://i.example/jwks"),
            "neither https nor on this machine",
        ),
        (
            format!("{jwt}{issuer}jwks_file = \"{path}\"\n"),
            "is set besides `jwks_url`",
        ),
        (
            format!("{jwt}{issuer}tenants = [\"a b\"]\n"),
            "holds what is \"a b\"",
        ),
        (
            format!("{jwt}{issuer}[[auth.jwt.roles]]\nname = \"r\"\nscopes = [\"tools:*\"]\n"),
            "names \"tools:*\", which is no scope",
        ),
        (
            format!("{jwt}{issuer}[[auth.jwt.roles]]\nname = \"r\"\n"),
            "`auth.jwt.roles[0].scopes` is missing",
        ),
        ("[auth.api_keys]\n".to_owned(), "`auth.api_keys.file` is missing"),
        (
            format!("[auth.api_keys]\nfile = \"{path}\"\n[server]\nlisten = \"0.0.0.0:1\"\n"),
            "credentials would travel in the clear",
        ),
        (
            "[server]\nlisten = \"0.0.0.0:1\"\n".to_owned(),
            "no authentication is configured",
        ),
        (
            format!("[auth.client_certificates]\nca_file = \"{path}\"\n"),
            "this server speaks no TLS",
        ),
        (
            format!("[server.tls]\ncertificate_file = \"{path}\"\n"),
            "`server.tls.key_file` is missing",
        ),
        ("[auth.api_key]\n".to_owned(), "did you mean `api_keys`?"),
    ] {
        let problems = Case::file(&file).problems();
        assert!(problems.contains(part), "{part} in {problems} for\n{file}");
    }
    let file = format!("{jwt}{issuer}").replace("https://i.example/jwks", "http://127.0.0.1:9/jwks");
    assert!(Case::file(&file).load().config.auth.is_configured());
}
