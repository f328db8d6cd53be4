//! `tools`: lists and calls tools, in this process or on a running server.

mod arguments;
mod local;
mod remote;

use clap::{Args, Subcommand, ValueHint};
use serde_json::{Map, Value, json};

use super::{Result, Start, credential, output};

pub(super) use remote::footer;

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server tools list
  mcp-server tools call summarize_text --arg text=@mail.txt
  mcp-server tools call classify_ticket --args '{\"text\": \"Wo bleibt meine Bestellung?\"}'
  mcp-server tools call server_status --url http://127.0.0.1:8080/mcp
  mcp-server tools list --url https://mcp.example.com/mcp --api-key-file erp.key

Exit codes: 1 the tool failed, 3 the server refused us, 4 the server cannot be reached.";

/// The key of `_meta` that says who answered.
const ANSWER_KEY: &str = "com.b2xgate/answer";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List tools with what they are for
    List(Where),
    /// Call one tool
    Call {
        /// The tool's name
        name: String,
        /// All arguments as JSON; @file reads a file, - reads standard input
        #[arg(long, value_name = "JSON", value_hint = ValueHint::FilePath)]
        args: Option<String>,
        /// One argument as key=value; @file as value reads a file; may be repeated
        #[arg(long, value_name = "KEY=VALUE")]
        arg: Vec<String>,
        #[command(flatten)]
        at: Where,
    },
}

#[derive(Debug, Args)]
pub(super) struct Where {
    /// A running server's endpoint; without it the tools run in this process
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    url: Option<String>,
    #[command(flatten)]
    credential: credential::Arguments,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A tool as the commands see it, wherever it runs.
#[derive(Debug)]
struct Listed {
    name: String,
    title: String,
    description: String,
    input_schema: Map<String, Value>,
    /// As `tools/list` says it.
    whole: Value,
}

/// What came of a call, wherever it ran.
#[derive(Debug)]
struct Called {
    structured: Value,
    /// Who answered; null for tools that ask no model.
    answer: Value,
    /// What to say under the result.
    footer: Option<String>,
}

pub(super) async fn run(start: &Start, command: Command) -> Result {
    start.log("warn")?;
    match command {
        Command::List(at) => {
            let tools = match &at.url {
                Some(url) => connect(start, url, &at).await?.list().await?,
                None => local::Process::start(start)?.list(),
            };
            list(start, &tools, at.json);
            Ok(())
        }
        Command::Call { name, args, arg, at } => {
            let called = if let Some(url) = &at.url {
                let server = connect(start, url, &at).await?;
                let tools = server.list().await?;
                let arguments = arguments::collect(schema_of(&tools, &name), args.as_deref(), &arg)?;
                server.call(&name, arguments).await?
            } else {
                let process = local::Process::start(start)?;
                let tools = process.list();
                let arguments = arguments::collect(schema_of(&tools, &name), args.as_deref(), &arg)?;
                process.call(&name, arguments).await?
            };
            show(start, &called, at.json);
            Ok(())
        }
    }
}

async fn connect(start: &Start, url: &str, at: &Where) -> Result<remote::Server> {
    remote::Server::connect(url, &at.credential, &start.environment).await
}

fn schema_of<'a>(tools: &'a [Listed], name: &str) -> Option<&'a Map<String, Value>> {
    tools
        .iter()
        .find(|tool| tool.name == name)
        .map(|tool| &tool.input_schema)
}

fn list(start: &Start, tools: &[Listed], json: bool) {
    if json {
        return output::json(&json!({"tools": tools.iter().map(|tool| &tool.whole).collect::<Vec<_>>()}));
    }
    for tool in tools {
        output::line(&format!("{}  {}", start.style.bold(&tool.name), tool.title));
        output::line(&format!("  {}", tool.description));
        let required = tool.input_schema.get("required").and_then(Value::as_array);
        let names = tool
            .input_schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys);
        let arguments: Vec<_> = names
            .map(|name| {
                let needed =
                    required.is_some_and(|required| required.iter().any(|needed| needed == name.as_str()));
                if needed { name.clone() } else { format!("[{name}]") }
            })
            .collect();
        if !arguments.is_empty() {
            output::line(&start.style.dim(&format!("  arguments: {}", arguments.join(" "))));
        }
    }
}

fn show(start: &Start, called: &Called, json: bool) {
    if json {
        let mut meta = Map::new();
        if !called.answer.is_null() {
            meta.insert(ANSWER_KEY.to_owned(), called.answer.clone());
        }
        return output::json(&json!({"structuredContent": called.structured, "_meta": meta}));
    }
    output::json(&called.structured);
    if let Some(footer) = &called.footer {
        output::error_line(&start.style.remark(footer));
    }
}
