//! Downloads from a small server that misbehaves as real ones do.
