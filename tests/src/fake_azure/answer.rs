//! One request, from its head to the script of its answer.

use std::{
    io,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::body::{Body, Bytes};
use hyper::{HeaderMap, Request, Response, body::Incoming, header};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    Outage, Shared, control,
    faults::{Ending, Fault, Filter},
    instance::make_instance,
    openai,
    quota::Grant,
    request::{ChatRequest, Form},
    route::{Route, Target, check_bearer, check_credential},
    script::{self, ResetFlag},
    tools::{self, Choice},
    wire::{Completion, Refusal, context_exceeded, cut_into_pieces},
};

/// Bodies that are read; more is 413.
const BODY_MAX_BYTES: usize = 32 << 20;

/// Answers one request; an error breaks the connection.
pub(super) async fn answer(
    shared: Arc<Shared>,
    reset: ResetFlag,
    stop: CancellationToken,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let is_openai = request.uri().path().starts_with("/v1/");
    let mut response = answer_as_azure(shared, reset, stop, request).await?;
    if is_openai {
        openai::translate_headers(response.headers_mut());
    }
    Ok(response)
}

async fn answer_as_azure(
    shared: Arc<Shared>,
    reset: ResetFlag,
    stop: CancellationToken,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), BODY_MAX_BYTES).await;
    if head.uri.path().starts_with("/__control/") {
        return Ok(control::answer(
            &shared,
            &head.method,
            head.uri.path(),
            &body.unwrap_or_default(),
        ));
    }
    let Some(route) = Route::of(&head.method, &head.uri) else {
        return Ok(refuse(&shared, &Refusal::resource_not_found()));
    };
    let Ok(body) = body else {
        return Ok(refuse(&shared, &Refusal::too_large()));
    };
    let target = match route {
        Route::Chat(target) => target,
        Route::Models { openai } => return Ok(answer_models(&shared, &head.headers, openai)),
    };

    let parsed = ChatRequest::parse(&body);
    let deployment = target.deployment(parsed.as_ref().ok());
    let mut visit = shared.recorder.arrive(&deployment, stop);
    match shared.outage() {
        Some(Outage::Silent) => {
            visit.intend("silent");
            return std::future::pending().await;
        }
        Some(Outage::Close | Outage::Refuse) => {
            visit.intend("closed");
            visit.end();
            return Err(io::Error::other("the fake is away"));
        }
        None => {}
    }
    let mut fault = match choose_fault(&shared, &head.headers, parsed.as_ref().ok(), &deployment) {
        Ok(fault) => fault,
        Err(reason) => {
            visit.intend("status_400");
            visit.end();
            return Ok(refuse(
                &shared,
                &Refusal::invalid(format!("fault: {reason}"), None, Some("bad_fault")),
            ));
        }
    };
    fault.trickle = fault.trickle.or(shared.config.chunk_delay);
    if let Some(delay) = fault.delay_head {
        tokio::time::sleep(delay).await;
    }
    match fault.before_head {
        Some(Ending::Silent) => {
            visit.intend("silent");
            return std::future::pending().await;
        }
        Some(ending) => {
            if ending == Ending::Reset {
                reset.raise();
            }
            visit.intend(if ending == Ending::Reset {
                "reset"
            } else {
                "closed"
            });
            visit.end();
            return Err(io::Error::other("broken before the head, as the fault wants"));
        }
        None => {}
    }
    let completed = match &fault.status {
        Some(status) => Err(Refusal::of_fault(status)),
        None => complete(&shared, &head.headers, &target, &deployment, parsed, &fault),
    };
    match completed {
        Ok(answer) => {
            visit.intend(script::outcome_of(&fault));
            let mut response = respond(&shared, 200, answer.content_type, Body::empty());
            answer.tell_limits(&shared, response.headers_mut());
            tell_deployment(&shared, &deployment, response.headers_mut());
            let chunks = if shared.config.all_at_once {
                vec![Bytes::from(answer.chunks.concat())]
            } else {
                answer.chunks
            };
            *response.body_mut() = script::play(script::write_script(chunks, &fault), visit, reset);
            Ok(response)
        }
        Err(refusal) => {
            let filtered = refusal.body["error"]["code"] == "content_filter";
            visit.intend(if filtered {
                "filtered".to_owned()
            } else {
                format!("status_{}", refusal.status)
            });
            visit.end();
            let refusal = match target {
                Target::OpenAi => openai::translate(refusal),
                Target::V1 | Target::Dated { .. } => refusal,
            };
            Ok(refuse(&shared, &refusal))
        }
    }
}

