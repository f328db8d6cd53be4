//! `deploy/kubernetes`, `deploy/charts` and what belongs to them.

mod render;
