//! Grafana dashboards as tables: `cargo xtask dashboards` writes the JSON that is committed in `deploy/observability`.
//!
//! To change one, change its table and run the command. A test holds what is committed to what is written here.

mod failover;
mod local_engine;
mod service;
mod tenants;

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::workspace::Workspace;

const FOLDER: &str = "deploy/observability/grafana/dashboards";
/// Columns of Grafana's grid.
const GRID_WIDTH: usize = 24;
const PANEL_HEIGHT: usize = 8;
const NUMBER_HEIGHT: usize = 4;

/// One dashboard.
struct Dashboard {
    /// Its identifier in links and alerts; the name of its file, too.
    uid: &'static str,
    title: &'static str,
    about: &'static str,
    rows: &'static [Row],
}

/// Panels that belong together, side by side.
struct Row {
    title: &'static str,
    panels: &'static [Panel],
}

/// One picture.
struct Panel {
    title: &'static str,
    /// What it shows, and what to make of it.
    about: &'static str,
    look: Look,
    /// Grafana's name of the unit.
    unit: &'static str,
    /// `PromQL` and legend.
    queries: &'static [(&'static str, &'static str)],
}

/// How a panel shows its numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Lines over time.
    Lines,
    /// Areas on top of each other.
    Stack,
    /// The last number, large.
    Number,
    /// Bands of colour over time, one a series: the state of a circuit breaker.
    States,
}

/// All of them.
const DASHBOARDS: [&Dashboard; 4] = [
    &service::DASHBOARD,
    &failover::DASHBOARD,
    &local_engine::DASHBOARD,
    &tenants::DASHBOARD,
];

/// Writes every dashboard.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for dashboard in DASHBOARDS {
        let path = workspace
            .root
            .join(FOLDER)
            .join(format!("{}.json", dashboard.uid));
        fs::write(&path, dashboard.text()).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", workspace.relative(&path).display());
    }
    Ok(())
}

impl Dashboard {
    /// The file, as it is committed.
    fn text(&self) -> String {
        format!("{:#}\n", self.to_json())
    }

    fn to_json(&self) -> Value {
        json!({
            "uid": self.uid,
            "title": self.title,
            "description": self.about,
            "tags": ["mcp-server"],
            "schemaVersion": 39,
            "editable": false,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "templating": {"list": []},
            "annotations": {"list": [alerts()]},
            "links": [{"type": "dashboards", "title": "MCP Server", "tags": ["mcp-server"], "asDropdown": true}],
            "panels": self.panels(),
        })
    }

    fn panels(&self) -> Vec<Value> {
        let mut panels = Vec::new();
        let mut top = 0;
        for row in self.rows {
            let place = json!({"x": 0, "y": top, "w": GRID_WIDTH, "h": 1});
            let id = panels.len() + 1;
            panels.push(json!({"id": id, "type": "row", "title": row.title, "gridPos": place, "panels": []}));
            top += 1;
            let height = row.height();
            let width = GRID_WIDTH / row.panels.len().max(1);
            for (index, panel) in row.panels.iter().enumerate() {
                let place = json!({"x": index * width, "y": top, "w": width, "h": height});
                panels.push(panel.to_json(panels.len() + 1, &place));
            }
            top += height;
        }
        panels
    }
}

impl Row {
    fn height(&self) -> usize {
        if self.panels.iter().all(|panel| panel.look == Look::Number) {
            NUMBER_HEIGHT
        } else {
            PANEL_HEIGHT
        }
    }
}

impl Panel {
    fn to_json(&self, id: usize, place: &Value) -> Value {
        let letters = ('A'..='Z').map(String::from);
        let targets: Vec<Value> = self
            .queries
            .iter()
            .zip(letters)
            .map(|((expression, legend), letter)| {
                json!({"refId": letter, "datasource": source(), "expr": expression, "legendFormat": legend,
                    "range": true, "exemplar": expression.contains("_bucket")})
            })
            .collect();
        json!({
            "id": id,
            "type": self.look.kind(),
            "title": self.title,
            "description": self.about,
            "datasource": source(),
            "gridPos": place,
            "fieldConfig": {"defaults": self.look.field(self.unit), "overrides": []},
            "options": self.look.options(),
            "targets": targets,
        })
    }
}

impl Look {
    fn kind(self) -> &'static str {
        match self {
            Self::Lines | Self::Stack => "timeseries",
            Self::Number => "stat",
            Self::States => "state-timeline",
        }
    }

    fn field(self, unit: &str) -> Value {
        match self {
            Self::Lines => {
                json!({"unit": unit, "min": 0, "custom": {"fillOpacity": 5, "showPoints": "never"}})
            }
            Self::Stack => json!({"unit": unit, "min": 0,
                "custom": {"fillOpacity": 40, "showPoints": "never", "stacking": {"mode": "normal"}}}),
            Self::Number => json!({"unit": unit}),
            Self::States => json!({"unit": unit, "mappings": [{"type": "value", "options": {
                "0": {"text": "closed", "color": "green"}, "1": {"text": "half-open", "color": "yellow"},
                "2": {"text": "open", "color": "red"}, "3": {"text": "held open", "color": "purple"}}}]}),
        }
    }

    fn options(self) -> Value {
        match self {
            Self::Lines | Self::Stack => {
                json!({"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}})
            }
            Self::Number => {
                json!({"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"})
            }
            Self::States => json!({"mergeValues": true, "showValue": "auto"}),
        }
    }
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "prometheus"})
}

/// Marks over every picture where an alert of ours fired.
fn alerts() -> Value {
    json!({"name": "Alerts", "enable": true, "iconColor": "red", "datasource": source(),
        "expr": "ALERTS{alertstate=\"firing\", service=\"mcp-server\"}",
        "titleFormat": "{{alertname}}", "textFormat": "{{severity}} {{backend}} {{slo}}"})
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    fn what_is_committed_is_what_the_tables_say() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FOLDER);
        for dashboard in DASHBOARDS {
            let path = folder.join(format!("{}.json", dashboard.uid));
            let committed = fs::read_to_string(&path).unwrap_or_default();
            let same = committed == dashboard.text();
            assert!(
                same,
                "{} is not what its table says: run `cargo xtask dashboards`",
                path.display()
            );
        }
        let files = fs::read_dir(folder).unwrap().count();
        assert_eq!(files, DASHBOARDS.len(), "a dashboard without a table is there");
    }

    #[test]
    fn panels_fill_the_grid_and_are_told_apart() {
        for dashboard in DASHBOARDS {
            let mut titles = BTreeSet::new();
            for row in dashboard.rows {
                assert!(
                    (1..=6).contains(&row.panels.len()),
                    "{}: {}",
                    dashboard.uid,
                    row.title
                );
                assert_eq!(
                    GRID_WIDTH % row.panels.len(),
                    0,
                    "{}: {}",
                    dashboard.uid,
                    row.title
                );
                for panel in row.panels {
                    let said = !panel.about.is_empty() && !panel.queries.is_empty();
                    assert!(
                        said && titles.insert(panel.title),
                        "{}: {}",
                        dashboard.uid,
                        panel.title
                    );
                }
            }
        }
    }
}