fn answer_models(shared: &Shared, headers: &HeaderMap, openai: bool) -> Response<Body> {
    let checked = if openai {
        check_bearer(shared, headers).map_err(openai::translate)
    } else {
        check_credential(shared, headers, true)
    };
    match checked {
        Ok(()) => respond(
            shared,
            200,
            "application/json",
            Body::from(list_models(shared).to_string()),
        ),
        Err(refusal) => refuse(shared, &refusal),
    }
}

/// Says which deployment answers, and whether the one asked has spilled over.
fn tell_deployment(shared: &Shared, asked: &str, headers: &mut HeaderMap) {
    let spilled = shared.config.spillover.as_deref();
    for (name, value) in [
        ("x-ms-deployment-name", Some(spilled.unwrap_or(asked))),
        ("x-ms-spillover-from-deployment", spilled.map(|_| asked)),
        ("x-ms-spillover-error", spilled.map(|_| "429")),
    ] {
        if let Some(Ok(value)) = value.map(str::parse) {
            headers.insert(name, value);
        }
    }
}

/// The request's own wish comes before the rules.
fn choose_fault(
    shared: &Shared,
    headers: &HeaderMap,
    request: Option<&ChatRequest>,
    deployment: &str,
) -> Result<Fault, String> {
    if let Some(words) = headers.get("x-fake-fault") {
        return words.to_str().map_err(|_| "not text".to_owned())?.parse();
    }
    for text in request.into_iter().flat_map(ChatRequest::user_texts) {
        if let Some(fault) = Fault::in_text(text)? {
            return Ok(fault);
        }
    }
    Ok(shared.faults.strike(deployment).unwrap_or_default())
}

/// An answer, cut into what is sent at a time.
struct Answer {
    content_type: &'static str,
    chunks: Vec<Bytes>,
    left: (u32, u32),
}

impl Answer {
    fn tell_limits(&self, shared: &Shared, headers: &mut HeaderMap) {
        let (requests, tokens) = shared.quota.limits();
        for (name, value) in [
            ("x-ratelimit-limit-requests", requests),
            ("x-ratelimit-limit-tokens", tokens),
            ("x-ratelimit-remaining-requests", self.left.0),
            ("x-ratelimit-remaining-tokens", self.left.1),
        ] {
            headers.insert(name, value.into());
        }
    }
}

fn complete(
    shared: &Shared,
    headers: &HeaderMap,
    target: &Target,
    deployment: &str,
    request: Result<ChatRequest, Refusal>,
    fault: &Fault,
) -> Result<Answer, Refusal> {
    let is_openai = matches!(target, Target::OpenAi);
    let v1 = is_openai || matches!(target, Target::V1);
    if is_openai {
        check_bearer(shared, headers)?;
    } else {
        check_credential(shared, headers, v1)?;
    }
    if !v1 {
        target.check_version(&Form::Text)?;
        check_deployment(shared, deployment)?;
    }
    let request = request?;
    if v1 {
        if request.model.is_none() {
            let message = "you must provide a model parameter";
            return Err(Refusal::invalid(message, None, None));
        }
        check_deployment(shared, deployment)?;
    }
    target.check_version(&request.form)?;

    let prompt_tokens = request.prompt_tokens();
    let needed = prompt_tokens.saturating_add(request.max_tokens.unwrap_or(0) as usize);
    if needed > shared.config.context_tokens as usize {
        return Err(context_exceeded(
            shared.config.context_tokens,
            u32::try_from(needed).unwrap_or(u32::MAX),
        ));
    }
    let filtered = |text: &str| {
        shared
            .config
            .filtered_words
            .iter()
            .any(|word| text.contains(word.as_str()))
    };
    let refused = fault.filter == Some(Filter::Prompt)
        || request.messages.iter().any(|message| filtered(&message.text));
    if refused && !is_openai {
        return Err(Refusal::prompt_filtered("violence"));
    }
    let completion = write_completion(shared, deployment, &request, prompt_tokens, fault)?;
    let tokens = u32::try_from(prompt_tokens + completion.answer_tokens()).unwrap_or(u32::MAX);
    let left = match shared.quota.take(deployment, tokens) {
        Grant::Left { requests, tokens } => (requests, tokens),
        Grant::Exhausted { retry_after } => {
            return Err(Refusal::throttled(
                u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX),
            ));
        }
    };
    if !request.stream {
        // In pieces, so that a fault can strike in the middle.
        let body = completion.to_body();
        let body = if is_openai {
            openai::strip(body).unwrap_or_default()
        } else {
            body
        };
        let body = Bytes::from(body.to_string());
        let chunks = body.chunks(256).map(|part| body.slice_ref(part)).collect();
        return Ok(Answer {
            content_type: "application/json",
            chunks,
            left,
        });
    }
    let include_usage = request.include_usage && !fault.omit_usage;
    let mut chunks: Vec<Bytes> = completion
        .to_chunks(include_usage)
        .into_iter()
        .filter_map(|chunk| {
            if is_openai {
                openai::strip(chunk)
            } else {
                Some(chunk)
            }
        })
        .map(|chunk| Bytes::from(format!("data: {chunk}\n\n")))
        .collect();
    if !fault.omit_done {
        chunks.push(Bytes::from_static(b"data: [DONE]\n\n"));
    }
    Ok(Answer {
        content_type: "text/event-stream; charset=utf-8",
        chunks,
        left,
    })
}

