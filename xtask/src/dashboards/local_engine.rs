//! The local engine: slots, memory of the KV cache, speed.

use super::{
    Dashboard,
    Look::{Lines, Number},
    Panel, Row,
};

pub(super) const DASHBOARD: Dashboard = Dashboard {
    uid: "mcp-local-engine",
    title: "MCP Server: local engine",
    about: "What the model in the process can do, and how much of that is used.",
    rows: &[
        Row {
            title: "Now",
            panels: &[
                Panel {
                    title: "Busy slots",
                    look: Number,
                    unit: "percentunit",
                    about: "All busy, further calls wait for one.",
                    queries: &[(
                        r#"sum(llm_local_slots_busy{job="mcp-server"}) / sum(llm_local_slots{job="mcp-server"})"#,
                        "",
                    )],
                },
                Panel {
                    title: "Tokens written",
                    look: Number,
                    unit: "none",
                    about: "A second, over all pods.",
                    queries: &[(
                        r#"sum(rate(gen_ai_client_token_usage_sum{job="mcp-server", gen_ai_provider_name="b2xgate.local", gen_ai_token_type="output"}[5m]))"#,
                        "",
                    )],
                },
                Panel {
                    title: "KV cache",
                    look: Number,
                    unit: "bytes",
                    about: "Held by running answers, over all pods.",
                    queries: &[(r#"sum(llm_local_kv_bytes{job="mcp-server"})"#, "")],
                },
            ],
        },
        Row {
            title: "Use",
            panels: &[
                Panel {
                    title: "Slots",
                    look: Lines,
                    unit: "none",
                    about: "Busy ones by pod, and how many a pod has.",
                    queries: &[
                        (r#"llm_local_slots_busy{job="mcp-server"}"#, "{{instance}}"),
                        (r#"max(llm_local_slots{job="mcp-server"})"#, "slots of a pod"),
                    ],
                },
                Panel {
                    title: "KV cache by pod",
                    look: Lines,
                    unit: "bytes",
                    about: "Grows with the length of prompts and answers, within a budget worked out at start.",
                    queries: &[(r#"llm_local_kv_bytes{job="mcp-server"}"#, "{{instance}}")],
                },
                Panel {
                    title: "Tokens a second",
                    look: Lines,
                    unit: "none",
                    about: "Read and written by models in the process.",
                    queries: &[(
                        r#"sum by (gen_ai_token_type) (rate(gen_ai_client_token_usage_sum{job="mcp-server", gen_ai_provider_name="b2xgate.local"}[$__rate_interval]))"#,
                        "{{gen_ai_token_type}}",
                    )],
                },
            ],
        },
        Row {
            title: "Speed",
            panels: &[
                Panel {
                    title: "First token",
                    look: Lines,
                    unit: "s",
                    about: "Reading the prompt takes most of it.",
                    queries: &[
                        (
                            r#"histogram_quantile(0.5, sum by (le) (rate(gen_ai_server_time_to_first_token_seconds_bucket{job="mcp-server"}[$__rate_interval])))"#,
                            "p50",
                        ),
                        (
                            r#"histogram_quantile(0.95, sum by (le) (rate(gen_ai_server_time_to_first_token_seconds_bucket{job="mcp-server"}[$__rate_interval])))"#,
                            "p95",
                        ),
                    ],
                },
                Panel {
                    title: "Whole answers",
                    look: Lines,
                    unit: "s",
                    about: "From the slot to the last token.",
                    queries: &[
                        (
                            r#"histogram_quantile(0.5, sum by (le) (rate(gen_ai_server_request_duration_seconds_bucket{job="mcp-server"}[$__rate_interval])))"#,
                            "p50",
                        ),
                        (
                            r#"histogram_quantile(0.95, sum by (le) (rate(gen_ai_server_request_duration_seconds_bucket{job="mcp-server"}[$__rate_interval])))"#,
                            "p95",
                        ),
                    ],
                },
                Panel {
                    title: "Answers by result",
                    look: Lines,
                    unit: "reqps",
                    about: "No `error_type` means answered.",
                    queries: &[(
                        r#"sum by (error_type) (rate(gen_ai_server_request_duration_seconds_count{job="mcp-server"}[$__rate_interval]))"#,
                        "{{error_type}}",
                    )],
                },
            ],
        },
    ],
};
