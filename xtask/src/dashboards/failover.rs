//! The failover: circuits, attempts, who answers instead, and why.

use super::{
    Dashboard,
    Look::{Lines, Number, Stack, States},
    Panel, Row,
};

pub(super) const DASHBOARD: Dashboard = Dashboard {
    uid: "mcp-failover",
    title: "MCP Server: failover",
    about: "Who answers, who should have, and what went wrong with it.",
    rows: &[
        Row {
            title: "Now",
            panels: &[
                Panel {
                    title: "Degraded answers",
                    look: Number,
                    unit: "percentunit",
                    about: "Answers of a weaker model than the first of the chain.",
                    queries: &[("mcp:degraded_share:rate5m", "")],
                },
                Panel {
                    title: "Circuits not closed",
                    look: Number,
                    unit: "none",
                    about: "Over all pods and backends.",
                    queries: &[(r#"sum(llm_breaker_state{job="mcp-server"} > bool 0)"#, "")],
                },
                Panel {
                    title: "Fewest usable backends of a pod",
                    look: Number,
                    unit: "none",
                    about: "With none left, calls there fail.",
                    queries: &[("min(mcp:backends_usable:count)", "")],
                },
                Panel {
                    title: "Throttled for",
                    look: Number,
                    unit: "s",
                    about: "The longest time until a throttle gate opens.",
                    queries: &[(r#"max(llm_throttle_remaining_seconds{job="mcp-server"})"#, "")],
                },
            ],
        },
        Row {
            title: "Circuits",
            panels: &[
                Panel {
                    title: "State, worst pod",
                    look: States,
                    unit: "none",
                    about: "Half-open runs one trial at a time; held open means that an operator did it.",
                    queries: &[(
                        r#"max by (backend) (llm_breaker_state{job="mcp-server"})"#,
                        "{{backend}}",
                    )],
                },
                Panel {
                    title: "Transitions",
                    look: Lines,
                    unit: "none",
                    about: "Within five minutes. One that opens and closes by turns has too short a window, or a sick backend.",
                    queries: &[(
                        r#"sum by (backend, to) (increase(llm_breaker_transitions_total{job="mcp-server"}[5m]))"#,
                        "{{backend}} to {{to}}",
                    )],
                },
                Panel {
                    title: "Throttle gates",
                    look: Lines,
                    unit: "s",
                    about: "Time until each opens. Quota is short where they are shut often.",
                    queries: &[(
                        r#"max by (backend) (llm_throttle_remaining_seconds{job="mcp-server"})"#,
                        "{{backend}}",
                    )],
                },
            ],
        },
        Row {
            title: "Attempts",
            panels: &[
                Panel {
                    title: "Attempts by backend",
                    look: Stack,
                    unit: "reqps",
                    about: "Passed-over candidates included.",
                    queries: &[(
                        r#"sum by (backend) (rate(llm_attempts_total{job="mcp-server"}[$__rate_interval]))"#,
                        "{{backend}}",
                    )],
                },
                Panel {
                    title: "Attempts that did not answer",
                    look: Stack,
                    unit: "reqps",
                    about: "By backend and what came of them: the first place to look at in an outage.",
                    queries: &[(
                        r#"sum by (backend, outcome) (rate(llm_attempts_total{job="mcp-server", outcome!="answered"}[$__rate_interval])) > 0"#,
                        "{{backend}}: {{outcome}}",
                    )],
                },
                Panel {
                    title: "Calls that went on",
                    look: Stack,
                    unit: "reqps",
                    about: "From one backend to another, and why.",
                    queries: &[(
                        r#"sum by (from, to, reason) (rate(llm_fallback_total{job="mcp-server"}[$__rate_interval])) > 0"#,
                        "{{from}} to {{to}}: {{reason}}",
                    )],
                },
            ],
        },
        Row {
            title: "Backends",
            panels: &[
                Panel {
                    title: "Attempts under way",
                    look: Lines,
                    unit: "none",
                    about: "By backend, over all pods. Flat at `max_concurrency` times pods, the bulkhead is full.",
                    queries: &[(
                        r#"sum by (backend) (llm_backend_in_flight{job="mcp-server"})"#,
                        "{{backend}}",
                    )],
                },
                Panel {
                    title: "Pods where a backend is ready",
                    look: Lines,
                    unit: "none",
                    about: "A local model is not, while it loads.",
                    queries: &[(
                        r#"sum by (backend) (llm_backend_ready{job="mcp-server"})"#,
                        "{{backend}}",
                    )],
                },
                Panel {
                    title: "Duration of attempts, p95",
                    look: Lines,
                    unit: "s",
                    about: "Of attempts that answered, by model.",
                    queries: &[(
                        r#"histogram_quantile(0.95, sum by (le, gen_ai_request_model) (rate(gen_ai_client_operation_duration_seconds_bucket{job="mcp-server", error_type=""}[$__rate_interval])))"#,
                        "{{gen_ai_request_model}}",
                    )],
                },
            ],
        },
    ],
};
