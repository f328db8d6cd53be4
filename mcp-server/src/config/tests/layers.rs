//! File, environment and flags: which wins, and where a value is said to come from.

use super::*;

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
