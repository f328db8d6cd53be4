//! Fixture tools that ask the client between rounds of one call, as 2026-07-28 does (SEP-2322).

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, InputRequests, InputRequiredResult,
    RequestMetaObject, RequestStateCodec,
};
use serde_json::{Map, Value, json};

use super::content::text;
use super::{ask_for, input_request};

/// Names and descriptions. None takes arguments.
pub(super) const TOOLS: &[(&str, &str)] = &[
    ("test_streaming_elicitation", "Asks the user for a value"),
    ("test_input_required_result_elicitation", "Asks the user"),
    ("test_input_required_result_sampling", "Asks the client's model"),
    (
        "test_input_required_result_list_roots",
        "Asks for the client's roots",
    ),
    (
        "test_input_required_result_request_state",
        "Keeps its state with the client",
    ),
    (
        "test_input_required_result_multiple_inputs",
        "Asks for three things at once",
    ),
    ("test_input_required_result_multi_round", "Asks twice"),
    (
        "test_input_required_result_tampered_state",
        "Refuses state that was changed",
    ),
    (
        "test_input_required_result_capabilities",
        "Asks only for what the client can do",
    ),
];

type Response = Result<CallToolResponse, ErrorData>;

/// Carries out a round, if the tool is one of these.
pub(super) fn call(
    codec: &RequestStateCodec,
    request: &CallToolRequestParams,
    meta: &RequestMetaObject,
) -> Option<Response> {
    let round = Round { codec, request };
    Some(match request.name.strip_prefix("test_input_required_result_") {
        Some("elicitation") => Ok(round.greeting()),
        Some("sampling") => Ok(round.capital()),
        Some("list_roots") => Ok(round.roots()),
        Some("request_state" | "tampered_state") => round.confirmation(),
        Some("multiple_inputs") => round.everything(),
        Some("multi_round") => round.steps(),
        Some("capabilities") => Ok(round.what_the_client_can(meta)),
        None if request.name == "test_streaming_elicitation" => Ok(ask(
            [("value", ask_for("Provide a value", "value", "string"))],
            None,
        )),
        _ => return None,
    })
}

struct Round<'a> {
    codec: &'a RequestStateCodec,
    request: &'a CallToolRequestParams,
}

impl Round<'_> {
    /// What the client answered under `key`; anything but an object counts as no answer.
    fn answer(&self, key: &str) -> Option<&Map<String, Value>> {
        self.request.input_responses.as_ref()?.get(key)?.as_object()
    }

    /// The state that the client gave back, `None` in the first round.
    fn state(&self) -> Result<Option<Value>, ErrorData> {
        let Some(sealed) = self.request.request_state.as_deref() else {
            return Ok(None);
        };
        self.codec.open_json(sealed).map(Some).map_err(|_| {
            ErrorData::invalid_params("`requestState` was changed; send it back as it came", None)
        })
    }

    fn seal(&self, state: &Value) -> Result<Option<String>, ErrorData> {
        self.codec
            .seal_json(state)
            .map(Some)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }

    fn greeting(&self) -> CallToolResponse {
        match self.answer("user_name") {
            Some(answer) => {
                let name = answer.get("content").and_then(|content| content["name"].as_str());
                text(format!("Hello, {}!", name.unwrap_or("whoever you are"))).into()
            }
            None => ask([("user_name", ask_for_name())], None),
        }
    }

    fn capital(&self) -> CallToolResponse {
        match self.answer("capital_question") {
            Some(answer) => {
                let capital = answer.get("content").and_then(|content| content["text"].as_str());
                text(capital.unwrap_or("no answer")).into()
            }
            None => ask(
                [("capital_question", sampling("What is the capital of France?"))],
                None,
            ),
        }
    }

    fn roots(&self) -> CallToolResponse {
        match self.answer("client_roots") {
            Some(answer) => {
                let roots = answer.get("roots").and_then(Value::as_array).map_or(0, Vec::len);
                text(format!("{roots} roots")).into()
            }
            None => ask([("client_roots", list_roots())], None),
        }
    }

    fn confirmation(&self) -> Response {
        if self.state()?.is_some() {
            return Ok(text("state-ok: confirmed").into());
        }
        let state = self.seal(&json!({ "asked": "confirm" }))?;
        Ok(ask(
            [("confirm", ask_for("Please confirm", "ok", "boolean"))],
            state,
        ))
    }

    fn everything(&self) -> Response {
        let asked_before = self.state()?.is_some();
        let answered = ["user_name", "greeting", "client_roots"]
            .iter()
            .all(|key| self.answer(key).is_some());
        if asked_before && answered {
            return Ok(text("All three were answered").into());
        }
        let state = self.seal(&json!({ "asked": "everything" }))?;
        let requests = [
            ("user_name", ask_for_name()),
            ("greeting", sampling("Generate a greeting")),
            ("client_roots", list_roots()),
        ];
        Ok(ask(requests, state))
    }

    fn steps(&self) -> Response {
        let done = self
            .state()?
            .and_then(|state| state["done"].as_u64())
            .unwrap_or(0);
        let (key, request) = match done {
            0 => ("step1", ask_for("Step 1: What is your name?", "name", "string")),
            1 => (
                "step2",
                ask_for("Step 2: What is your favorite color?", "color", "string"),
            ),
            _ => return Ok(text("Both steps are done").into()),
        };
        Ok(ask([(key, request)], self.seal(&json!({ "done": done + 1 }))?))
    }

    fn what_the_client_can(&self, meta: &RequestMetaObject) -> CallToolResponse {
        let client = meta.client_capabilities().unwrap_or_default();
        let requests: Vec<_> = [
            client
                .elicitation
                .is_some()
                .then(|| ("user_name", ask_for_name())),
            client
                .sampling
                .is_some()
                .then(|| ("greeting", sampling("Generate a greeting"))),
            client.roots.is_some().then(|| ("client_roots", list_roots())),
        ]
        .into_iter()
        .flatten()
        .collect();
        if self.request.input_responses.is_some() || requests.is_empty() {
            return text("Nothing is left to ask").into();
        }
        ask(requests, None)
    }
}

fn ask(
    requests: impl IntoIterator<Item = (&'static str, rmcp::model::InputRequest)>,
    state: Option<String>,
) -> CallToolResponse {
    let requests: InputRequests = requests
        .into_iter()
        .map(|(key, request)| (key.to_owned(), request))
        .collect();
    InputRequiredResult::new(Some(requests), state).into()
}

fn ask_for_name() -> rmcp::model::InputRequest {
    ask_for("What is your name?", "name", "string")
}

fn sampling(prompt: &str) -> rmcp::model::InputRequest {
    input_request(json!({
        "method": "sampling/createMessage",
        "params": {
            "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }],
            "maxTokens": 100,
        },
    }))
}

fn list_roots() -> rmcp::model::InputRequest {
    input_request(json!({ "method": "roots/list" }))
}
