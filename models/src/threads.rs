//! How many threads the arithmetic should use, from what the container may use.

/// The CPUs that this process may run on (its cgroups' quota, rounded down, included); at least one.
///
/// Threads of the arithmetic take their work piece by piece, so one that has lost its CPU to the threads
/// that serve calls holds nobody up for longer than its piece.
pub fn recommended() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
