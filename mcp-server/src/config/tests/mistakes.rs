//! What is refused, and how it is said: place, reason and fix.

use super::*;

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
            "[[backends]]\nname = \"b\"\nkind = \"local\"\nkv_cache = \"q4_0\"\n",
            &[
                "`backends[0].kv_cache` is \"q4_0\"",
                "write one of \"f16\", \"q8_0\"",
            ],
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
