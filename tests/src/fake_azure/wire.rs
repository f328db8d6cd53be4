//! The bodies that Azure OpenAI sends: completions, stream chunks and errors.

use serde_json::{Value, json};

use super::{faults::Status, tools};

/// An error response, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: Vec<(String, String)>,
}

impl Refusal {
    fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }

    /// 400 as the model front end says it.
    pub(super) fn invalid(message: impl Into<String>, param: Option<&str>, code: Option<&str>) -> Self {
        let message: String = message.into();
        Self::new(
            400,
            json!({"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}),
        )
    }

    pub(super) fn wrong_key() -> Self {
        Self::new(
            401,
            gateway_error(
                "401",
                "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
            ),
        )
    }

    /// 401 of a bearer credential; another shape than that of a key, as Azure has it.
    pub(super) fn wrong_bearer() -> Self {
        Self::new(
            401,
            json!({"statusCode": 401, "message": "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired."}),
        )
    }

    pub(super) fn resource_not_found() -> Self {
        Self::new(404, gateway_error("404", "Resource not found"))
    }

    pub(super) fn deployment_not_found() -> Self {
        Self::new(
            404,
            gateway_error(
                "DeploymentNotFound",
                "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
            ),
        )
    }

    pub(super) fn too_large() -> Self {
        Self::new(
            413,
            gateway_error("RequestEntityTooLarge", "The request body is too large."),
        )
    }

    pub(super) fn throttled(retry_after_ms: u64) -> Self {
        let seconds = retry_after_ms.div_ceil(1000);
        let body = gateway_error(
            "429",
            &format!(
                "Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded rate limit of your current pricing tier. Please retry after {seconds} seconds."
            ),
        );
        Self::new(429, body)
            .with("retry-after-ms", &retry_after_ms.to_string())
            .with("retry-after", &seconds.to_string())
    }

    /// 400 of the content filter, the prompt having triggered `category`.
    pub(super) fn prompt_filtered(category: &str) -> Self {
        let message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766";
        Self::new(
            400,
            json!({"error": {
                "message": message, "type": null, "param": "prompt", "code": "content_filter", "status": 400,
                "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": prompt_filter(Some(category))},
            }}),
        )
    }

    /// The usual body of a status, or the one that the fault brings.
    pub(super) fn of_fault(status: &Status) -> Self {
        let mut refusal = match (status.code, status.error_code.as_deref()) {
            (code, Some("insufficient_quota")) => Self::new(
                code,
                json!({"error": {
                "message": "You exceeded your current quota, please check your plan and billing details.",
                "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}}),
            ),
            (code, Some("context_length_exceeded")) => Self {
                status: code,
                ..context_exceeded(128_000, 130_000)
            },
            (400, None) => Self::invalid("Invalid request.", None, None),
            (401, None) => Self::wrong_key(),
            (403, None) => Self::new(
                403,
                gateway_error(
                    "AccessDenied",
                    "Access denied due to Virtual Network/Firewall rules.",
                ),
            ),
            (404, None) => Self::deployment_not_found(),
            (408, None) => Self::new(408, gateway_error("Timeout", "The operation was timeout.")),
            (409, None) => Self::new(
                409,
                gateway_error("Conflict", "The resource is being changed by another operation."),
            ),
            (413, None) => Self::too_large(),
            (429, None) => Self {
                headers: Vec::new(),
                ..Self::throttled(1000)
            },
            (500, None) => Self::new(
                500,
                json!({"error": {"message": "The server had an error while processing your request. Sorry about that!", "type": "server_error", "param": null, "code": null}}),
            ),
            (503, None) => Self::new(
                503,
                gateway_error(
                    "ServiceUnavailable",
                    "The service is temporarily unable to process your request. Please try again later.",
                ),
            ),
            (code, other) => Self::new(
                code,
                gateway_error(
                    other.unwrap_or("Error"),
                    "A fault that the fake was told to make.",
                ),
            ),
        };
        if let Some(body) = &status.body {
            refusal.body = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.clone()));
        }
        refusal.headers.extend(status.headers.iter().cloned());
        refusal
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// 400 of a prompt that is too long for the model.
pub(super) fn context_exceeded(limit_tokens: u32, needed_tokens: u32) -> Refusal {
    let message = format!(
        "This model's maximum context length is {limit_tokens} tokens. However, your messages resulted in {needed_tokens} tokens. Please reduce the length of the messages."
    );
    Refusal::invalid(message, Some("messages"), Some("context_length_exceeded"))
}

fn gateway_error(code: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message}})
}

/// What the content filter says of a prompt; `category` is the one that triggered.
fn prompt_filter(category: Option<&str>) -> Value {
    let mut results = answer_filter(category);
    results["jailbreak"] = json!({"filtered": false, "detected": false});
    results
}

/// What the content filter says of an answer; `category` is the one that triggered.
fn answer_filter(category: Option<&str>) -> Value {
    let verdict = |name: &str| match category {
        Some(hit) if hit == name => json!({"filtered": true, "severity": "medium"}),
        _ => json!({"filtered": false, "severity": "safe"}),
    };
    json!({"hate": verdict("hate"), "self_harm": verdict("self_harm"), "sexual": verdict("sexual"), "violence": verdict("violence")})
}

/// What chunks are filled up with, as far as their text is shorter.
const NOISE: &str = "Q7xT2mVb9LkR4wZs";

