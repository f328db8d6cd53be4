//! The ledger as production has it, in a real PostgreSQL: accounts by the statements that Vault is given, the job that makes the
//! tables, and a server that goes on when its account is another.

use std::{fs, path::Path, process::Output, time::Duration};

use serde_json::{Value, json};
use tests::{
    eventually,
    ledger::{rows, run},
    postgres::Postgres,
    server_under_test::{ServerUnderTest, Settings, command},
};

use super::{
    render::{self, OVERLAYS, production},
    tables::config,
};
use crate::{documents::find, tools};

const SOON: Duration = Duration::from_secs(40);
/// Which rows are looked at.
const MINE: &[&str] = &["--config", "mcp-server.toml", "--tenant", "development"];
/// The account of Vault, which is no superuser.
const VAULT: &str = "SET SESSION AUTHORIZATION vault;";

fn job(documents: &[Value]) -> &Value {
    &find(documents, "Job", "mcp-server-migration")["spec"]["template"]["spec"]["containers"][0]
}

/// A variable of the job.
fn variable<'a>(documents: &'a [Value], name: &str) -> &'a str {
    let mut variables = job(documents)["env"].as_array().expect("variables").iter();
    let found = variables.find(|variable| variable["name"] == name);
    found
        .and_then(|found| found["value"].as_str())
        .expect("it is set")
}

#[test]
fn job_and_server_mean_one_database_and_files_that_are_mounted() {
    for overlay in OVERLAYS {
        let documents = render::rendered(overlay);
        let store = &config(&documents)["store"];
        if overlay == "development" {
            assert!(
                store["kind"].is_null(),
                "development has a ledger on each pod's volume"
            );
            continue;
        }
        assert_eq!(store["kind"], "postgres", "{overlay}");
        assert_eq!(
            store["url"],
            variable(&documents, "MCP_SERVER__STORE__URL"),
            "{overlay}"
        );
        assert!(
            store["url"]
                .as_str()
                .is_some_and(|url| url.ends_with("?sslmode=verify-full")),
            "{overlay}: whom the server talks to is not checked"
        );
        let owner = ["USERNAME", "PASSWORD"]
            .map(|key| variable(&documents, &format!("MCP_SERVER__STORE__{key}_FILE")));
        let server = ["username_file", "password_file"].map(|key| store[key].as_str().expect("a file"));
        for (files, class, path) in [
            (server, "mcp-server-ledger", "database/creds/mcp-server\n"),
            (owner, "mcp-server-migration", "database/creds/mcp-server-owner\n"),
        ] {
            let objects = &find(&documents, "SecretProviderClass", class)["spec"]["parameters"]["objects"];
            let objects = objects.as_str().expect("a text");
            assert_eq!(
                objects.matches(&format!("secretPath: {path}")).count(),
                2,
                "{objects}"
            );
            for file in files {
                let (folder, name) = file.rsplit_once('/').expect("a path");
                assert!(objects.contains(&format!("objectName: {name}\n")), "{file}");
                assert!(
                    mounts(&documents, class).contains(&folder.to_owned()),
                    "{file} is not mounted"
                );
            }
        }
    }
}

/// Where pods mount a class of secrets.
fn mounts(documents: &[Value], class: &str) -> Vec<String> {
    let mut found = Vec::new();
    for kind in ["Deployment", "Job"] {
        for workload in crate::documents::of_kind(documents, kind) {
            let pod = &workload["spec"]["template"]["spec"];
            let volumes = pod["volumes"].as_array().expect("volumes");
            let volume = volumes
                .iter()
                .find(|volume| volume["csi"]["volumeAttributes"]["secretProviderClass"] == class);
            let mounts = pod["containers"][0]["volumeMounts"].as_array().expect("mounts");
            found.extend(
                mounts
                    .iter()
                    .filter(|mount| volume.is_some_and(|volume| mount["name"] == volume["name"]))
                    .map(|mount| mount["mountPath"].as_str().expect("a path").to_owned()),
            );
        }
    }
    found
}

#[test]
fn files_of_vault_can_be_read_by_a_pod_that_is_not_root() {
    // The driver gives them to root, whatever `fsGroup` says.
    for overlay in ["production", "staging"] {
        for class in crate::documents::of_kind(&render::rendered(overlay), "SecretProviderClass") {
            let objects = class["spec"]["parameters"]["objects"].as_str().expect("a text");
            assert_eq!(
                objects.matches("filePermission: 0444").count(),
                objects.matches("objectName: ").count(),
                "{objects}"
            );
        }
    }
}

#[test]
fn the_tables_are_made_before_the_pods_of_a_new_version() {
    let wave = |kind: &str, name: &str| -> i64 {
        let annotations = &find(production(), kind, name)["metadata"]["annotations"];
        let wave = annotations["argocd.argoproj.io/sync-wave"].as_str();
        wave.unwrap_or("0").parse().expect("a wave is a number")
    };
    let name = "mcp-server-migration";
    let order = [
        wave("Namespace", "b2x-application"),
        wave("SecretProviderClass", name),
        wave("Job", name),
        wave("Deployment", "mcp-server"),
    ];
    assert!(order.is_sorted_by(|before, after| before < after), "{order:?}");
    for kind in ["ServiceAccount", "NetworkPolicy"] {
        assert_eq!(wave(kind, name), wave("SecretProviderClass", name), "{kind}");
    }
    let annotations = &find(production(), "Job", name)["metadata"]["annotations"];
    assert_eq!(annotations["argocd.argoproj.io/hook"], "Sync");
    // A job cannot be changed, so the old one goes first.
    assert_eq!(
        annotations["argocd.argoproj.io/hook-delete-policy"],
        "BeforeHookCreation"
    );
}

