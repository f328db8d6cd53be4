//! Any server that speaks OpenAI's chat completions, behind the [`Backend`](crate::Backend) trait: OpenAI
//! itself, vLLM, llama.cpp's server, or this program on another machine.
//!
//! It speaks the protocol of `chat_completions`. Here is where the server is, its optional key, whose
//! certificates are believed, and what the refusals of such servers mean.
//!
//! | file | what |
//! |---|---|
//! | `server` | the backend |
//! | `base_url` | checks the configuration, says where calls go |
//! | `classify` | error object to code, code to error |

mod base_url;
mod classify;
mod server;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

pub use base_url::ConfigError;
pub use server::Server;

use crate::{
    BackendInfo, KeySource, MaxTokensField, chat_completions::address::without_credentials, resilience,
};

/// How to reach one server.
#[derive(Clone)]
pub struct Config {
    /// What it is.
    pub info: BackendInfo,
    /// Everything before `/chat/completions`; it usually ends in `/v1`.
    pub base_url: url::Url,
    /// Whether `http` is accepted to another machine.
    pub allow_plain_http: bool,
    /// What the server calls its model.
    pub upstream_model: String,
    /// Gives the API key, afresh for each attempt. Many servers want none.
    pub api_key: Option<Arc<dyn KeySource>>,
    /// Certificates in PEM, the only ones that are believed; `None` believes what this machine does.
    pub roots: Option<Vec<u8>>,
    /// In which field the bound of an answer is sent.
    pub max_tokens_field: MaxTokensField,
    /// Timeouts.
    pub resilience: resilience::Config,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("info", &self.info)
            .field("base_url", &without_credentials(&self.base_url))
            .field("allow_plain_http", &self.allow_plain_http)
            .field("upstream_model", &self.upstream_model)
            .field("api_key", &self.api_key.as_ref().map(|_| "(hidden)"))
            .field("roots", &self.roots.as_ref().map(Vec::len))
            .field("max_tokens_field", &self.max_tokens_field)
            .field("resilience", &self.resilience)
            .finish()
    }
}
