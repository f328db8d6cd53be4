//! What is watched: rules, routes, dashboards, the collector; each tried on the programs that will read it.

mod alertmanager;
mod artefacts;
mod collector;
mod delivery;
mod expressions;
mod live;
mod process;
mod rules;
mod runbooks;
