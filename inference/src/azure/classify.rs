//! What Azure means by its refusals.

use serde_json::Value;

use crate::{
    BackendError,
    chat_completions::{
        Dialect,
        failure::{Code, Lack, Refusal, Stage, by_status},
        refusal::{categories, names, number_after},
    },
};

/// How Azure speaks of failure.
pub(crate) static AZURE: Dialect = Dialect { code, classify };

/// Reads the error object that Azure sends, whatever its status.
fn code(error: &Value, _status: Option<u16>) -> Code {
    let parameter = error.get("param").and_then(Value::as_str);
    names(error)
        .find_map(|name| match (name, parameter) {
            ("content_filter" | "content_policy_violation" | "ResponsibleAIPolicyViolation", _) => {
                Some(Code::ContentFilter {
                    categories: categories(error),
                })
            }
            ("content_filter_error", _) => Some(Code::ContentFilterUnavailable),
            ("context_length_exceeded", _) => Some(Code::ContextLength {
                needed: number_after(error, &["you requested ", "resulted in "]),
                limit: number_after(error, &["maximum context length is ", "configured limit of "]),
            }),
            ("insufficient_quota", _) => Some(Code::InsufficientQuota),
            ("unsupported_parameter" | "unsupported_value", Some(parameter))
                if Lack::of_parameter(parameter).is_some() =>
            {
                Lack::of_parameter(parameter).map(Code::Unsupported)
            }
            ("OperationNotSupported", _) => Some(Code::Unsupported(Lack::Chat)),
            ("invalid_json_schema", _) | (_, Some("response_format")) => {
                Some(Code::Unsupported(Lack::Schema))
            }
            _ => None,
        })
        .unwrap_or(Code::Other)
}

/// A code decides before the status does, within the statuses where Azure uses it.
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
        (200..=599, Code::ContentFilterUnavailable) => BackendError::ContentFilterUnavailable,
        (400 | 413 | 422, Code::ContextLength { needed, limit }) => {
            BackendError::ContextLengthExceeded { needed, limit }
        }
        (403 | 429, Code::InsufficientQuota) => BackendError::QuotaExhausted,
        (400 | 422, Code::Unsupported(lack)) => BackendError::Unsupported {
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
        ) => by_status(status, message, retry_after, "endpoint"),
    }
}

fn describe(lack: Lack) -> &'static str {
    match lack {
        Lack::Temperature => "the deployment takes no temperature; later calls leave it out",
        Lack::Seed => "the deployment takes no seed; later calls leave it out",
        Lack::Schema => "the deployment cannot hold to this schema",
        Lack::TopP => "the deployment takes no top_p",
        Lack::Stop => "the deployment takes no stop sequences",
        Lack::Tools => "the deployment does not call tools in this way",
        Lack::MaxTokens => "the deployment takes no such bound of the answer; choose another `api`",
        Lack::Unnamed => "the deployment cannot do this",
        Lack::Chat => "the deployment's model does not chat; choose another deployment",
    }
}
