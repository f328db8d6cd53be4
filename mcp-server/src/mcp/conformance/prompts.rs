//! Fixture prompts.

use rmcp::model::{
    CacheScope, ContentBlock, ErrorData, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
    InputRequests, InputRequiredResult, ListPromptsResult, Prompt, PromptArgument, PromptMessage, Role,
};

use super::ask_for;
use super::content::{IMAGE, resource};
use super::resources::TTL_MS;

pub(super) fn list() -> ListPromptsResult {
    let argument = |name: &str, description: &str| {
        PromptArgument::new(name)
            .with_description(description)
            .with_required(true)
    };
    ListPromptsResult::with_all_items(vec![
        Prompt::new("test_simple_prompt", Some("A prompt without arguments"), None),
        Prompt::new(
            "test_prompt_with_arguments",
            Some("A prompt with two arguments"),
            Some(vec![
                argument("arg1", "The first"),
                argument("arg2", "The second"),
            ]),
        ),
        Prompt::new(
            "test_prompt_with_embedded_resource",
            Some("A prompt with a resource"),
            Some(vec![argument("resourceUri", "The resource")]),
        ),
        Prompt::new("test_prompt_with_image", Some("A prompt with an image"), None),
        Prompt::new(
            "test_input_required_result_prompt",
            Some("A prompt that asks the user first"),
            None,
        ),
    ])
    .with_ttl_ms(TTL_MS)
    .with_cache_scope(CacheScope::Public)
}

pub(super) fn get(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let argument = |name: &str| {
        let arguments = request.arguments.as_ref();
        arguments
            .and_then(|arguments| arguments.get(name))
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    };
    let said = |text: String| PromptMessage::new_text(Role::User, text);
    let messages = match request.name.as_str() {
        "test_simple_prompt" => vec![said("This is a simple prompt for testing.".to_owned())],
        "test_prompt_with_arguments" => {
            let (first, second) = (argument("arg1"), argument("arg2"));
            vec![said(format!(
                "Prompt with arguments: arg1='{first}', arg2='{second}'"
            ))]
        }
        "test_prompt_with_embedded_resource" => vec![
            PromptMessage::new(
                Role::User,
                resource(
                    argument("resourceUri"),
                    "text/plain",
                    "Embedded resource content for testing.",
                ),
            ),
            said("Please process the embedded resource above.".to_owned()),
        ],
        "test_prompt_with_image" => vec![
            PromptMessage::new(Role::User, ContentBlock::image(IMAGE, "image/png")),
            said("Please analyze the image above.".to_owned()),
        ],
        "test_input_required_result_prompt" => {
            let answers = request.input_responses.as_ref();
            let Some(answer) = answers.and_then(|answers| answers.get("user_context")) else {
                let mut requests = InputRequests::new();
                let question = ask_for("What context should the prompt use?", "context", "string");
                requests.insert("user_context".to_owned(), question);
                return Ok(InputRequiredResult::from_input_requests(requests).into());
            };
            let context = answer["content"]["context"].as_str().unwrap_or_default();
            vec![said(format!("Use this context: {context}"))]
        }
        name => {
            return Err(ErrorData::invalid_params(
                format!("there is no prompt {name:?}; see prompts/list"),
                None,
            ));
        }
    };
    Ok(GetPromptResult::new(messages)
        .with_description("A prompt for tests")
        .into())
}
