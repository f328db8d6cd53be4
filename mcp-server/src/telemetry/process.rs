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

/// Ticks in a second, in which the kernel tells times to programs, on every Linux of ours.
const TICKS: f64 = 100.0;

/// Reads them from `/proc`, where there is one.
pub(super) fn read() -> Option<Process> {
    let text = |path: &str| std::fs::read_to_string(path).ok();
    let (stat, status) = (text("/proc/self/stat")?, text("/proc/self/status")?);
    let (limits, system) = (text("/proc/self/limits")?, text("/proc/stat")?);
    let open_files = std::fs::read_dir("/proc/self/fd").ok()?.count();
    let mut process = parse(&stat, &status, &limits, &system)?;
    process.open_files = u64::try_from(open_files).ok()?;
    Some(process)
}

fn parse(stat: &str, status: &str, limits: &str, system: &str) -> Option<Process> {
    // The program's name stands in brackets and may hold spaces; the field after it is the third.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |field: usize| Some(fields.get(field - 3)?.parse::<f64>().ok()? / TICKS);
    let kilobytes = |name| Some(number(status, name)? * 1024);
    Some(Process {
        cpu_seconds: seconds(14)? + seconds(15)?,
        resident_bytes: kilobytes("VmRSS:")?,
        virtual_bytes: kilobytes("VmSize:")?,
        open_files: 0,
        // `unlimited` is no number.
        open_files_max: number(limits, "Max open files").unwrap_or(u64::MAX),
        threads: number(status, "Threads:")?,
        started: line(system, "btime")?.trim().parse::<f64>().ok()? + seconds(22)?,
    })
}

fn number(text: &str, name: &str) -> Option<u64> {
    line(text, name)?.split_whitespace().next()?.parse().ok()
}

fn line<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_from_behind_the_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 0 0 0 0 0 250 50 0 0 20 0 4 0 1200 9 9";
        let status = "VmSize:\t 10 kB\nVmRSS:\t  4 kB\nThreads:\t4\n";
        let limits = "Max open files            1024                 4096                 files\n";
        let process = parse(stat, status, limits, "cpu 1\nbtime 1000\n").expect("whole");
        let expected = Process {
            cpu_seconds: 3.0,
            resident_bytes: 4096,
            virtual_bytes: 10_240,
            open_files: 0,
            open_files_max: 1024,
            threads: 4,
            started: 1012.0,
        };
        assert_eq!(process, expected);
        assert_eq!(parse("7 (a", status, limits, "btime 1"), None);
        assert_eq!(parse(stat, "", limits, "btime 1"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_has_run_a_while_and_holds_something() {
        let process = read().expect("/proc is there");
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
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
