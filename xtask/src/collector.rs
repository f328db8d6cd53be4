//! A real collector of traces: what rotel, from `PyPI`, reads of a call that failed over.
//!
//! Nobody listens where Azure is said to be, so that the bundled model answers; rotel prints each span that it takes.

use std::{
    net::SocketAddr,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    command::{self, Show},
    server::{McpServer, Running, clean_command, free_address},
    setup,
    tally::Tally,
    workspace::Workspace,
};

const CALL_LIMIT: Duration = Duration::from_mins(1);
/// How long spans may take to arrive.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(200);
/// The root of the call.
const ROOT: &str = "tools/call classify_ticket";

/// A span, as rotel prints it.
#[derive(Debug, Default, Clone)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    attributes: Vec<String>,
}

/// Starts rotel and a server, calls a tool, and looks at the trace.
pub(crate) fn run(workspace: &Workspace) -> Result<Tally> {
    let (http, nobody) = (free_address()?, free_address()?);
    let rotel = start_rotel(workspace, http)?;
    let azure = format!("http://{nobody}");
    let endpoint = format!("http://{http}");
    let environment = [
        ("AZURE_OPENAI_ENDPOINT", azure.as_str()),
        ("AZURE_OPENAI_DEPLOYMENT", "gpt-4.1-mini"),
        ("AZURE_OPENAI_API_KEY", "any"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ];
    let server = McpServer::start(workspace, "traced", &workspace.binary("mcp-server"), &environment)?;
    let mut call = clean_command(&workspace.binary("mcp-server"));
    call.args([
        "tools",
        "call",
        "classify_ticket",
        "--json",
        "--url",
        &server.url(),
    ])
    .args(["--arg", "text=My order 4711 has not arrived."]);
    let answer = command::run(&mut call, CALL_LIMIT, Show::Nothing)?.join("\n");
    ensure!(
        answer.contains("\"backend\": \"local\"") || answer.contains("\"backend\":\"local\""),
        "who answered? {answer}"
    );
    let deadline = Instant::now() + ARRIVAL_LIMIT;
    loop {
        let text = rotel.whole_log();
        let spans = read(&text);
        if spans.iter().any(|span| span.name == ROOT) {
            check(&spans).with_context(|| text.clone())?;
            ensure!(
                text.contains("deployment.environment.name: Str(test)"),
                "no resource: {text}"
            );
            return Ok(Tally::one());
        }
        ensure!(Instant::now() < deadline, "no trace arrived:\n{text}");
        thread::sleep(PAUSE);
    }
}

fn start_rotel(workspace: &Workspace, http: SocketAddr) -> Result<Running> {
    let tools = setup::client_tools(workspace)?;
    let mut find = Command::new(&tools.python);
    find.args(["-c", "import rotel.agent; print(rotel.agent.Agent.agent_path)"]);
    let program = command::run(&mut find, CALL_LIMIT, Show::Nothing)?;
    let program = program.last().context("rotel does not say where it is")?;
    let mut command = Command::new(program);
    command
        .arg("start")
        .args(["--otlp-http-endpoint", &http.to_string()])
        .args(["--otlp-grpc-endpoint", &free_address()?.to_string()])
        .args(["--debug-log", "traces", "--debug-log-verbosity", "detailed"])
        .args(["--exporter", "blackhole"]);
    let rotel = Running::start(workspace, "rotel", &mut command)?;
    let deadline = Instant::now() + ARRIVAL_LIMIT;
    while std::net::TcpStream::connect(http).is_err() {
        ensure!(
            Instant::now() < deadline,
            "rotel does not listen:\n{}",
            rotel.last_lines()
        );
        thread::sleep(PAUSE);
    }
    Ok(rotel)
}

fn read(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("Span #") {
            spans.push(Span::default());
        }
        let Some(span) = spans.last_mut() else {
            continue;
        };
        if let Some(attribute) = line.strip_prefix("-> ") {
            span.attributes.push(attribute.to_owned());
        } else if let Some((key, value)) = line.split_once(':') {
            let value = value.trim().to_owned();
            match key.trim() {
                "Trace ID" => span.trace = value,
                "ID" => span.id = value,
                "Parent ID" => span.parent = value,
                "Name" => span.name = value,
                _ => {}
            }
        }
    }
    spans
}

/// The spans of the call are one trace: the failed attempt, and the one that answered.
fn check(spans: &[Span]) -> Result<()> {
    let root = spans.iter().find(|span| span.name == ROOT).context("no root")?;
    let of_call: Vec<_> = spans.iter().filter(|span| span.trace == root.trace).collect();
    for (name, attribute) in [
        ("chat gpt-4.1-mini", "error.type: Str(unreachable)"),
        ("chat bundled", "b2xgate.outcome: Str(answered)"),
    ] {
        let attempt = of_call.iter().find(|span| span.name == name);
        let attempt = attempt.with_context(|| format!("no span {name:?} in the trace"))?;
        ensure!(attempt.parent == root.id, "{attempt:?} is not of the call");
        let has = attempt.attributes.iter().any(|found| found == attribute);
        ensure!(has, "{attempt:?} does not say {attribute:?}");
    }
    let orphans: Vec<_> = of_call
        .iter()
        .filter(|span| span.id != root.id && !of_call.iter().any(|other| other.id == span.parent))
        .collect();
    ensure!(orphans.is_empty(), "spans without their parent: {orphans:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_rotel_prints_them() {
        let text = "Resource attributes:\n     -> service.name: Str(x)\nSpan #0\n    Trace ID       : 0af7\n    \
                    Parent ID      : \n    ID             : b7ad\n    Name           : hello: you\nAttributes:\n     \
                    -> a: Str(b)\nSpan #1\n    Parent ID      : b7ad\n";
        let spans = read(text);
        assert_eq!(spans.len(), 2);
        assert_eq!((spans[0].trace.as_str(), spans[0].id.as_str()), ("0af7", "b7ad"));
        assert_eq!(
            (spans[0].name.as_str(), spans[0].parent.as_str()),
            ("hello: you", "")
        );
        assert_eq!(spans[0].attributes, ["a: Str(b)"]);
        assert_eq!(spans[1].parent, "b7ad");
    }
}
