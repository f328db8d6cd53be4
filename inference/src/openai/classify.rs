//! What the refusals of OpenAI, vLLM, llama.cpp's server and this program mean.
//!
//! They agree on statuses and on little else. Where a server names no code, its words decide: only those
//! few that lead to another decision than the status alone.

use serde_json::Value;

use crate::{
    BackendError,
    chat_completions::{
        Dialect,
        failure::{Code, Lack, Refusal, Stage, by_status},
        refusal::{categories, names, number_after, words},
    },
};

/// How compatible servers speak of failure.
pub(crate) static OPENAI: Dialect = Dialect { code, classify };

fn code(error: &Value, status: Option<u16>) -> Code {
    names(error)
        .find_map(|name| named(name, error))
        .or_else(|| parameter(error))
        .or_else(|| worded(error, status))
        .unwrap_or(Code::Other)
}

/// Reads a code that the server names.
fn named(name: &str, error: &Value) -> Option<Code> {
    match name {
        "content_filter" | "content_filtered" | "content_policy_violation" => Some(Code::ContentFilter {
            categories: categories(error),
        }),
        "context_length_exceeded" | "exceed_context_size_error" => Some(context_length(error)),
        "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active" => {
            Some(Code::InsufficientQuota)
        }
        "queue_full" | "wait_too_long" => Some(Code::Overloaded),
        "model_not_found" | "unknown_model" => Some(Code::UnknownModel),
        "invalid_output" | "unusable_answer" => Some(Code::InvalidOutput),
        "invalid_json_schema" => Some(Code::Unsupported(Lack::Schema)),
        "not_supported" | "not_supported_error" => Some(Code::Unsupported(Lack::Unnamed)),
        "unsupported_parameter" | "unsupported_value" => error
            .get("param")
            .and_then(Value::as_str)
            .and_then(Lack::of_parameter)
            .map(Code::Unsupported),
        _ => None,
    }
}

/// A schema that is refused is named by its parameter alone.
fn parameter(error: &Value) -> Option<Code> {
    let parameter = error.get("param")?.as_str()?;
    (parameter == "response_format").then_some(Code::Unsupported(Lack::Schema))
}

/// Reads the words of servers that name no code.
fn worded(error: &Value, status: Option<u16>) -> Option<Code> {
    if !matches!(status, None | Some(400 | 413 | 422 | 500 | 501)) {
        return None;
    }
    let words = words(error).to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&[
        "maximum context length",
        "context length is only",
        "maximum model length",
        "exceeds the available context size",
    ]) {
        Some(context_length(error))
    } else if says(&["--jinja", "--enable-auto-tool-choice", "--tool-call-parser"]) {
        Some(Code::Unsupported(Lack::Tools))
    } else if says(&["failed to parse grammar", "json schema conversion failed"]) {
        Some(Code::Unsupported(Lack::Schema))
    } else {
        None
    }
}

/// Finds the two numbers: in the fields of llama.cpp's server, or in the sentences of the others.
fn context_length(error: &Value) -> Code {
    let field = |name: &str| error.get(name)?.as_u64()?.try_into().ok();
    Code::ContextLength {
        needed: field("n_prompt_tokens").or_else(|| {
            number_after(
                error,
                &["you requested ", "resulted in ", "request (", "prompt (length "],
            )
        }),
        limit: field("n_ctx").or_else(|| {
            let marks = [
                "maximum context length is ",
                "context length is only ",
                "maximum model length of ",
                "available context size (",
            ];
            number_after(error, &marks)
        }),
    }
}

/// A code decides before the status does, within the statuses where servers use it.
fn classify(refusal: Refusal, stage: Stage) -> BackendError {
    let Refusal {
        status,
        code,
        message,
        retry_after,
    } = refusal;
    match (status, code) {
        (400..=499, Code::ContentFilter { categories }) => BackendError::ContentFiltered {
            stage: stage.as_str(),
            categories,
        },
        (400..=599, Code::ContentFilterUnavailable) => BackendError::ContentFilterUnavailable,
        (400 | 413 | 422 | 500, Code::ContextLength { needed, limit }) => {
            BackendError::ContextLengthExceeded { needed, limit }
        }
        (403 | 429, Code::InsufficientQuota) => BackendError::QuotaExhausted,
        (429 | 500..=599, Code::Overloaded) => BackendError::Throttled { retry_after },
        // Who may not use a model is told that there is none.
        (400 | 403 | 404, Code::UnknownModel) => BackendError::DeploymentNotFound,
        (400 | 422 | 500..=599, Code::InvalidOutput) => BackendError::InvalidOutput {
            reason: "the server says that its model gave no usable answer".to_owned(),
        },
        (400 | 422 | 500 | 501, Code::Unsupported(lack)) => BackendError::Unsupported {
            reason: describe(lack).to_owned(),
        },
        (
            _,
            Code::ContentFilter { .. }
            | Code::ContentFilterUnavailable
            | Code::ContextLength { .. }
            | Code::InsufficientQuota
            | Code::Overloaded
            | Code::UnknownModel
            | Code::InvalidOutput
            | Code::Unsupported(_)
            | Code::Other,
        ) => by_status(status, message, retry_after, "base_url"),
    }
}

fn describe(lack: Lack) -> &'static str {
    match lack {
        Lack::Temperature => "the server takes no temperature; later calls leave it out",
        Lack::Seed => "the server takes no seed; later calls leave it out",
        Lack::TopP => "the server takes no top_p",
        Lack::Stop => "the server takes no stop sequences",
        Lack::Schema => "the server cannot hold to this schema",
        Lack::Tools => "the server is not set up to call tools",
        Lack::MaxTokens => {
            "the server wants the bound of an answer in the other field; set `max_tokens_field`"
        }
        Lack::Chat => "the server's model does not chat",
        Lack::Unnamed => "the server cannot do this",
    }
}
