//! `deploy/container`: the Dockerfile by the rules of the house, its file system assembled and the server started in it,
//! and the unit by systemd's own judgement.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::Command,
};

use tests::server_under_test::{ServerUnderTest, program};

use crate::tools::{self, read};

/// The user that the image runs as.
const USER: u32 = 65532;

/// Instructions of the Dockerfile, with continued lines joined: stage, word and rest.
fn instructions() -> Vec<(usize, String, String)> {
    let text = read("container/Dockerfile").replace("\\\n", " ");
    let mut stage = 0;
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (word, rest) = line.split_once(' ').expect("an instruction and its arguments");
            stage += usize::from(word == "FROM");
            (stage, word.to_owned(), rest.trim().to_owned())
        })
        .collect()
}

fn of_last_stage(word: &str) -> Vec<String> {
    let all = instructions();
    let last = all.last().expect("instructions").0;
    all.into_iter()
        .filter(|(stage, known, _)| *stage == last && known == word)
        .map(|(.., rest)| rest)
        .collect()
}

#[test]
fn the_image_is_small_rootless_and_reproducible_in_its_steps() {
    let froms: Vec<String> = instructions()
        .into_iter()
        .filter(|(_, word, _)| word == "FROM")
        .map(|(.., rest)| rest)
        .collect();
    assert_eq!(froms.len(), 2, "one stage builds, one ships: {froms:?}");
    for from in &froms {
        let image = from.split(' ').next().expect("an image");
        assert!(
            image.contains(':') && !image.ends_with(":latest"),
            "{image} has no tag"
        );
    }
    let manifest = fs::read_to_string(tools::root().join("Cargo.toml")).expect("the workspace's manifest");
    let least = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .expect("a version")
        .trim_matches('"');
    let builder = froms[0]
        .strip_prefix("rust:")
        .and_then(|rest| rest.split('-').next())
        .expect("Rust builds it");
    let number = |version: &str| {
        version
            .split('.')
            .map(|part| part.parse::<u32>().expect("a number"))
            .collect::<Vec<_>>()
    };
    assert!(
        number(builder) >= number(least),
        "Rust {builder} is older than {least}"
    );
    assert!(froms[1].contains("distroless"), "the image has no shell");
    assert_eq!(of_last_stage("USER"), [format!("{USER}:{USER}")]);
    assert!(
        of_last_stage("RUN").is_empty(),
        "nothing runs where there is no shell"
    );
    assert_eq!(of_last_stage("STOPSIGNAL"), ["SIGTERM"]);
    assert_eq!(of_last_stage("EXPOSE"), ["8080 9464"]);
    assert_eq!(of_last_stage("ENTRYPOINT"), ["[\"/usr/local/bin/mcp-server\"]"]);
    for (_, word, rest) in instructions() {
        assert!(word != "ADD", "ADD does more than it says");
        assert!(
            !(word == "RUN" && rest.contains("apt-get")),
            "the builder needs nothing more"
        );
        if word == "RUN" {
            assert!(
                rest.contains("--locked") && rest.contains("--mount=type=cache"),
                "{rest}"
            );
        }
    }
    let ignored = fs::read_to_string(tools::deploy("container/Dockerfile.dockerignore")).expect("a list");
    assert!(
        ignored.lines().any(|line| line == "**/target"),
        "the context would hold what was built here"
    );
}

