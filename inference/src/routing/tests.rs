//! The table of failures.
