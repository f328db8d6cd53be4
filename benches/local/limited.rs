//! The released program, default settings, in a control group of 1 GiB: a hundred callers with more than there is room for.
//!
//! It must never be killed, and answer as before when they are gone. Making a control group takes root.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{http_client, server_under_test::program};

use crate::{Result, start::free_address};

const LIMIT_BYTES: u64 = 1 << 30;
const CALLERS: usize = 100;
/// Close to what a body may be at most.
const TOO_LONG: usize = 4_000_000;
const ANSWER_TOKENS: usize = 32;
const START_LIMIT: Duration = Duration::from_mins(2);

/// Loads the file there, calls, and says what came of it.
///
/// # Errors
/// Where the program was killed, or answers no more.
pub(crate) fn outlive(file: &Path) -> Result<String> {
    let group = Group::new()?;
    let address = free_address()?;
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("mcp-server.toml");
    let text = format!(
        "[server]\nlisten = \"{address}\"\nmetrics_listen = \"127.0.0.1:0\"\n\
         [[backends]]\nname = \"local\"\nkind = \"local\"\nmodel = \"{}\"\n\
         [[models]]\nname = \"default\"\nchain = [\"local\"]\n",
        file.display()
    );
    fs::write(&config, text)?;
    let mut server = Server::start(&group, &config, folder.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let told = runtime.block_on(async {
        let calls = Calls {
            client: http_client(),
            url: format!("http://{address}"),
        };
        calls.until_ready(&mut server).await?;
        calls.all().await
    });
    let (peak, kills) = (group.peak()? >> 20, group.kills()?);
    if let Some(status) = server.0.try_wait()? {
        return Err(format!("the program ended ({status}), killed {kills} times; {peak} MiB at most").into());
    }
    let told = told?;
    if kills > 0 {
        return Err(format!("{kills} processes were killed; {told}").into());
    }
    Ok(format!(
        "Within 1 GiB, {}: {told}; {peak} MiB at most, page cache included.",
        file.file_name().unwrap_or_default().display()
    ))
}

/// Ends with us.
struct Server(Child);

impl Server {
    /// The shell enters the group, then becomes the program.
    fn start(group: &Group, config: &Path, home: &Path) -> Result<Self> {
        let process = Command::new("sh")
            .args(["-c", "echo $$ > \"$0\" && exec \"$@\""])
            .arg(group.folder.join("cgroup.procs"))
            .arg(program())
            .args(["serve", "--config"])
            .arg(config)
            .current_dir(home)
            .env("HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(home.join("log"))?)
            .spawn()?;
        Ok(Self(process))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Calls {
    client: reqwest::Client,
    url: String,
}

impl Calls {
    async fn until_ready(&self, server: &mut Server) -> Result<()> {
        let end = Instant::now() + START_LIMIT;
        while Instant::now() < end && server.0.try_wait()?.is_none() {
            let answer = self.client.get(format!("{}/health/ready", self.url)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the program does not become ready".into())
    }

    /// Callers far beyond the context, callers who fill it, callers who fill a part of it; and one that comes after.
    async fn all(&self) -> Result<String> {
        let context = self.context().await?;
        let longest = context - 2 * ANSWER_TOKENS;
        let mut told = vec![format!("context of {context} tokens")];
        for length in [TOO_LONG, longest, longest / 8] {
            let calls = (0..CALLERS).map(|caller| self.call(caller, length));
            let mut outcomes = BTreeMap::new();
            for outcome in join_all(calls).await {
                *outcomes.entry(outcome).or_insert(0) += 1;
            }
            eprintln!("  {CALLERS} prompts of {length}: {outcomes:?}");
            let outcomes: Vec<String> = outcomes
                .into_iter()
                .map(|(outcome, count)| format!("{count} {outcome}"))
                .collect();
            told.push(format!(
                "{CALLERS} prompts of {length} tokens: {}",
                outcomes.join(", ")
            ));
        }
        match self.call(CALLERS, 16).await.as_str() {
            "answered" => Ok(told.join("; ")),
            other => Err(format!("afterwards a short call is {other}").into()),
        }
    }

    /// What the server says about a prompt that is too long.
    async fn context(&self) -> Result<usize> {
        let body = self.ask(0, TOO_LONG).await?.1;
        let message = body["error"]["message"].as_str().unwrap_or_default();
        let number = message
            .split(" available")
            .next()
            .and_then(|before| before.rsplit(' ').next());
        number
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| format!("no context in {body}").into())
    }

    async fn call(&self, caller: usize, length: usize) -> String {
        match self.ask(caller, length).await {
            Ok((200, _)) => "answered".to_owned(),
            Ok((status, body)) => {
                let code = body["error"]["code"].as_str().unwrap_or("without a code");
                format!("{code} ({status})")
            }
            Err(error) => format!("cut off ({error})"),
        }
    }

    /// Status and body. No two callers begin alike, so that nobody profits from another.
    async fn ask(&self, caller: usize, length: usize) -> Result<(u16, Value)> {
        let text: String = format!("{caller:03} ")
            .chars()
            .chain("qwrtzpsdfg".chars().cycle())
            .take(length)
            .collect();
        let body = json!({"model": "default", "max_tokens": ANSWER_TOKENS, "messages": [
            {"role": "user", "content": text},
        ]});
        let answer = self
            .client
            .post(format!("{}/v1/chat/completions", self.url))
            .json(&body)
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await?))
    }
}

/// A control group that bounds memory; gone with us.
struct Group {
    folder: PathBuf,
    version_1: bool,
}

impl Group {
    fn new() -> Result<Self> {
        let name = format!("b2xgate-bench-{}", std::process::id());
        let old = Path::new("/sys/fs/cgroup/memory");
        let version_1 = old.is_dir();
        let root = if version_1 {
            old
        } else {
            Path::new("/sys/fs/cgroup")
        };
        let folder = root.join(name);
        fs::create_dir(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let group = Self { folder, version_1 };
        let limit = if version_1 {
            "memory.limit_in_bytes"
        } else {
            "memory.max"
        };
        fs::write(group.folder.join(limit), LIMIT_BYTES.to_string())
            .map_err(|error| format!("cannot bound the memory of {}: {error}", group.folder.display()))?;
        // Memory that could go elsewhere would not be bounded. Where there is no swap, there may be no such file.
        let (swap, limit) = if version_1 {
            ("memory.memsw.limit_in_bytes", LIMIT_BYTES)
        } else {
            ("memory.swap.max", 0)
        };
        let _ = fs::write(group.folder.join(swap), limit.to_string());
        Ok(group)
    }

    fn peak(&self) -> Result<u64> {
        let name = if self.version_1 {
            "memory.max_usage_in_bytes"
        } else {
            "memory.peak"
        };
        Ok(fs::read_to_string(self.folder.join(name))?.trim().parse()?)
    }

    fn kills(&self) -> Result<u64> {
        let name = if self.version_1 {
            "memory.oom_control"
        } else {
            "memory.events"
        };
        let text = fs::read_to_string(self.folder.join(name))?;
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        Ok(count.ok_or("the kernel does not count kills")?.parse()?)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The kernel lets go of a process a moment after it has ended.
        for _ in 0..100 {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}
