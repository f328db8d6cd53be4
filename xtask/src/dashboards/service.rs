//! The service: traffic, errors and objectives, latency, queue and replicas.

use super::{
    Dashboard,
    Look::{Lines, Number, Stack},
    Panel, Row,
};

pub(super) const DASHBOARD: Dashboard = Dashboard {
    uid: "mcp-service",
    title: "MCP Server: service",
    about: "Is the service well? Traffic, errors, objectives, latency, queue and replicas.",
    rows: &[
        Row {
            title: "Now",
            panels: &[
                Panel {
                    title: "Calls",
                    look: Number,
                    unit: "reqps",
                    about: "Calls that ended in the last five minutes, however they ended.",
                    queries: &[("sum(mcp:calls:rate5m)", "")],
                },
                Panel {
                    title: "Failing",
                    look: Number,
                    unit: "percentunit",
                    about: "Of the calls taken, those without an answer; calls at fault themselves not counted.",
                    queries: &[(
                        r#"slo:bad:rate5m{slo="errors"} / slo:events:rate5m{slo="errors"}"#,
                        "",
                    )],
                },
                Panel {
                    title: "Waiting",
                    look: Number,
                    unit: "none",
                    about: "Calls in the queues of all pods.",
                    queries: &[("mcp:queue_depth:sum", "")],
                },
                Panel {
                    title: "Fullest queue",
                    look: Number,
                    unit: "percentunit",
                    about: "A full one refuses calls.",
                    queries: &[("mcp:queue_fill:max", "")],
                },
                Panel {
                    title: "Pods that can serve",
                    look: Number,
                    unit: "none",
                    about: "As Kubernetes counts them.",
                    queries: &[(
                        r#"kube_deployment_status_replicas_available{deployment="mcp-server"}"#,
                        "",
                    )],
                },
                Panel {
                    title: "Alerts firing",
                    look: Number,
                    unit: "none",
                    about: "Of this service, the watchdog not counted.",
                    queries: &[(
                        r#"count(ALERTS{alertstate="firing", service="mcp-server"}) or vector(0)"#,
                        "",
                    )],
                },
            ],
        },
        Row {
            title: "Traffic",
            panels: &[
                Panel {
                    title: "Calls by outcome",
                    look: Stack,
                    unit: "reqps",
                    about: "Degraded ones were answered by a weaker model; shed ones were refused at the door.",
                    queries: &[(
                        r#"sum by (outcome) (rate(mcp_calls_total{job="mcp-server"}[$__rate_interval]))"#,
                        "{{outcome}}",
                    )],
                },
                Panel {
                    title: "Calls by tool",
                    look: Stack,
                    unit: "reqps",
                    about: "`chat_completions` are those of the OpenAI API.",
                    queries: &[(
                        r#"sum by (tool) (rate(mcp_calls_total{job="mcp-server"}[$__rate_interval]))"#,
                        "{{tool}}",
                    )],
                },
                Panel {
                    title: "Refused at the door",
                    look: Stack,
                    unit: "reqps",
                    about: "Why calls were shed.",
                    queries: &[(
                        r#"sum by (reason) (rate(mcp_shed_total{job="mcp-server"}[$__rate_interval]))"#,
                        "{{reason}}",
                    )],
                },
                Panel {
                    title: "Failed calls by code",
                    look: Stack,
                    unit: "reqps",
                    about: "Taken, and without an answer. Each code has a page in docs/errors.",
                    queries: &[(
                        r#"sum by (code) (rate(mcp_failed_calls_total{job="mcp-server"}[$__rate_interval]))"#,
                        "{{code}}",
                    )],
                },
            ],
        },
        Row {
            title: "Objectives",
            panels: &[
                Panel {
                    title: "Burn of error budgets, last hour",
                    look: Lines,
                    unit: "none",
                    about: "1 spends the budget in exactly thirty days; 14.4 in two, which calls somebody.",
                    queries: &[("slo:burn:1h", "{{slo}}")],
                },
                Panel {
                    title: "Burn of error budgets, last three days",
                    look: Lines,
                    unit: "none",
                    about: "Above 1 for long, the objective will be missed.",
                    queries: &[("slo:burn:3d", "{{slo}}")],
                },
                Panel {
                    title: "Bad events",
                    look: Lines,
                    unit: "reqps",
                    about: "What each objective counts as bad, a second.",
                    queries: &[("slo:bad:rate5m", "{{slo}}")],
                },
            ],
        },
        Row {
            title: "Latency",
            panels: &[
                Panel {
                    title: "Own work: time until a backend begins",
                    look: Lines,
                    unit: "s",
                    about: "Objectives: p95 below 200 ms, p99 below 500 ms.",
                    queries: &[
                        (
                            r#"histogram_quantile(0.5, sum by (le) (rate(mcp_queue_wait_seconds_bucket{job="mcp-server"}[$__rate_interval])))"#,
                            "p50",
                        ),
                        ("mcp:queue_wait_seconds:p95", "p95"),
                        ("mcp:queue_wait_seconds:p99", "p99"),
                    ],
                },
                Panel {
                    title: "First token, p95",
                    look: Lines,
                    unit: "s",
                    about: "From an attempt's start to the first text, by model. Objective: 95 of 100 within 2.5 s.",
                    queries: &[(
                        r#"histogram_quantile(0.95, sum by (le, gen_ai_request_model) (rate(gen_ai_client_operation_time_to_first_chunk_seconds_bucket{job="mcp-server"}[$__rate_interval])))"#,
                        "{{gen_ai_request_model}}",
                    )],
                },
                Panel {
                    title: "Full answer, p95",
                    look: Lines,
                    unit: "s",
                    about: "From admission to the end of answered calls, by tool. Objective: 95 of 100 within 20.48 s.",
                    queries: &[(
                        r#"histogram_quantile(0.95, sum by (le, gen_ai_tool_name) (rate(gen_ai_execute_tool_duration_seconds_bucket{job="mcp-server", error_type=""}[$__rate_interval])))"#,
                        "{{gen_ai_tool_name}}",
                    )],
                },
            ],
        },
        Row {
            title: "Queue and replicas",
            panels: &[
                Panel {
                    title: "Waiting calls by pod",
                    look: Lines,
                    unit: "none",
                    about: "The autoscaler aims at 100 on average, and acts above 110.",
                    queries: &[
                        (r#"mcp_queue_depth{job="mcp-server"}"#, "{{instance}}"),
                        (r#"max(mcp_queue_capacity{job="mcp-server"})"#, "capacity"),
                        ("vector(100)", "target of the autoscaler"),
                    ],
                },
                Panel {
                    title: "Running calls by pod",
                    look: Lines,
                    unit: "none",
                    about: "Being answered now; scaling does not count them.",
                    queries: &[(r#"mcp_requests_running{job="mcp-server"}"#, "{{instance}}")],
                },
                Panel {
                    title: "Replicas",
                    look: Lines,
                    unit: "none",
                    about: "What the autoscaler runs, wants, and may run.",
                    queries: &[
                        (
                            r#"kube_horizontalpodautoscaler_status_current_replicas{horizontalpodautoscaler="mcp-server"}"#,
                            "running",
                        ),
                        (
                            r#"kube_horizontalpodautoscaler_status_desired_replicas{horizontalpodautoscaler="mcp-server"}"#,
                            "wanted",
                        ),
                        (
                            r#"kube_horizontalpodautoscaler_spec_max_replicas{horizontalpodautoscaler="mcp-server"}"#,
                            "most",
                        ),
                    ],
                },
            ],
        },
        Row {
            title: "Pods",
            panels: &[
                Panel {
                    title: "CPU",
                    look: Lines,
                    unit: "none",
                    about: "Cores by pod. The autoscaler aims at 60 % of what is requested.",
                    queries: &[(
                        r#"sum by (pod) (rate(container_cpu_usage_seconds_total{container="mcp-server"}[$__rate_interval]))"#,
                        "{{pod}}",
                    )],
                },
                Panel {
                    title: "Memory",
                    look: Lines,
                    unit: "bytes",
                    about: "By pod. The autoscaler aims at 5734 MiB, 70 % of what a pod may have.",
                    queries: &[(
                        r#"container_memory_working_set_bytes{container="mcp-server"}"#,
                        "{{pod}}",
                    )],
                },
                Panel {
                    title: "Restarts and starts",
                    look: Lines,
                    unit: "none",
                    about: "Restarts within ten minutes by pod, and pods that are ending.",
                    queries: &[
                        (
                            r#"increase(kube_pod_container_status_restarts_total{container="mcp-server"}[10m])"#,
                            "{{pod}}",
                        ),
                        (r#"sum(mcp_draining{job="mcp-server"})"#, "ending"),
                    ],
                },
                Panel {
                    title: "Versions",
                    look: Lines,
                    unit: "none",
                    about: "Pods by version: two of them while something is rolled out.",
                    queries: &[(
                        r#"count by (version) (mcp_build_info{job="mcp-server"})"#,
                        "{{version}}",
                    )],
                },
            ],
        },
    ],
};
