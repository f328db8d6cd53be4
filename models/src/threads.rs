//! How many threads the arithmetic should use, from what the container may use.
//!
//! Candle sizes its pools once per process, from the variables below, else from the machine's cores: it does
//! not see a CPU quota, and a pod of one CPU on a 64-core node would start 64 spinning workers. It offers no
//! other switch, and only the start of a process may safely change the environment. So the program asks
//! [`recommended`] first thing in `main`, and sets the variables unless somebody already has.

/// The variables that Candle reads.
pub const VARIABLES: [&str; 2] = ["CANDLE_NUM_THREADS", "RAYON_NUM_THREADS"];

/// One thread less than the CPUs that this process may run on (its cgroups' quota, rounded down, included);
/// at least one.
///
/// Candle's workers meet at a barrier many times a token, and those who arrive first spin. When one of them
/// has lost its CPU to the threads that serve calls, all wait: on two busy cores two threads were measured to
/// answer forty times slower than one. So one CPU is left to the rest of the process.
pub fn recommended() -> usize {
    std::thread::available_parallelism().map_or(1, |cpus| cpus.get().saturating_sub(1).max(1))
}
