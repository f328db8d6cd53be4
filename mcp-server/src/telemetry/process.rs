//! What the operating system says of this process, at each scrape.

/// Numbers of the process; where the system does not tell, they are missing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Process {
    pub(super) cpu_seconds: f64,
    pub(super) resident_bytes: u64,
    pub(super) virtual_bytes: u64,
    pub(super) open_files: u64,
    pub(super) open_files_max: u64,
    pub(super) threads: u64,
    /// Seconds since 1970.
    pub(super) started: f64,
}

/// Reads them.
#[cfg(target_os = "linux")]
pub(super) fn read() -> Option<Process> {
    use procfs::{WithCurrentSystemInfo, process::LimitValue};

    let process = procfs::process::Process::myself().ok()?;
    let stat = process.stat().ok()?;
    #[expect(clippy::cast_precision_loss, reason = "ticks of one process")]
    let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
    let booted = procfs::boot_time_secs().ok()? as f64;
    let files_max = match process.limits().ok()?.max_open_files.soft_limit {
        LimitValue::Value(max) => max,
        LimitValue::Unlimited => u64::MAX,
    };
    Some(Process {
        cpu_seconds: seconds(stat.utime + stat.stime),
        resident_bytes: stat.rss_bytes().get(),
        virtual_bytes: stat.vsize,
        open_files: u64::try_from(process.fd_count().ok()?).ok()?,
        open_files_max: files_max,
        threads: u64::try_from(stat.num_threads).ok()?,
        started: booted + seconds(stat.starttime),
    })
}

/// Elsewhere it cannot be read.
#[cfg(not(target_os = "linux"))]
pub(super) fn read() -> Option<Process> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_process_has_run_a_while_and_holds_something() {
        let process = read().expect("/proc is there");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs_f64();
        assert!(
            process.started <= now + 1.0 && process.started > now - 86_400.0,
            "{process:?}"
        );
        assert!(process.resident_bytes > 100_000 && process.virtual_bytes >= process.resident_bytes);
        assert!(process.threads >= 1 && (3..process.open_files_max).contains(&process.open_files));
    }
}
