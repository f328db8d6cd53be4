//! How many threads the arithmetic should use, from what the container may use.
//!
//! Candle sizes its pools once per process, from the variables below, else from the machine's cores: it does
//! not see a CPU quota, and a pod of one CPU on a 64-core node would start 64 spinning workers. It offers no
//! other switch, and only the start of a process may safely change the environment. So the program asks
//! [`recommended`] first and sets the variables before it starts (by running itself anew, say).

/// The variables that Candle reads.
pub const VARIABLES: [&str; 2] = ["CANDLE_NUM_THREADS", "RAYON_NUM_THREADS"];

/// Threads that fit the CPUs this process may run on and its cgroups' quota, rounded down; at least one.
pub fn recommended() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