/// What the last stage holds: the binary, what it is linked to (as distroless/cc has it), and certificates.
fn assemble(root: &Path) {
    let entry = of_last_stage("ENTRYPOINT")[0]
        .trim_matches(['[', ']', '"'])
        .to_owned();
    let inside = |path: &str| root.join(path.trim_start_matches('/'));
    let place = |from: &Path, path: &str| {
        let target = inside(path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("a writable folder");
        fs::copy(from, &target).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    };
    place(&program(), &entry);
    fs::set_permissions(inside(&entry), fs::Permissions::from_mode(0o755)).expect("a file of ours");
    let linked = tools::run(Command::new("ldd").arg(program()));
    let libraries: Vec<&str> = linked
        .split_whitespace()
        .filter(|word| word.starts_with('/'))
        .collect();
    assert!(!libraries.is_empty(), "{linked}");
    for library in libraries {
        let name = Path::new(library).file_name().expect("a name").to_string_lossy();
        let known = [
            "libc.so",
            "libm.so",
            "libgcc_s.so",
            "libpthread.so",
            "libdl.so",
            "librt.so",
            "ld-linux",
        ];
        assert!(
            known.iter().any(|known| name.starts_with(known)),
            "distroless/cc has no {name}"
        );
        place(Path::new(library), library);
    }
    let certificates = Path::new("/etc/ssl/certs/ca-certificates.crt");
    if certificates.is_file() {
        place(certificates, "/etc/ssl/certs/ca-certificates.crt");
    }
    for (folder, mode, owner) in [
        ("tmp", 0o1777, 0),
        (of_last_stage("WORKDIR")[0].as_str(), 0o750, USER),
    ] {
        fs::create_dir_all(inside(folder)).expect("a writable folder");
        fs::set_permissions(inside(folder), fs::Permissions::from_mode(mode)).expect("a folder of ours");
        chown(inside(folder), Some(owner), Some(owner)).expect("root gives folders away");
    }
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).expect("a folder of ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_starts_in_the_file_system_of_its_image() {
    let is_root = tools::run(Command::new("id").arg("-u")).trim() == "0";
    assert!(
        is_root,
        "changing the root takes root: run the step `deploy` as root, or leave it out with --skip"
    );
    let root = tempfile::tempdir().expect("a temporary folder");
    assemble(root.path());
    let mut command = tokio::process::Command::new("chroot");
    command
        .arg(format!("--userspec={USER}:{USER}"))
        .arg(root.path())
        .arg("/usr/local/bin/mcp-server")
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics-listen",
            "127.0.0.1:0",
        ])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .kill_on_drop(true);
    for variable in of_last_stage("ENV") {
        let (name, value) = variable.split_once('=').expect("a variable");
        command.env(name, value);
    }
    let server = ServerUnderTest::start_command(command, root).await;
    server.become_ready().await;
    let pid = server.pid();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let user = status
        .lines()
        .find(|line| line.starts_with("Uid:"))
        .expect("a user");
    assert_eq!(
        user.split_whitespace().nth(1),
        Some(USER.to_string().as_str()),
        "{user}"
    );
}

/// The unit, with the program of this build in place of the installed one.
fn unit(folder: &Path) -> std::path::PathBuf {
    let text = read("container/mcp-server.service")
        .replace("/usr/local/bin/mcp-server", &program().display().to_string());
    let path = folder.join("mcp-server.service");
    fs::write(&path, text).expect("a writable folder");
    path
}

#[test]
fn systemd_understands_the_unit_and_finds_it_hardened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let unit = unit(folder.path());
    let verified = tools::end(
        tools::tool("systemd-analyze")
            .args(["verify", "--man=no"])
            .arg(&unit),
    );
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(
        verified.status.success() && !said.contains("mcp-server.service:"),
        "{said}"
    );
    // From 0 (shut) to 100 (open).
    tools::run(
        tools::tool("systemd-analyze")
            .args(["security", "--offline=true", "--threshold=20"])
            .arg(&unit),
    );

    let slip = fs::read_to_string(&unit)
        .expect("it was just written")
        .replace("ProtectSystem=strict", "ProtectSystm=strict");
    fs::write(&unit, slip).expect("a writable folder");
    let judged = tools::end(
        tools::tool("systemd-analyze")
            .args(["verify", "--man=no"])
            .arg(&unit),
    );
    assert!(
        String::from_utf8_lossy(&judged.stderr).contains("ProtectSystm"),
        "a slip in a key is told"
    );
}
