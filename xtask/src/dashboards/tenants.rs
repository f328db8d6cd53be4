//! Use, cost and budgets.
//!
//! Cost is told by tenant, of those that the configuration names; no series that counts calls carries one, so that label sets
//! stay closed. What one tenant did is in the ledger.

use super::{
    Dashboard,
    Look::{Lines, Number, Stack},
    Panel, Row,
};

pub(super) const DASHBOARD: Dashboard = Dashboard {
    uid: "mcp-tenants",
    title: "MCP Server: tenants and cost",
    about: "What is used, what it costs, how much of the budgets is left. What one tenant did is in the ledger.",
    rows: &[
        Row {
            title: "Now",
            panels: &[
                Panel {
                    title: "Cost an hour",
                    look: Number,
                    unit: "none",
                    about: "At the pace of the last five minutes and the server's prices, by currency.",
                    queries: &[("sum by (currency) (llm:cost:rate5m) * 3600", "{{currency}}")],
                },
                Panel {
                    title: "Cost of thirty days",
                    look: Number,
                    unit: "none",
                    about: "The last thirty days, by currency.",
                    queries: &[("llm:cost:increase30d", "{{currency}}")],
                },
                Panel {
                    title: "Budget spent",
                    look: Number,
                    unit: "percentunit",
                    about: "Of the thirty days' budget in settings.yaml. Above 80 % an alert goes out.",
                    queries: &[("llm:budget_spent:ratio30d", "{{currency}}")],
                },
                Panel {
                    title: "Cost of a thousand answers",
                    look: Number,
                    unit: "none",
                    about: "Free ones of the local model included.",
                    queries: &[(
                        r#"1000 * sum(llm:cost:rate5m) / sum(mcp:calls:rate5m{outcome=~"answered|degraded"})"#,
                        "",
                    )],
                },
            ],
        },
        Row {
            title: "Use",
            panels: &[
                Panel {
                    title: "Tokens",
                    look: Stack,
                    unit: "none",
                    about: "A second, by backend and direction.",
                    queries: &[(
                        r#"sum by (backend, direction) (rate(llm_tokens_total{job="mcp-server"}[$__rate_interval]))"#,
                        "{{backend}} {{direction}}",
                    )],
                },
                Panel {
                    title: "Tokens an answer, p95",
                    look: Lines,
                    unit: "none",
                    about: "By model and direction: long prompts cost, and fill slots.",
                    queries: &[(
                        r#"histogram_quantile(0.95, sum by (le, gen_ai_request_model, gen_ai_token_type) (rate(gen_ai_client_token_usage_bucket{job="mcp-server"}[$__rate_interval])))"#,
                        "{{gen_ai_request_model}} {{gen_ai_token_type}}",
                    )],
                },
                Panel {
                    title: "Cost by backend",
                    look: Stack,
                    unit: "none",
                    about: "An hour, at the pace of the last five minutes.",
                    queries: &[(
                        "sum by (backend, model, currency) (llm:cost:rate5m) * 3600",
                        "{{backend}}, {{model}} ({{currency}})",
                    )],
                },
                Panel {
                    title: "Cost by tenant",
                    look: Stack,
                    unit: "none",
                    about: "An hour, of the tenants that the configuration names; all others together are (other).",
                    queries: &[(
                        "sum by (tenant, currency) (llm:cost:rate5m) * 3600",
                        "{{tenant}} ({{currency}})",
                    )],
                },
            ],
        },
        Row {
            title: "Limits",
            panels: &[
                Panel {
                    title: "Budgets of tenants",
                    look: Lines,
                    unit: "percentunit",
                    about: "Spent share of each tenant that the configuration names, by day and by month. At 100 % calls are refused.",
                    queries: &[(
                        r#"max by (tenant, period) (mcp_tenant_budget_used{job="mcp-server"})"#,
                        "{{tenant}}, {{period}}",
                    )],
                },
                Panel {
                    title: "Refused for a quota or budget",
                    look: Lines,
                    unit: "reqps",
                    about: "Callers were told which limit, and when it ends.",
                    queries: &[(
                        r#"sum(rate(mcp_shed_total{job="mcp-server", reason="quota"}[$__rate_interval]))"#,
                        "refused",
                    )],
                },
            ],
        },
    ],
};
