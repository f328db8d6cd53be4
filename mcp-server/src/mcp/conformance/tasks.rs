//! Fixture tools that run as tasks (SEP-2663).

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, CreateTaskResult, ErrorData,
    InputRequests, InputRequiredResult, Tool,
};
use rmcp::service::RequestContext;
use rmcp::task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions};
use serde_json::{Value, json};

use super::ask_for;
use super::content::{failure, text};
use super::tools::{argument, object};

/// Whether a tool can do without a task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Support {
    /// It never makes one.
    None,
    /// It makes one for clients that know tasks.
    Optional,
    /// It refuses clients that do not.
    Required,
}

const TOOLS: &[(&str, &str, Support)] = &[
    ("greet", "Greets at once", Support::None),
    (
        "slow_compute",
        "Takes as many seconds as it is told",
        Support::Optional,
    ),
    ("failing_job", "Fails after a second", Support::Required),
    (
        "protocol_error_job",
        "Ends in an error of the protocol",
        Support::Optional,
    ),
    ("confirm_delete", "Asks the user to confirm", Support::Required),
    (
        "multi_input",
        "Asks the user for two things at once",
        Support::Required,
    ),
    (
        "test_tool_with_task",
        "Asks first, then runs as a task",
        Support::Required,
    ),
];

pub(super) fn is_fixture(name: &str) -> bool {
    TOOLS.iter().any(|(tool, ..)| *tool == name)
}

pub(super) fn definitions() -> impl Iterator<Item = Tool> {
    TOOLS.iter().map(|(name, description, _)| {
        let (properties, required) = match *name {
            "greet" => (json!({ "name": { "type": "string" } }), json!(["name"])),
            "slow_compute" => (
                json!({ "seconds": { "type": "number" }, "label": { "type": "string" } }),
                json!([]),
            ),
            "confirm_delete" => (json!({ "filename": { "type": "string" } }), json!([])),
            _ => (json!({}), json!([])),
        };
        let schema = json!({ "type": "object", "properties": properties, "required": required });
        Tool::new(*name, *description, object(schema))
    })
}

/// Carries out a call, as a task where the tool and the client can.
pub(super) fn call(
    tasks: &TaskManager,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let name = request.name.as_ref();
    let support = TOOLS
        .iter()
        .find(|(tool, ..)| *tool == name)
        .map_or(Support::None, |(.., support)| *support);
    let client_knows_tasks = context
        .client_capabilities()
        .is_some_and(|client| client.supports_tasks());
    if support == Support::Required && !client_knows_tasks {
        let needed = ClientCapabilities::builder().enable_tasks().build();
        return Err(ErrorData::missing_required_client_capability(needed));
    }
    if name == "greet" {
        return Ok(text(format!(
            "Hello, {}!",
            argument(request, "name").unwrap_or("whoever you are")
        ))
        .into());
    }
    let name_given = request
        .input_responses
        .as_ref()
        .and_then(|answers| answers.get("user_name"));
    if name == "test_tool_with_task" && name_given.is_none() {
        let mut requests = InputRequests::new();
        requests.insert(
            "user_name".to_owned(),
            ask_for("What is your name?", "name", "string"),
        );
        return Ok(InputRequiredResult::from_input_requests(requests).into());
    }
    if !client_knows_tasks {
        // Those that may run without a task have nothing to wait for that a scenario would look at.
        return at_once(request);
    }
    let work = Work::new(request, name_given);
    let task = tasks.spawn(TaskOptions::default(), move |context| Box::pin(work.run(context)));
    Ok(CreateTaskResult::new(task).into())
}

fn at_once(request: &CallToolRequestParams) -> Result<CallToolResponse, ErrorData> {
    match request.name.as_ref() {
        "protocol_error_job" => Err(intended_error()),
        _ => Ok(text("Computed without a task").into()),
    }
}

fn intended_error() -> ErrorData {
    ErrorData::internal_error("this job ends in an error of the protocol, as intended", None)
}

/// What runs as a task.
enum Work {
    Compute { duration: Duration, label: String },
    Fail,
    Err,
    Confirm { filename: String },
    AskTwice,
    Greet { name: String },
}

impl Work {
    fn new(request: &CallToolRequestParams, name_given: Option<&Value>) -> Self {
        match request.name.as_ref() {
            "slow_compute" => {
                let seconds = request
                    .arguments
                    .as_ref()
                    .and_then(|arguments| arguments.get("seconds"));
                let seconds = seconds.and_then(Value::as_f64).unwrap_or(1.0).clamp(0.0, 60.0);
                let label = argument(request, "label").unwrap_or("compute").to_owned();
                Self::Compute {
                    duration: Duration::from_secs_f64(seconds),
                    label,
                }
            }
            "failing_job" => Self::Fail,
            "confirm_delete" => Self::Confirm {
                filename: argument(request, "filename").unwrap_or("a file").to_owned(),
            },
            "multi_input" => Self::AskTwice,
            "test_tool_with_task" => {
                let name = name_given.and_then(|answer| answer["content"]["name"].as_str());
                Self::Greet {
                    name: name.unwrap_or("whoever you are").to_owned(),
                }
            }
            _ => Self::Err,
        }
    }

    async fn run(self, context: TaskContext) -> Result<CallToolResult, TaskExit> {
        match self {
            Self::Compute { duration, label } => {
                wait(&context, duration).await?;
                Ok(text(format!("{label} is computed")))
            }
            Self::Fail => {
                wait(&context, Duration::from_secs(1)).await?;
                Ok(failure("this job fails, as intended"))
            }
            Self::Err => {
                wait(&context, Duration::from_millis(200)).await?;
                Err(intended_error().into())
            }
            Self::Confirm { filename } => {
                let question = ask_for(&format!("Delete {filename}?"), "confirm", "boolean");
                let answer = context.request_input("confirm", question).await?;
                Ok(text(format!("confirmed: {}", answer["content"]["confirm"])))
            }
            Self::AskTwice => {
                let (first, second) = tokio::join!(
                    context.request_input("first", ask_for("Provide a value", "value", "string")),
                    context.request_input("second", ask_for("Provide another value", "value", "string")),
                );
                Ok(text(format!(
                    "{} and {}",
                    first?["content"]["value"], second?["content"]["value"]
                )))
            }
            Self::Greet { name } => {
                wait(&context, Duration::from_millis(200)).await?;
                Ok(text(format!("Hello, {name}!")))
            }
        }
    }
}

async fn wait(context: &TaskContext, duration: Duration) -> Result<(), TaskExit> {
    tokio::select! {
        () = context.cancelled() => Err(TaskExit::Cancelled),
        () = tokio::time::sleep(duration) => Ok(()),
    }
}
