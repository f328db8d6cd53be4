//! `[[backends]]` of kind `openai`: what a server that speaks OpenAI's chat completions wants to be told.

use std::path::PathBuf;

use inference::MaxTokensField;

use crate::config::{OpenAi, reader::Section};

use super::{
    Environment,
    backends::{check_file, parse_path, read_key_location, read_place, read_price},
    parse_name,
};

pub(super) fn read_openai(section: &mut Section<'_>, environment: &Environment) -> Option<OpenAi> {
    let base_url = section.text("base_url", None, ToString::to_string, parse_base_url);
    if base_url.is_none() {
        section.missing(
            "base_url",
            "write the address of the API, for example https://HOST/v1",
        );
    }
    let allow_plain_http = section.flag("allow_plain_http", false);
    let model = section.text("model", None, String::clone, parse_name);
    if model.is_none() {
        section.missing("model", "write the name of the model that the server serves");
    }
    let upstream_default = model.as_ref().map(|model| model.value.clone());
    let upstream_model = section.text("upstream_model", upstream_default, String::clone, parse_model);
    let (region, processing) = read_place(section);
    let key = read_key_location(section, environment);
    let show_path = |path: &PathBuf| path.display().to_string();
    let ca_file = section.text("ca_file", None, show_path, parse_path);
    let ca_file = ca_file
        .map(|file| check_file(section, file, "the certificates of the server's authority"))
        .transpose();
    let max_tokens_field = section.choice(
        "max_tokens_field",
        Some(MaxTokensField::MaxTokens),
        &[
            ("max_tokens", MaxTokensField::MaxTokens),
            ("max_completion_tokens", MaxTokensField::MaxCompletionTokens),
        ],
    );
    let tools = section.flag("tools", true);
    let max_concurrency = section.integer("max_concurrency", 64, 1..=10_000);
    let context_tokens = section.optional_integer("context_tokens", None, 256..=10_000_000);
    let price = read_price(section.section("price_per_million"));
    Some(OpenAi {
        base_url: base_url?.value,
        allow_plain_http,
        model: model?.value,
        upstream_model: upstream_model?.value,
        region: region?,
        processing: processing?,
        key: key.ok()?,
        ca_file: ca_file.ok()?,
        max_tokens_field: max_tokens_field?.value,
        tools,
        max_concurrency,
        context_tokens,
        price,
    })
}

/// A model's name may be a path: `Qwen/Qwen3-8B`, or that of a file.
fn parse_model(text: &str) -> Result<String, (String, String)> {
    if (1..=256).contains(&text.chars().count()) && !text.contains(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err((
            "is no name of a model".to_owned(),
            "write the name as the server's /models shows it, at most 256 characters".to_owned(),
        ))
    }
}

/// What else an address must be depends on `allow_plain_http`, and is checked where the client is made.
fn parse_base_url(text: &str) -> Result<url::Url, (String, String)> {
    url::Url::parse(text).map_err(|error| {
        (
            format!("is no URL ({error})"),
            "write the address of the API, for example https://HOST/v1".to_owned(),
        )
    })
}
