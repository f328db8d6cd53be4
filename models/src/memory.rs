//! Memory that a model takes, worked out before it is loaded, and memory that there is.
//!
//! ```text
//! needed = matrices, packed (a sixteenth more than stored at most)
//!        + intermediate results of the largest step
//!        + 64 MiB for vocabulary, grammar tables and the like
//!        + KV cache of one context
//! ```
//!
//! Where a shorter context leaves room for callers (96 MiB), the context is as short as that, down to 512 tokens.
//!
//! While loading, a few megabytes are held as the file stores them, in the place of the KV cache to come.

use std::{fs, path::Path};

use crate::{
    architecture::Network,
    decoder,
    engine::{EngineConfig, LoadError},
    gguf::{Header, TensorHead},
};

pub(crate) const OVERHEAD_BYTES: u64 = 64 << 20;
/// What the rest of the process takes under load: a hundred callers with long prompts, their connections and what the kernel keeps for
/// these took some 80 MiB.
const CALLERS_BYTES: u64 = 96 << 20;
/// A context shorter than this is of no use for the tools; less memory than it needs is refused.
const LEAST_CONTEXT_TOKENS: usize = 512;

/// What there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Longest sequence.
    pub(crate) context: usize,
    /// KV cache of all sequences together.
    pub(crate) kv_bytes: u64,
}

/// Shares `available_bytes` out, or says what is missing.
///
/// The KV cache gets what a full context in each slot takes, yet no more than leaves the rest of the process its room, and beyond one
/// context no more than half of what is left.
pub(crate) fn plan(
    header: &Header,
    network: &Network,
    config: &EngineConfig,
    available_bytes: Option<u64>,
) -> Result<Room, LoadError> {
    let wanted = wanted(network, config);
    let kv_bytes = |tokens| decoder::kv_bytes(network, config.kv_precision, tokens);
    let in_all = kv_bytes(wanted).saturating_mul(config.slots.max(1) as u64);
    let Some(available_bytes) = available_bytes else {
        return Ok(Room {
            context: wanted,
            kv_bytes: in_all,
        });
    };
    let weights = weight_bytes(header, network);
    let left = available_bytes.saturating_sub(weights);
    let needed_bytes = least_bytes(header, network, config);
    if needed_bytes > available_bytes {
        return Err(LoadError::OutOfMemory {
            needed_bytes,
            available_bytes,
        });
    }
    let least = least(network, config);
    let room = left.saturating_sub(CALLERS_BYTES);
    // Steps of 256 so that the figure people read is a round one.
    let shorter = (1..=wanted / 256).rev().map(|n| n * 256);
    let context = [wanted]
        .into_iter()
        .chain(shorter)
        .find(|&tokens| kv_bytes(tokens) <= room)
        .unwrap_or(least)
        .max(least);
    Ok(Room {
        context,
        kv_bytes: in_all.min(kv_bytes(context).max(room.min(left / 2))),
    })
}

/// The longest context that is asked for.
fn wanted(network: &Network, config: &EngineConfig) -> usize {
    network
        .context
        .min(config.context_limit.unwrap_or(usize::MAX))
        .max(1)
}

/// The shortest context that will do: a limit that was asked for is a promise; without one, a shorter context is
/// better than none.
fn least(network: &Network, config: &EngineConfig) -> usize {
    match config.context_limit {
        Some(_) => wanted(network, config),
        None => wanted(network, config).min(LEAST_CONTEXT_TOKENS),
    }
}

/// With less memory than this it is not loaded.
pub(crate) fn least_bytes(header: &Header, network: &Network, config: &EngineConfig) -> u64 {
    let cache = decoder::kv_bytes(network, config.kv_precision, least(network, config));
    weight_bytes(header, network).saturating_add(cache)
}

/// Bytes for everything but the KV cache.
fn weight_bytes(header: &Header, network: &Network) -> u64 {
    OVERHEAD_BYTES + decoder::scratch_bytes(network) + tensor_bytes(header)
}

/// The most that all tensors of a file take once they are packed.
pub(crate) fn tensor_bytes(header: &Header) -> u64 {
    header.tensors.values().map(packed_bytes).sum()
}

/// The most that a tensor takes once it is packed: rows are filled up to whole tiles, and scales may be
/// kept wider than they are stored.
fn packed_bytes(head: &TensorHead) -> u64 {
    const TILE_ROWS: u64 = 16;
    match head.shape[..] {
        [rows, _] => {
            let row_bytes = head.bytes.div_ceil(rows as u64);
            (rows as u64).next_multiple_of(TILE_ROWS) * (row_bytes + row_bytes.div_ceil(16))
        }
        _ => head.elements() * size_of::<f32>() as u64,
    }
}

/// Bytes that this process may still take: the tightest of its cgroups and of the machine. `None` where
/// neither says.
pub(crate) fn available_bytes() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| meminfo_available(&text));
    let membership = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let cgroup = cgroup_available(Path::new("/sys/fs/cgroup"), &membership);
    [machine, cgroup].into_iter().flatten().min()
}

fn meminfo_available(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// The least that any group from this process's up to the root leaves, in either cgroup version.
fn cgroup_available(root: &Path, membership: &str) -> Option<u64> {
    let mut least = None;
    for line in membership.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let (base, limit, usage, idle) = if controllers.is_empty() {
            (root.to_owned(), "memory.max", "memory.current", "inactive_file")
        } else if controllers.split(',').any(|c| c == "memory") {
            (
                root.join("memory"),
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                "total_inactive_file",
            )
        } else {
            continue;
        };
        // Inside a container the path is often that of the host and the files lie at the mount's root.
        let inside = Path::new(path.trim_start_matches('/'));
        for group in inside.ancestors() {
            let left = group_available(&base.join(group), limit, usage, idle);
            least = [least, left].into_iter().flatten().min();
        }
    }
    least
}

fn group_available(group: &Path, limit: &str, usage: &str, idle: &str) -> Option<u64> {
    let number = |name: &str| {
        fs::read_to_string(group.join(name))
            .ok()?
            .trim()
            .parse::<u64>()
            .ok()
    };
    let limit = number(limit)?;
    let statistics = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
    let reclaimable = statistics.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        if name == idle {
            value.parse::<u64>().ok()
        } else {
            None
        }
    });
    let used = number(usage)?.saturating_sub(reclaimable.unwrap_or(0));
    // Version 1 writes "no limit" as a number near 2^63.
    (limit < 1 << 60).then(|| limit.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_machine_has_left() {
        let text = "MemTotal:       100 kB\nMemAvailable:    40 kB\n";
        assert_eq!(meminfo_available(text), Some(40 * 1024));
        assert_eq!(meminfo_available("MemAvailable: lots\n"), None);
        assert_eq!(meminfo_available(""), None);
    }

    #[test]
    fn the_tightest_group_counts_and_page_cache_does_not() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("pod/memory.max", "1000\n");
        write("pod/memory.current", "900\n");
        write("pod/memory.stat", "anon 1\ninactive_file 300\n");
        write("pod/app/memory.max", "max\n");
        write("pod/app/memory.current", "900\n");
        assert_eq!(cgroup_available(root.path(), "0::/pod/app\n"), Some(400));
        assert_eq!(cgroup_available(root.path(), "0::/elsewhere\n"), None);

        write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("memory/memory.usage_in_bytes", "5\n");
        assert_eq!(cgroup_available(root.path(), "4:cpu,memory:/x\n"), None);
        write("memory/memory.limit_in_bytes", "50\n");
        assert_eq!(cgroup_available(root.path(), "4:cpu,memory:/x\n"), Some(45));
    }
}
