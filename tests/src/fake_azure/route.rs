//! Which deployment a URL names, under which version, and whether the credential is the right one.

use hyper::{HeaderMap, Method, Uri};

use super::{
    Shared,
    request::{ChatRequest, Form},
    wire::Refusal,
};

/// The first dated API that knows `response_format: json_schema`.
const JSON_SCHEMA_SINCE: &str = "2024-08-01";

/// What is asked for.
pub(super) enum Route {
    Chat(Target),
    Models {
        /// As an OpenAI-compatible server.
        openai: bool,
    },
}

/// How a deployment is named: the two URL shapes.
pub(super) enum Target {
    /// In the body's `model`.
    V1,
    /// In the body's `model`, by a client that takes the fake for an OpenAI-compatible server.
    OpenAi,
    /// In the path, with the `api-version` of the query.
    Dated {
        deployment: String,
        version: Option<String>,
    },
}

impl Route {
    pub(super) fn of(method: &Method, uri: &Uri) -> Option<Self> {
        let path: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
        match (method.as_str(), path.as_slice()) {
            ("POST", ["openai", "v1", "chat", "completions"]) => Some(Self::Chat(Target::V1)),
            ("POST", ["openai", "deployments", deployment, "chat", "completions"]) => {
                let mut pairs = uri.query().into_iter().flat_map(|query| query.split('&'));
                let version = pairs.find_map(|pair| pair.strip_prefix("api-version=").map(str::to_owned));
                Some(Self::Chat(Target::Dated {
                    deployment: (*deployment).to_owned(),
                    version,
                }))
            }
            ("GET", ["openai", "v1", "models"]) => Some(Self::Models { openai: false }),
            ("POST", ["v1", "chat", "completions"]) => Some(Self::Chat(Target::OpenAi)),
            ("GET", ["v1", "models"]) => Some(Self::Models { openai: true }),
            _ => None,
        }
    }
}

impl Target {
    pub(super) fn deployment(&self, request: Option<&ChatRequest>) -> String {
        match self {
            Self::V1 | Self::OpenAi => request
                .and_then(|request| request.model.clone())
                .unwrap_or_default(),
            Self::Dated { deployment, .. } => deployment.clone(),
        }
    }

    pub(super) fn check_version(&self, form: &Form) -> Result<(), Refusal> {
        let Self::Dated { version, .. } = self else {
            return Ok(());
        };
        let date = version
            .as_deref()
            .map(|version| version.strip_suffix("-preview").unwrap_or(version));
        let Some(date) = date.filter(|date| is_date(date)) else {
            return Err(Refusal::resource_not_found());
        };
        if matches!(form, Form::JsonSchema(_)) && date < JSON_SCHEMA_SINCE {
            let message = "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later";
            return Err(Refusal::invalid(
                message,
                Some("response_format"),
                Some("BadRequest"),
            ));
        }
        Ok(())
    }
}

/// As [`check_credential`], for an OpenAI-compatible server: a bearer credential, and nothing else.
pub(super) fn check_bearer(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    if bearer.and_then(|bearer| bearer.strip_prefix("Bearer ")) == Some(shared.config.api_key.as_str()) {
        Ok(())
    } else {
        Err(Refusal::wrong_key())
    }
}

/// `YYYY-MM-DD`, from the service's first version on.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
        && text >= "2022-12-01"
}

pub(super) fn check_credential(shared: &Shared, headers: &HeaderMap, v1: bool) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let valid = shared.config.api_key.as_str();
    match (text("api-key"), text("authorization")) {
        (Some(key), _) if key == valid => Ok(()),
        (Some(_), _) | (None, None) => Err(Refusal::wrong_key()),
        // `/openai/v1/` takes the key as a bearer credential too; dated versions want an Entra token there.
        (None, Some(bearer)) if v1 && bearer.strip_prefix("Bearer ") == Some(valid) => Ok(()),
        (None, Some(_)) => Err(Refusal::wrong_bearer()),
    }
}
