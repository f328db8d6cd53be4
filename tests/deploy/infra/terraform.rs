//! `deploy/terraform`: formatted, valid, planned with mocks, true to the tables; and mistakes planted in it are found.
//!
//! Terraform cannot fetch the provider without its registry, so a stand-in tells it the provider's schema
//! (`terraform/stub.py`). What the provider itself would check, such as the values of an enumeration, is not checked.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use tempfile::TempDir;

use crate::tools;

/// Every folder that terraform can be run in, modules before those that use them.
const FOLDERS: &[&str] = &[
    "modules/residency",
    "modules/networking",
    "modules/kubernetes",
    "modules/database",
    "modules/ai",
    "modules/monitoring",
    "modules/environment",
    "environments/development",
    "environments/staging",
    "environments/production",
    "global",
];

/// A copy of the files, and a stand-in for the provider beside it.
struct Cloud {
    folder: TempDir,
    stub: Child,
    reattach: String,
}

impl Cloud {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the copy");
        copy(&tools::deploy("terraform"), &folder.path().join("tree"));
        let script = tools::root().join("tests/deploy/infra/terraform/stub.py");
        let mut stub = Command::new(super::python())
            .arg(script)
            .arg(folder.path().join("provider.sock"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let mut reattach = String::new();
        let output = stub.stdout.take().expect("it was piped");
        BufReader::new(output)
            .read_line(&mut reattach)
            .expect("the stand-in says where it is");
        assert!(
            reattach.starts_with('{'),
            "the stand-in did not start: {reattach}"
        );
        Self {
            folder,
            stub,
            reattach,
        }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("tree").join(file)
    }

    /// Runs terraform in a folder; whether it succeeded, and all that it said.
    fn terraform(&self, folder: &str, arguments: &[&str]) -> (bool, String) {
        let output = tools::end(
            terraform()
                .args(arguments)
                .current_dir(self.path(folder))
                .env("TF_REATTACH_PROVIDERS", self.reattach.trim()),
        );
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    /// Initialises, validates and tests a folder. The first failure ends it.
    fn check(&self, folder: &str) -> Result<u32, String> {
        let mut said = String::new();
        for arguments in [
            &["init", "-backend=false", "-input=false", "-no-color"][..],
            &["validate", "-no-color"],
            &["test", "-no-color"],
        ] {
            let (success, text) = self.terraform(folder, arguments);
            if !success {
                return Err(text);
            }
            said = text;
        }
        let passed = said
            .rsplit_once("Success! ")
            .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
        passed.filter(|&passed| passed > 0).ok_or(said)
    }
}

/// Does some work for each item, on as many copies of the files as CI has processors: terraform keeps one busy for seconds.
fn shared_out<T: Sync>(items: &[T], work: impl Fn(&Cloud, &T) + Sync) {
    const COPIES: usize = 2;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..COPIES {
            scope.spawn(|| {
                let cloud = Cloud::new();
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(&cloud, item);
                }
            });
        }
    });
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // It ends by itself when its standard input does; waiting without closing that would last for ever.
        drop(self.stub.stdin.take());
        self.stub.wait().expect("the stand-in ends");
    }
}

