//! What always holds, while Azure fails in every way: the fault matrix, outages under load, callers who go away.
//!
//! Every test prints its seed; `CHAOS_SEED` repeats a run. The other variables stand where they are read.

mod callers;
mod fault_table;
mod flapping;
mod gone;
mod matrix;
mod outage;
mod report;
mod seed;