fn check_deployment(shared: &Shared, deployment: &str) -> Result<(), Refusal> {
    let known = shared.config.deployments.iter().any(|known| known == deployment);
    if known {
        Ok(())
    } else {
        Err(Refusal::deployment_not_found())
    }
}

fn write_completion(
    shared: &Shared,
    deployment: &str,
    request: &ChatRequest,
    prompt_tokens: usize,
    fault: &Fault,
) -> Result<Completion, Refusal> {
    let deployment = shared.config.spillover.as_deref().unwrap_or(deployment);
    let calls = match &fault.answer {
        Some(_) => Vec::new(),
        None => tools::choose_calls(request)?,
    };
    let mut call_pieces = tools::to_pieces(&calls, shared.next_serial());
    let text = match (&fault.answer, &request.form) {
        (Some(answer), _) => answer.clone(),
        (None, _) if !calls.is_empty() => String::new(),
        (None, Form::Text) => say(deployment, request.last_user_text()),
        (None, Form::JsonObject) => {
            json!({"fake_azure": say(deployment, request.last_user_text())}).to_string()
        }
        (None, Form::JsonSchema(schema)) => match make_instance(schema) {
            Ok(instance) => instance.to_string(),
            Err(reason) => {
                return Err(Refusal::invalid(
                    format!("The fake cannot meet the schema: {reason}"),
                    Some("response_format"),
                    None,
                ));
            }
        },
    };
    let mut pieces = cut_into_pieces(&text);
    let bound = request.max_tokens.map_or(usize::MAX, |bound| bound as usize);
    let mut finish_reason = match request.choice {
        // As documented, the call of the one tool that was prescribed ends with `stop`.
        Choice::Named(_) => "stop",
        _ if calls.is_empty() => "stop",
        _ => "tool_calls",
    };
    if pieces.len() + call_pieces.len() > bound {
        pieces.truncate(bound);
        call_pieces.truncate(bound);
        finish_reason = "length";
    }
    let mut filtered = None;
    if fault.filter == Some(Filter::Answer) {
        pieces.truncate(pieces.len() / 2);
        finish_reason = "content_filter";
        filtered = Some("violence");
    }
    Ok(Completion {
        id: format!("chatcmpl-fake{:020}", shared.next_serial()),
        created: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        model: format!("{deployment}-fake"),
        pieces,
        call_pieces,
        finish_reason,
        prompt_tokens,
        filtered,
        filter_failed: fault.filter == Some(Filter::Unavailable),
        asynchronous_filter: shared.config.asynchronous_filter,
        obfuscated: shared.config.obfuscated,
    })
}

/// The text answer: what the fake is, and what it can tell of the prompt.
fn say(deployment: &str, prompt: &str) -> String {
    let (characters, words) = (prompt.chars().count(), prompt.split_whitespace().count());
    format!(
        "Fake Azure (deployment {deployment}) received {characters} characters in {words} words. It is no model and understood none of them."
    )
}

fn list_models(shared: &Shared) -> Value {
    let models: Vec<Value> = shared
        .config
        .deployments
        .iter()
        .map(|name| json!({"id": name, "object": "model", "owned_by": "fake"}))
        .collect();
    json!({"object": "list", "data": models})
}

fn refuse(shared: &Shared, refusal: &Refusal) -> Response<Body> {
    let mut response = respond(
        shared,
        refusal.status,
        "application/json",
        Body::from(refusal.body.to_string()),
    );
    for (name, value) in &refusal.headers {
        if let (Ok(name), Ok(value)) = (header::HeaderName::try_from(name.as_str()), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn respond(shared: &Shared, status: u16, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let id = format!("00000000-0000-4000-8000-{:012}", shared.next_serial());
    for (name, value) in [
        ("content-type", content_type),
        ("apim-request-id", &id),
        ("x-ms-region", &shared.config.region),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