fn terraform() -> Command {
    let mut command = tools::tool("terraform");
    command
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("TF_IN_AUTOMATION", "1")
        .env("CHECKPOINT_DISABLE", "1");
    command
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("an entry can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("it has a type").is_dir() {
            if entry.file_name() != ".terraform" {
                copy(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// The text of every `.tf` file, by path from `deploy/terraform`.
fn sources() -> Vec<(String, String)> {
    FOLDERS
        .iter()
        .flat_map(|folder| {
            let entries = fs::read_dir(tools::deploy("terraform").join(folder)).expect("the folder is there");
            entries.filter_map(move |entry| {
                let path = entry.expect("an entry can be read").path();
                let name = path.file_name()?.to_str()?.to_owned();
                (path.extension()? == "tf").then(|| {
                    (
                        format!("{folder}/{name}"),
                        fs::read_to_string(&path).expect("it is text"),
                    )
                })
            })
        })
        .collect()
}

/// The text with every run of blanks as one, so that the alignment does not matter.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn files_are_formatted() {
    tools::run(
        terraform()
            .args(["fmt", "-check", "-recursive", "-diff"])
            .arg(tools::deploy("terraform")),
    );
}

#[test]
fn every_folder_is_valid_and_its_tests_pass() {
    shared_out(FOLDERS, |cloud, folder| {
        let passed = cloud
            .check(folder)
            .unwrap_or_else(|said| panic!("{folder}:\n{said}"));
        println!("{folder}: {passed} tests");
    });
}

#[test]
fn no_folder_is_forgotten() {
    let root = tools::deploy("terraform");
    let mut found: Vec<String> = ["modules", "environments"]
        .iter()
        .flat_map(|group| {
            let entries = fs::read_dir(root.join(group)).expect("the folder is there");
            entries.map(move |entry| {
                format!(
                    "{group}/{}",
                    entry.expect("an entry").file_name().to_string_lossy()
                )
            })
        })
        .chain(["global".to_owned()])
        .collect();
    found.sort();
    let mut known = FOLDERS.to_vec();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn the_schema_is_that_of_the_pinned_version() {
    let schema = fs::read_to_string(tools::root().join("tests/deploy/infra/terraform/azurerm.json"));
    let schema: serde_json::Value =
        serde_json::from_str(&schema.expect("the schema is there")).expect("it is JSON");
    let version = schema["version"].as_str().expect("it names a version");
    let pins: Vec<(String, String)> = sources()
        .into_iter()
        .filter(|(_, text)| text.contains("hashicorp/azurerm"))
        .collect();
    assert_eq!(
        pins.len(),
        FOLDERS.len() - 1,
        "only the residency's table needs no provider"
    );
    for (path, text) in pins {
        assert!(
            plain(&text).contains(&format!("version = \"{version}\"")),
            "{path} pins another version than {version}"
        );
    }
}

/// What a copy of the files is changed to, and what must be said about it.
struct Mistake {
    kind: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    folder: &'static str,
    said: &'static str,
}

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    Mistake { kind: "a typo", file: "modules/kubernetes/main.tf", from: "dns_prefix_private_cluster", to: "dns_prefx_private_cluster", folder: "modules/kubernetes", said: "Did you mean \"dns_prefix_private_cluster\"?" },
    Mistake { kind: "a wrong type", file: "modules/kubernetes/main.tf", from: "max_pods                     = 110", to: "max_pods = \"many\"", folder: "modules/kubernetes", said: "a number is required" },
    Mistake { kind: "a missing argument", file: "modules/database/main.tf", from: "  administrator_login               = local.is_replica ? null : var.administrator.login\n", to: "  colation = 1\n", folder: "modules/database", said: "Unsupported argument" },
    Mistake { kind: "min > max", file: "environments/staging/main.tf", from: "{ min = 3, max = 9 }", to: "{ min = 10, max = 9 }", folder: "environments/staging", said: "nodes.min must be" },
    Mistake { kind: "a zone too few", file: "modules/kubernetes/variables.tf", from: "[\"1\", \"2\", \"3\"]", to: "[\"1\", \"2\"]", folder: "modules/kubernetes", said: "do not span three zones" },
    Mistake { kind: "a wrong port", file: "modules/networking/main.tf", from: "[\"8000\", \"8080\", \"8090\"]", to: "[\"8000\", \"8081\", \"8090\"]", folder: "modules/networking", said: "a row of the zone table" },
    Mistake { kind: "a rule too many", file: "modules/networking/main.tf", from: "      { name = \"bastion\", from = \"bastion\", ports = [\"22\"] },", to: "      { name = \"bastion\", from = \"bastion\", ports = [\"22\"] },\n      { name = \"dmz\", from = \"dmz\", ports = [\"22\"] },", folder: "modules/networking", said: "a rule was added or lost" },
    Mistake { kind: "a public endpoint", file: "modules/database/main.tf", from: "public_network_access_enabled = false", to: "public_network_access_enabled = true", folder: "modules/database", said: "a data store is public" },
    Mistake { kind: "data elsewhere", file: "environments/production/main.tf", from: "germanywestcentral", to: "eastus2", folder: "environments/production", said: "tenants of the residency eu fail over within it" },
    Mistake { kind: "processing elsewhere", file: "environments/staging/main.tf", from: "DataZoneStandard", to: "GlobalStandard", folder: "environments/staging", said: "a Global deployment is processed anywhere" },
];

#[test]
fn planted_mistakes_are_found() {
    shared_out(MISTAKES, |cloud, mistake| {
        let path = cloud.path(mistake.file);
        let before = fs::read_to_string(&path).expect("the file is there");
        assert!(
            before.contains(mistake.from),
            "{}: {} is not in {}",
            mistake.kind,
            mistake.from,
            mistake.file
        );
        fs::write(&path, before.replace(mistake.from, mistake.to)).expect("the copy can be written");
        let said = cloud.check(mistake.folder).expect_err(mistake.kind);
        // Terraform breaks lines where it likes.
        let said = plain(&said.replace('│', " "));
        assert!(
            said.contains(mistake.said),
            "{}: another reason was given:\n{said}",
            mistake.kind
        );
        fs::write(&path, before).expect("the copy can be written");
    });
}

#[test]
fn tiers_are_those_of_the_architecture() {
    // "Gen5 N vCore" names a product that is retired; its vCores are kept.
    for (environment, compute, vcores) in [
        ("production", "Standard_D4s_v3", 8),
        ("staging", "Standard_D2s_v3", 4),
        ("development", "Standard_B2s", 2),
    ] {
        let text = plain(&tools::read(&format!(
            "terraform/environments/{environment}/main.tf"
        )));
        assert!(
            text.contains(&format!("node_size = \"{compute}\"")),
            "{environment}: nodes"
        );
        assert!(
            text.contains(&format!("sku = \"GP_Standard_D{vcores}ds_v5\"")),
            "{environment}: database"
        );
    }
}

#[test]
fn no_secret_can_reach_a_state() {
    // What Terraform makes, or is told outside a write-only argument, is in its state for everyone who may read that.
    let forbidden = [
        "random_password",
        "azurerm_key_vault_secret",
        "administrator_password =",
        "admin_password =",
        "primary_access_key",
        "primary_connection_string",
        "kube_admin_config",
        "kube_config",
        "shared_access_key_enabled = true",
        "local_auth_enabled = true",
        "access_keys_authentication_enabled = true",
        "admin_enabled = true",
    ];
    for (path, text) in sources() {
        let text = plain(&text);
        for word in forbidden {
            // Handing the ephemeral variable on to a module is how it reaches the write-only argument.
            let text = text.replace("administrator_password = var.administrator_password", "");
            assert!(!text.contains(word), "{path}: {word}");
        }
        if text.contains("variable \"administrator_password\"") {
            let rest = text
                .split("variable \"administrator_password\"")
                .nth(1)
                .expect("it was found");
            assert!(
                rest.contains("ephemeral = true sensitive = true"),
                "{path}: the password would be kept"
            );
        }
    }
}

#[test]
fn only_ways_out_and_bastions_have_public_addresses() {
    let addresses: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| {
            let named = text
                .lines()
                .filter_map(|line| line.strip_prefix("resource \"azurerm_public_ip\" "));
            named
                .map(|name| format!("{path} {}", name.trim_end_matches(" {")))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        addresses,
        [
            "modules/networking/egress.tf \"egress\"",
            "modules/environment/management.tf \"bastion\""
        ]
    );
    for (path, text) in sources() {
        assert!(
            !plain(&text).contains("public_network_access_enabled = true"),
            "{path}"
        );
    }
}