/// An answer, before it is put into either form.
#[derive(Debug, Clone)]
pub(super) struct Completion {
    pub(super) id: String,
    pub(super) created: u64,
    pub(super) model: String,
    /// The text in the pieces in which it is streamed; one piece is one token.
    pub(super) pieces: Vec<String>,
    /// Tool calls, in the pieces in which they are streamed.
    pub(super) call_pieces: Vec<Value>,
    pub(super) finish_reason: &'static str,
    pub(super) prompt_tokens: usize,
    /// The category that cut the answer off.
    pub(super) filtered: Option<&'static str>,
    /// The filter did not run.
    pub(super) filter_failed: bool,
    /// Filter verdicts come apart from the text (Azure's asynchronous filter).
    pub(super) asynchronous_filter: bool,
    /// Chunks carry characters that mean nothing.
    pub(super) obfuscated: bool,
}

impl Completion {
    /// Tokens of the answer.
    pub(super) fn answer_tokens(&self) -> usize {
        self.pieces.len() + self.call_pieces.len()
    }

    fn usage(&self) -> Value {
        let answer = self.answer_tokens();
        json!({
            "prompt_tokens": self.prompt_tokens, "completion_tokens": answer, "total_tokens": self.prompt_tokens + answer,
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 0},
            "completion_tokens_details": {"accepted_prediction_tokens": 0, "audio_tokens": 0, "reasoning_tokens": 0, "rejected_prediction_tokens": 0},
        })
    }

    fn verdict(&self) -> Value {
        if self.filter_failed {
            return json!({"error": {"code": "content_filter_error", "message": "The contents are not filtered"}});
        }
        answer_filter(self.filtered)
    }

    /// The whole answer in one body.
    pub(super) fn to_body(&self) -> Value {
        let mut message =
            json!({"annotations": [], "content": self.pieces.concat(), "refusal": null, "role": "assistant"});
        if !self.call_pieces.is_empty() {
            message["content"] = Value::Null;
            message["tool_calls"] = Value::Array(tools::join_pieces(&self.call_pieces));
        }
        json!({
            "choices": [{
                "content_filter_results": self.verdict(), "finish_reason": self.finish_reason, "index": 0, "logprobs": null,
                "message": message,
            }],
            "created": self.created, "id": self.id, "model": self.model, "object": "chat.completion",
            "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": prompt_filter(None)}],
            "system_fingerprint": "fp_fake", "usage": self.usage(),
        })
    }

    /// The answer as a stream: every `data:` payload in order, without `[DONE]`.
    pub(super) fn to_chunks(&self, include_usage: bool) -> Vec<Value> {
        let filters = json!([{"prompt_index": 0, "content_filter_results": prompt_filter(None)}]);
        let mut chunks = vec![json!({
            "choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": filters,
        })];
        let content = if self.call_pieces.is_empty() {
            json!("")
        } else {
            Value::Null
        };
        let first = json!({"content": content, "refusal": null, "role": "assistant"});
        chunks.push(self.chunk(first, None, json!({})));
        for piece in &self.call_pieces {
            chunks.push(self.chunk(json!({"tool_calls": [piece]}), None, json!({})));
        }
        for piece in &self.pieces {
            let verdict = if self.asynchronous_filter {
                json!({})
            } else {
                self.verdict()
            };
            let mut chunk = self.chunk(json!({"content": piece}), None, verdict);
            if self.obfuscated {
                chunk["obfuscation"] = NOISE[piece.len() % NOISE.len()..].into();
            }
            chunks.push(chunk);
        }
        if self.asynchronous_filter {
            let end = self.pieces.concat().chars().count();
            // As Azure sends it: a choice without any `delta`.
            chunks.push(json!({
                "choices": [{"content_filter_offsets": {"check_offset": 0, "start_offset": 0, "end_offset": end},
                             "content_filter_results": self.verdict(), "finish_reason": null, "index": 0}],
                "created": 0, "id": "", "model": "", "object": "",
            }));
        }
        let verdict = if self.filtered.is_some() || self.filter_failed {
            self.verdict()
        } else {
            json!({})
        };
        chunks.push(self.chunk(json!({}), Some(self.finish_reason), verdict));
        if include_usage {
            for chunk in &mut chunks {
                chunk["usage"] = Value::Null;
            }
            chunks.push(json!({
                "choices": [], "created": self.created, "id": self.id, "model": self.model,
                "object": "chat.completion.chunk", "system_fingerprint": "fp_fake", "usage": self.usage(),
            }));
        }
        chunks
    }

    #[expect(clippy::needless_pass_by_value, reason = "both are made for this chunk")]
    fn chunk(&self, delta: Value, finish_reason: Option<&str>, verdict: Value) -> Value {
        json!({
            "choices": [{"content_filter_results": verdict, "delta": delta, "finish_reason": finish_reason, "index": 0, "logprobs": null}],
            "created": self.created, "id": self.id, "model": self.model,
            "object": "chat.completion.chunk", "system_fingerprint": "fp_fake",
        })
    }
}

/// Cuts a text into the pieces in which it is streamed: words with their leading space, eight characters at most.
pub(super) fn cut_into_pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut length = 0;
    for character in text.chars() {
        match pieces.last_mut() {
            Some(piece) if length < 8 && (character != ' ' || piece == " ") => {
                piece.push(character);
                length += 1;
            }
            _ => {
                pieces.push(character.to_string());
                length = 1;
            }
        }
    }
    pieces
}
