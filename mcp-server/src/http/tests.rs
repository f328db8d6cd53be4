//! Tests of the whole HTTP side on real sockets.
