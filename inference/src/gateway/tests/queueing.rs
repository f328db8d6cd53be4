//! Waiting, leaving, draining.
