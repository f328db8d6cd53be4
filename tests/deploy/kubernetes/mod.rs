//! `deploy/kubernetes`, `deploy/charts`, `deploy/policies`: rendered, read strictly, held to the rules and to the tables.

mod access;
pub(crate) mod chart;
mod ledger;
mod mistakes;
mod network;
mod policies;
mod quantity;
pub(crate) mod render;
mod rules;
pub(crate) mod schemas;
mod server;
mod shared;
mod slips;
mod tables;
mod zones;
