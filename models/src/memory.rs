//! Memory that a model takes, worked out before it is loaded, and memory that there is.
//!
//! ```text
//! needed = matrices as stored (F16, BF16 and F32 ones as 4-byte floats)
//!        + packed copies of matrices that Candle's fast kernels take (as large again; measured 0.87 to 1.01)
//!        + the embedding as 4-byte floats (Qwen 3; the others look rows up in the stored form)
//!        + slots x KV cache of a full context (4-byte floats; Qwen 3 holds prompts twice, 4096 tokens at least)
//!        + 64 MiB for vocabulary, grammar tables and intermediate results
//! ```

use std::{fs, path::Path};

use candle_core::quantized::GgmlDType;

use crate::{
    architecture::{Family, Network},
    decoder,
    gguf::Header,
};

const OVERHEAD_BYTES: u64 = 64 << 20;

/// Bytes for weights alone, without any sequence.
pub(crate) fn weight_bytes(header: &Header, network: &Network) -> u64 {
    let mut bytes = OVERHEAD_BYTES;
    for head in header.tensors.values() {
        let stored_as_floats = matches!(head.kind, GgmlDType::F32 | GgmlDType::F16 | GgmlDType::BF16);
        bytes += if stored_as_floats {
            head.elements() * 4
        } else {
            head.bytes
        };
        let packable = matches!(head.kind, GgmlDType::Q4K | GgmlDType::Q6K | GgmlDType::Q8_0)
            && matches!(head.shape[..], [rows, width] if width % 256 == 0 && rows % 16 == 0);
        if packable {
            bytes += head.bytes;
        }
    }
    if network.family == Family::Qwen3 {
        bytes += (network.vocabulary * network.width) as u64 * 4;
    }
    bytes
}

/// The longest context, up to `wanted`, whose KV caches fit into `left_bytes`.
pub(crate) fn fitting_context(
    network: &Network,
    slots: usize,
    wanted: usize,
    left_bytes: u64,
) -> Option<usize> {
    let fits =
        |tokens: usize| (slots as u64).saturating_mul(decoder::kv_bytes(network, tokens)) <= left_bytes;
    if fits(wanted) {
        return Some(wanted);
    }
    // Steps of 256 so that the figure people read is a round one.
    (1..=wanted / 256)
        .rev()
        .map(|n| n * 256)
        .find(|&tokens| fits(tokens))
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