/// A database in which only the superuser comes in without a password, laid out as the README says.
async fn laid_out() -> Postgres {
    let postgres = Postgres::start().await;
    let hba_file = postgres.ask("SHOW hba_file").await.remove(0);
    let text = "SELECT 'host all owner all trust' UNION ALL SELECT 'host all all all scram-sha-256'";
    postgres.ask(&format!("COPY ({text}) TO '{hba_file}'")).await;
    postgres.ask("SELECT pg_reload_conf()").await;
    postgres
        .ask("CREATE ROLE vault LOGIN CREATEROLE; ALTER DATABASE postgres OWNER TO vault")
        .await;
    let roles = tools::read("secrets/vault/ledger-roles.sql");
    for _ in 0..2 {
        postgres.ask(&format!("{VAULT} {roles}")).await;
    }
    postgres
}

/// Does what Vault does for a role: `creation_statements` or `revocation_statements`.
async fn vault(postgres: &Postgres, role: &str, statements: &str, name: &str) {
    let role: Value =
        serde_json::from_str(&tools::read(&format!("secrets/vault/roles/database-{role}.json")))
            .expect("roles are JSON");
    for statement in role[statements].as_array().expect("statements") {
        let statement = statement
            .as_str()
            .expect("a statement")
            .replace("{{name}}", name)
            .replace("{{password}}", &password(name))
            .replace("{{expiration}}", "2099-01-01 00:00:00+00");
        postgres.ask(&format!("{VAULT} {statement}")).await;
    }
}

fn password(name: &str) -> String {
    format!("{name}/p@ss:%41")
}

/// Writes an account where the driver would.
fn write(folder: &Path, name: &str) {
    fs::create_dir_all(folder).expect("a writable folder");
    fs::write(folder.join("username"), name).expect("a writable folder");
    fs::write(folder.join("password"), password(name)).expect("a writable folder");
}

/// The URL of production, but on this machine.
fn here(url: &str, postgres: &Postgres) -> String {
    let (_, name) = url.rsplit_once('/').expect("a name of a database");
    assert_eq!(name, "mcp_server?sslmode=verify-full");
    // Neither user nor certificate: the former is in a file, the latter is Azure's.
    postgres.url("").replace("//@", "//")
}

/// Runs the job as a pod does, with its owner's account mounted.
async fn migrate(postgres: &Postgres, folder: &Path) -> Output {
    let mut program = command(folder);
    let arguments = job(production())["args"].as_array().expect("arguments");
    program.args(arguments.iter().filter_map(Value::as_str));
    for variable in job(production())["env"].as_array().expect("variables") {
        let value = variable["value"].as_str().expect("a value");
        let value = value.replace("/run/secrets/mcp-server", &folder.display().to_string());
        let value = if value.starts_with("postgres://") {
            here(&value, postgres)
        } else {
            value
        };
        program.env(variable["name"].as_str().expect("a name"), value);
    }
    program.output().await.expect("the program runs")
}

/// `[store]` of production, on this machine.
fn store(postgres: &Postgres) -> String {
    let mut store = config(production())["store"].clone();
    store["url"] = json!(here(store["url"].as_str().expect("a URL"), postgres));
    let store = toml::to_string(&json!({"store": store})).expect("it was TOML");
    store
        .replace("/run/secrets/mcp-server/ledger/", "")
        .replace("/var/lib/mcp-server", "state")
}

async fn written_down(server: &ServerUnderTest) {
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "Where is my parcel?"}))
        .await;
    exchange.answer();
    eventually("the journal is carried over", SOON, async || {
        let pending = server.metrics().await.get("mcp_ledger_pending_bytes", &[]);
        (pending == Some(0.0)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_is_written_by_accounts_that_come_and_go() {
    let postgres = laid_out().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    vault(&postgres, "mcp-server-owner", "creation_statements", "owner-1").await;
    write(&folder.path().join("owner"), "owner-1");
    let output = migrate(&postgres, folder.path()).await;
    assert!(output.status.success(), "{output:?}");
    let owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename LIKE 'mcp_%'";
    assert_eq!(
        postgres.ask(owners).await,
        ["mcp_owner"],
        "tables outlive the account that made them"
    );
    vault(&postgres, "mcp-server-owner", "revocation_statements", "owner-1").await;
    let output = migrate(&postgres, folder.path()).await;
    assert!(!output.status.success(), "an account that has ended is let in");

    vault(&postgres, "mcp-server", "creation_statements", "server-1").await;
    let settings = Settings::local()
        .server(&store(&postgres))
        .file("username", "server-1")
        .file("password", &password("server-1"));
    let server = ServerUnderTest::start(&settings).await;
    written_down(&server).await;
    // Row-level security holds for it: one tenant at a time.
    let (code, _, said) = run(
        server.folder(),
        &["tenant", "usage", "--config", "mcp-server.toml"],
    )
    .await;
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(rows(server.folder(), MINE).await.len(), 1);

    // The lease ends: another account is in the files, the old one is gone, and so is its connection.
    vault(&postgres, "mcp-server", "creation_statements", "server-2").await;
    write(server.folder(), "server-2");
    vault(&postgres, "mcp-server", "revocation_statements", "server-1").await;
    postgres
        .ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IS DISTINCT FROM 'owner' AND datname IS NOT NULL")
        .await;
    written_down(&server).await;
    assert_eq!(rows(server.folder(), MINE).await.len(), 2);
    let inside = "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'psql'";
    assert_eq!(postgres.ask(inside).await, ["server-2"]);
}
