//! `deploy/secrets`: intervals of rotation against the architecture's table, Vault's policies against who may do what, and
//! both scripts against stand-ins for the programs that they call.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::Value;

use crate::{
    documents::{find, of_kind},
    kubernetes::render::kustomize,
    tools::{self, read},
};

const DAY_HOURS: u64 = 24;

fn role(name: &str) -> Value {
    serde_json::from_str(&read(&format!("secrets/vault/roles/{name}.json"))).expect("roles are JSON")
}

fn hours(value: &Value) -> u64 {
    let text = value.as_str().expect("a duration");
    text.strip_suffix('h')
        .and_then(|hours| hours.parse().ok())
        .unwrap_or_else(|| panic!("{text} is in no hours"))
}

#[test]
fn every_secret_rotates_at_its_documented_interval() {
    let account = role("database-mcp-server");
    assert_eq!(
        hours(&account["max_ttl"]),
        30 * DAY_HOURS,
        "database passwords: 30 days"
    );
    assert!(hours(&account["default_ttl"]) <= hours(&account["max_ttl"]));

    let script = read("secrets/vault/rotate-azure-key.sh");
    let days = script
        .lines()
        .find_map(|line| line.strip_prefix("MAX_AGE_DAYS=${MAX_AGE_DAYS:-"))
        .expect("a default");
    let days: u64 = days.trim_end_matches('}').parse().expect("days");
    assert!(
        days + 7 <= 90,
        "API keys: 90 days, and a week for a scheduler that was down"
    );

    let certificate = &find(
        &kustomize("kubernetes/overlays/production"),
        "Certificate",
        "mcp-server",
    )["spec"]
        .clone();
    assert_eq!(
        hours(&certificate["duration"]),
        90 * DAY_HOURS,
        "TLS certificates: 90 days"
    );
    assert!(
        hours(&certificate["renewBefore"]) > 14 * DAY_HOURS,
        "renewed before the alert at 14 days can fire"
    );
    assert_eq!(certificate["privateKey"]["rotationPolicy"], "Always");
    assert_eq!(
        role("pki-b2xgate-services")["max_ttl"],
        certificate["duration"],
        "Vault signs for as long"
    );

    assert_eq!(
        hours(&role("database-mcp-server-owner")["max_ttl"]),
        1,
        "the owner of the tables: as long as the job takes"
    );

    for name in [
        "kubernetes-mcp-server",
        "kubernetes-mcp-server-migration",
        "kubernetes-cert-manager",
    ] {
        assert_eq!(
            hours(&role(name)["token_max_ttl"]),
            DAY_HOURS,
            "service tokens: 24 hours"
        );
    }
    let key = role("transit-mcp-server");
    assert_eq!(
        key["auto_rotate_period"], "0",
        "encryption keys: by hand, with the audit log"
    );
    assert_eq!(
        (&key["exportable"], &key["deletion_allowed"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    let told = read("secrets/README.md");
    for interval in ["| 30 days", "| 90 days", "| 24 hours", "| 365 days"] {
        assert!(told.contains(interval), "{interval}");
    }
}

#[test]
fn services_are_certified_by_our_own_authority_and_the_edge_by_a_public_one() {
    let issuers = kustomize("secrets/cert-manager");
    let certificate = &find(
        &kustomize("kubernetes/overlays/production"),
        "Certificate",
        "mcp-server",
    )["spec"]
        .clone();
    let issuer = find(
        &issuers,
        "ClusterIssuer",
        certificate["issuerRef"]["name"].as_str().expect("a name"),
    );
    assert_eq!(issuer["spec"]["vault"]["path"], "pki/sign/b2xgate-services");
    assert_eq!(
        issuer["spec"]["vault"]["auth"]["kubernetes"]["serviceAccountRef"]["audiences"],
        serde_json::json!([role("kubernetes-cert-manager")["audience"]]),
        "Vault takes no other token"
    );
    assert!(
        certificate["usages"]
            .as_array()
            .is_some_and(|usages| usages.iter().any(|usage| usage == "client auth"))
    );
    let edge = &find(&issuers, "Certificate", "edge")["spec"];
    assert!(find(&issuers, "ClusterIssuer", "letsencrypt")["spec"]["acme"].is_object());
    assert_eq!(edge["issuerRef"]["name"], "letsencrypt");
    assert!(
        edge["usages"]
            .as_array()
            .is_some_and(|usages| usages.iter().all(|usage| usage != "client auth")),
        "public authorities refuse it"
    );
    let allowed = role("pki-b2xgate-services");
    let domains: Vec<&str> = allowed["allowed_domains"]
        .as_array()
        .expect("names")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for name in certificate["dnsNames"].as_array().expect("names") {
        let name = name.as_str().expect("a name");
        let fits = domains
            .iter()
            .any(|domain| name == *domain || name.ends_with(&format!(".{domain}")));
        assert!(fits, "Vault would not sign {name}");
    }
}

/// The rules of a policy: path and capabilities.
fn policy(name: &str) -> BTreeMap<String, Vec<String>> {
    let text = read(&format!("secrets/vault/policies/{name}.hcl"));
    let quoted = |line: &str| {
        line.split('"')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut rules = BTreeMap::new();
    let mut path = None;
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        match line.split(' ').next().expect("a word") {
            "path" => path = quoted(line).pop(),
            "capabilities" => {
                rules.insert(path.clone().expect("a path comes first"), quoted(line));
            }
            "}" => path = None,
            other => panic!("{name}: {other} is not read here"),
        }
    }
    rules
}

/// Whether a policy allows something. A star at the end of a path stands for any rest.
fn may(policy: &BTreeMap<String, Vec<String>>, capability: &str, path: &str) -> bool {
    policy.iter().any(|(known, capabilities)| {
        let fits = known
            .strip_suffix('*')
            .map_or(known == path, |start| path.starts_with(start));
        fits && capabilities.iter().any(|known| known == capability)
    })
}

#[test]
fn vault_lets_everyone_do_what_the_table_says() {
    let policies = [
        "mcp-server",
        "mcp-server-migration",
        "cert-manager",
        "azure-key-rotation",
    ];
    for (capability, path, by) in [
        (
            "read",
            "kv/data/b2xgate/mcp-server/azure-openai",
            &["mcp-server"][..],
        ),
        ("read", "kv/data/b2xgate/store/payment", &[]),
        ("list", "kv/metadata/b2xgate", &[]),
        ("update", "kv/data/b2xgate/mcp-server/azure-openai", &[]),
        ("read", "database/creds/mcp-server", &["mcp-server"]),
        (
            "read",
            "database/creds/mcp-server-owner",
            &["mcp-server-migration"],
        ),
        ("read", "database/creds/store", &[]),
        ("read", "database/config/b2xgate", &[]),
        ("update", "pki/sign/b2xgate-services", &["cert-manager"]),
        ("update", "pki/sign-verbatim/b2xgate-services", &[]),
        ("read", "pki/cert/ca", &[]),
        ("update", "transit/encrypt/mcp-server", &["mcp-server"]),
        ("update", "transit/decrypt/mcp-server", &["mcp-server"]),
        ("update", "transit/keys/mcp-server/rotate", &[]),
        ("read", "transit/export/encryption-key/mcp-server", &[]),
        ("update", "kv/data/b2xgate/mcp-server/other", &[]),
        (
            "read",
            "kv/metadata/b2xgate/mcp-server/azure-openai",
            &["azure-key-rotation"],
        ),
        (
            "update",
            "kv/metadata/b2xgate/mcp-server/azure-openai",
            &["azure-key-rotation"],
        ),
        ("sudo", "sys/seal", &[]),
    ] {
        for name in policies {
            // The rotation writes the very secret that the server reads, and reads no key.
            let writes = name == "azure-key-rotation"
                && capability == "update"
                && path.ends_with("data/b2xgate/mcp-server/azure-openai");
            assert_eq!(
                may(&policy(name), capability, path),
                by.contains(&name) || writes,
                "may {name} {capability} {path}?"
            );
        }
    }
    for class in of_kind(
        &kustomize("kubernetes/overlays/production"),
        "SecretProviderClass",
    ) {
        let parameters = &class["spec"]["parameters"];
        let role = role(&format!(
            "kubernetes-{}",
            parameters["roleName"].as_str().expect("a role")
        ));
        let [name] = &role["token_policies"].as_array().expect("policies")[..] else {
            panic!("one policy: {role}")
        };
        let policy = policy(name.as_str().expect("a name"));
        assert_eq!(
            parameters["audience"], role["audience"],
            "Vault takes no other token"
        );
        let mounted = parameters["objects"].as_str().expect("a text").lines();
        for path in mounted.filter_map(|line| line.trim().strip_prefix("secretPath: ")) {
            assert!(
                may(&policy, "read", path),
                "the driver mounts {path}, which the role may not read"
            );
        }
    }
    for account in ["mcp-server", "mcp-server-migration"] {
        let role = role(&format!("kubernetes-{account}"));
        assert_eq!(role["token_policies"], serde_json::json!([account]));
        assert_eq!(role["bound_service_account_names"], serde_json::json!([account]));
    }
}

/// A folder with stand-ins for programs: each notes how it was called, and answers by a script.
fn stand_ins(folder: &Path, programs: &[(&str, &str)]) -> String {
    for (name, answer) in programs {
        let calls = folder.join("calls").display().to_string();
        let text = format!("#!/bin/sh\necho \"{name} $*\" >>'{calls}'\n{answer}\n");
        let path = folder.join(name);
        fs::write(&path, text).expect("a writable folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file of ours");
    }
    format!(
        "{}:{}",
        folder.display(),
        std::env::var("PATH").unwrap_or_default()
    )
}

fn run_script(script: &str, path: &str, environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new("sh");
    command
        .arg(tools::deploy(script))
        .env_clear()
        .env("PATH", path)
        .envs(environment.iter().copied());
    let output = tools::end(&mut command);
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

const ROTATION: [(&str, &str); 3] = [
    ("AZURE_ACCOUNT", "b2xgate"),
    ("AZURE_GROUP", "b2xgate-ai"),
    ("VAULT_ADDR", "https://vault.test:8200"),
];

/// Runs the rotation with a secret of this age and key, and returns what it called and what Vault was given.
fn rotate(written: &str, key: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let metadata = format!(
        "{{\n  \"updated_time\": \"{written}\",\n  \"custom_metadata\": {{\n    \"key_name\": \"{key}\"\n  }}\n}}"
    );
    let stored = folder.path().join("stored").display().to_string();
    let vault = format!(
        "case \"$1 $2\" in 'kv metadata') [ \"$3\" = get ] && echo '{metadata}' ;; 'kv put') cat >'{stored}' ;; esac; exit 0"
    );
    let path = stand_ins(
        folder.path(),
        &[("vault", &vault), ("az", "echo new-key-of-azure")],
    );
    let (succeeded, said) = run_script("secrets/vault/rotate-azure-key.sh", &path, &ROTATION);
    assert!(succeeded, "{said}");
    assert!(!said.contains("new-key-of-azure"), "the key is shown");
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    (text("calls"), text("stored"))
}

#[test]
fn the_key_of_azure_is_rotated_when_it_is_old_and_never_the_one_in_use() {
    for (key, next) in [("key1", "key2"), ("key2", "key1")] {
        let (calls, stored) = rotate("2020-01-01T00:00:00Z", key);
        assert!(calls.contains(&format!("--key-name {next}")), "{calls}");
        assert!(
            !calls.contains(&format!("--key-name {key}")),
            "the key in use was made anew: {calls}"
        );
        assert!(
            calls.contains(&format!("-custom-metadata=key_name={next}")),
            "{calls}"
        );
        assert!(
            !calls.contains("new-key-of-azure"),
            "a key is an argument: {calls}"
        );
        assert_eq!(stored.trim(), "new-key-of-azure");
    }
    let now = tools::run(Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]));
    let (calls, stored) = rotate(now.trim(), "key1");
    assert!(
        !calls.contains("az ") && stored.is_empty(),
        "a young key was rotated: {calls}"
    );
}

#[test]
fn scripts_say_what_they_want() {
    let path = std::env::var("PATH").expect("a path");
    for (script, name) in [
        ("secrets/vault/rotate-azure-key.sh", "AZURE_ACCOUNT"),
        ("secrets/vault/configure.sh", "VAULT_ADDR"),
    ] {
        let (succeeded, said) = run_script(script, &path, &[]);
        assert!(!succeeded && said.contains(name), "{script}: {said}");
    }
}

/// Runs the layout of Vault, where everything is there already or nothing is.
fn configure(is_there: bool) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let listed = if is_there {
        "file kubernetes kv database pki transit"
    } else {
        ""
    };
    let list: Vec<String> = listed
        .split_whitespace()
        .map(|name| format!("\"{name}/\":{{}}"))
        .collect();
    let answer = format!(
        "case \"$2\" in list) echo '{{{}}}' ;; esac\n[ \"$1\" != read ] || exit {}",
        list.join(","),
        i32::from(!is_there)
    );
    let path = stand_ins(folder.path(), &[("vault", &answer)]);
    let environment = [
        ("VAULT_ADDR", "https://vault.test:8200"),
        (
            "DATABASE_URL",
            "postgresql://{{username}}:{{password}}@postgres.test:5432/b2xgate?sslmode=verify-full",
        ),
        ("DATABASE_USER", "vault"),
        ("DATABASE_PASSWORD_FILE", "/run/secrets/first-password"),
    ];
    let (succeeded, said) = run_script("secrets/vault/configure.sh", &path, &environment);
    assert!(succeeded, "{said}");
    fs::read_to_string(folder.path().join("calls")).expect("it called Vault")
}

#[test]
fn vault_is_laid_out_once_and_may_be_laid_out_again() {
    let first = configure(false);
    for call in [
        "vault audit enable file",
        "vault auth enable -path=kubernetes kubernetes",
        "vault secrets enable -path=kv kv-v2",
        "vault secrets enable -path=database database",
        "vault secrets enable -path=pki pki",
        "vault secrets enable -path=transit transit",
        "vault policy write mcp-server policies/mcp-server.hcl",
        "vault write auth/kubernetes/role/mcp-server @roles/kubernetes-mcp-server.json",
        "vault write database/roles/mcp-server @roles/database-mcp-server.json",
        "vault write database/roles/mcp-server-owner @roles/database-mcp-server-owner.json",
        "allowed_roles=mcp-server,mcp-server-owner",
        "vault write -force database/rotate-root/b2xgate",
        "/generate/internal common_name=B2XGate services",
        "vault write pki/roles/b2xgate-services @roles/pki-b2xgate-services.json",
        "vault write transit/keys/mcp-server @roles/transit-mcp-server.json",
    ] {
        assert!(first.contains(call), "{call} is not in\n{first}");
    }
    let again = configure(true);
    for call in [
        "enable",
        "rotate-root",
        "/generate/internal",
        "transit/keys/mcp-server @",
    ] {
        let made = again
            .lines()
            .filter(|line| line.starts_with("vault ") && line.contains(call) && !line.contains("read "));
        assert_eq!(made.count(), 0, "{call} is done again:\n{again}");
    }
    // Every file that is named is there.
    for word in first
        .split_whitespace()
        .filter(|word| word.contains("roles/") && word.starts_with('@') || word.starts_with("policies/"))
    {
        assert!(
            tools::deploy("secrets/vault")
                .join(word.trim_start_matches('@'))
                .is_file(),
            "{word}"
        );
    }
}
