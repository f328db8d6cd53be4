//! The machine: ports, processor, memory, disk, clock.

use std::{
    io::ErrorKind,
    net::SocketAddr,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::Check;
use crate::cli::output;

/// Less free space than this holds no model worth pulling.
const LOW_DISK_BYTES: u64 = 2_000_000_000;
/// 2026-01-01, before this was written, in seconds since 1970.
const EARLIEST_CLOCK_SECONDS: u64 = 1_767_225_600;

pub(super) async fn port(key: &str, flag: &str, address: SocketAddr) -> Check {
    let what = format!("port {}", address.port());
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Check::good(what, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && answers_as_us(address).await => {
            Check::good(what, format!("a server is running on {address}"))
        }
        Err(error) => {
            let fix = match error.kind() {
                ErrorKind::AddrInUse => {
                    format!("end the process that uses it, or choose another address with {flag} or `{key}`")
                }
                _ => format!("choose an address of this machine with {flag} or `{key}`"),
            };
            Check::bad(what, format!("{address} cannot be listened on: {error}"), fix)
        }
    }
}

/// Whether one of our servers holds the port: then it is in use as it should be.
async fn answers_as_us(address: SocketAddr) -> bool {
    let Ok(client) = reqwest::Client::builder()
        .timeout(Duration::from_secs(2))
        .no_proxy()
        // Nothing is shown to the server, and only its kind is asked: whose certificate it has does not matter.
        .tls_danger_accept_invalid_certs(true)
        .build()
    else {
        return false;
    };
    let (health, metrics) = ("\"status\"", "mcp_queue_depth");
    for (scheme, path, sign) in [
        ("http", "health/live", health),
        ("https", "health/live", health),
        ("http", "metrics", metrics),
    ] {
        if let Ok(response) = client.get(format!("{scheme}://{address}/{path}")).send().await
            && response.status().is_success()
            && response.text().await.is_ok_and(|text| text.contains(sign))
        {
            return true;
        }
    }
    false
}

pub(super) fn processor() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (features, fast) = features();
    let found = format!(
        "{cores} cores, {}",
        if features.is_empty() {
            "no vector units".to_owned()
        } else {
            features.join(" ")
        }
    );
    if fast {
        Check::good("processor", found)
    } else {
        Check::warning(
            "processor",
            found,
            "local models run, slowly; a processor with AVX2 and FMA is several times as fast",
        )
    }
}

#[cfg(target_arch = "x86_64")]
fn features() -> (Vec<&'static str>, bool) {
    let all = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("f16c", is_x86_feature_detected!("f16c")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512vnni", is_x86_feature_detected!("avx512vnni")),
    ];
    let fast = all[0].1 && all[1].1;
    (
        all.into_iter()
            .filter_map(|(name, there)| there.then_some(name))
            .collect(),
        fast,
    )
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> (Vec<&'static str>, bool) {
    let neon = cfg!(target_feature = "neon");
    (if neon { vec!["neon"] } else { Vec::new() }, neon)
}

pub(super) fn clock() -> Check {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if now.as_secs() > EARLIEST_CLOCK_SECONDS {
        Check::good("clock", "plausible")
    } else {
        let fix = "set the clock (NTP): certificates are judged by it";
        Check::bad(
            "clock",
            format!("{} s since 1970, which is in the past", now.as_secs()),
            fix,
        )
    }
}

pub(super) async fn disk(dir: &Path) -> Check {
    // The directory itself may not exist yet: whatever stands above it counts.
    let there = dir
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("/"));
    let mut command = tokio::process::Command::new("df");
    command.arg("-Pk").arg(there).kill_on_drop(true);
    let free = match tokio::time::timeout(Duration::from_secs(5), command.output()).await {
        Ok(Ok(run)) => parse_df(&String::from_utf8_lossy(&run.stdout)),
        _ => None,
    };
    let what = "disk";
    match free {
        None => Check::warning(
            what,
            format!("free space of {} is not known", there.display()),
            "look with `df`",
        ),
        Some(free) if free < LOW_DISK_BYTES => Check::warning(
            what,
            format!("{} free for models in {}", output::bytes(free), dir.display()),
            "free some space, or name another directory in MCP_SERVER_MODELS_DIR, before pulling a model",
        ),
        Some(free) => Check::good(
            what,
            format!("{} free for models in {}", output::bytes(free), dir.display()),
        ),
    }
}

/// The fourth column of the second line, in KiB.
fn parse_df(text: &str) -> Option<u64> {
    text.lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// Memory that this process may still take: the smaller of what the machine and the cgroup leave.
pub(super) fn available_memory() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| parse_meminfo(&text));
    let number = |path: &str| read(path).and_then(|text| text.trim().parse::<u64>().ok());
    let cgroup = number("/sys/fs/cgroup/memory.max")
        .zip(number("/sys/fs/cgroup/memory.current"))
        .map(|(limit, used)| limit.saturating_sub(used));
    machine.into_iter().chain(cgroup).min()
}

fn parse_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace()
        .next()?
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Status;

    #[test]
    fn df_and_meminfo_are_read() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda 100 60 40 60% /\n";
        assert_eq!(parse_df(df), Some(40 * 1024));
        assert_eq!(parse_df(""), None);
        assert_eq!(
            parse_meminfo("MemTotal: 8 kB\nMemAvailable:     4 kB\n"),
            Some(4096)
        );
        assert_eq!(parse_meminfo("nonsense"), None);
    }

    #[tokio::test]
    async fn a_port_in_use_names_the_fix() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = taken.local_addr().expect("bound");
        // Whoever holds it hangs up on us, so it is not a server of ours.
        tokio::spawn(async move { while taken.accept().await.is_ok() {} });
        let check = port("server.listen", "--listen", address).await;
        assert_eq!(check.status, Status::Bad);
        assert!(
            check.fix.contains("--listen") && check.fix.contains("server.listen"),
            "{check:?}"
        );
        assert_eq!(
            port("x", "--x", "127.0.0.1:0".parse().expect("an address"))
                .await
                .status,
            Status::Good
        );
    }
}
