//! Several real servers behind a plain round-robin, and a real Redis that comes and goes: what a fleet shares.

mod circuits;
mod identity;
mod keys;
mod limits;
mod lost;
mod pods;
mod secrets;
mod sessions;
