//! The real server, a fake Azure and real sockets: what callers, operators and attackers see.

mod answers;
mod api_keys;
mod authentication;
mod bad_input;
mod demonstration;
mod failover;
mod ledger;
mod lifecycle;
mod nodelay;
mod openai;
mod openai_api;
mod operators;
mod quotas;
mod redaction;
mod residency;
mod startup;
mod stdio;
mod tls;
mod traces;
mod zero_trust;
