//! Fixtures of the MCP conformance suite, laid over the production handler.
//!
//! Only the build feature `conformance` brings them in. They are what the runner's scenarios ask a server
//! to offer; whatever is not a fixture reaches the production handler, and everything passes the
//! production transport.
#![expect(
    deprecated,
    reason = "the suite of 2025-11-25 tests logging and sampling, which 2026-07-28 deprecates"
)]

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CompleteRequestParams, CompleteResult,
    CompletionInfo, DiscoverResult, ErrorData, GetPromptRequestParams, GetPromptResponse, GetTaskParams,
    GetTaskResult, InputRequest, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    RequestStateCodec, ServerCapabilities, ServerConfig, SetLevelRequestParams, SubscribeRequestParams,
    SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{RequestContext, SubscriptionContext, SubscriptionSink};
use rmcp::task_manager::TaskManager;
use rmcp::{RoleServer, ServerHandler};
use serde_json::Value;
use serde_json::json;

use super::handler::Handler;

mod asking;
mod content;
mod prompts;
mod resources;
mod rounds;
mod tasks;
mod tools;

/// The key that seals the state of a call between its rounds. It guards test data from test clients.
const STATE_KEY: &[u8] = b"fixtures of tests seal test data!";

/// The production handler, and the fixtures in front of it.
#[derive(Clone)]
pub(super) struct Fixtures {
    production: Handler,
    shared: Arc<Shared>,
}

struct Shared {
    tools: Vec<Tool>,
    codec: RequestStateCodec,
    tasks: TaskManager,
    /// Listeners of 2026-07-28.
    listeners: Mutex<HashMap<u64, SubscriptionSink>>,
    next_listener: AtomicU64,
    /// Resources that older clients subscribed to.
    watched: Mutex<HashSet<String>>,
}

impl Fixtures {
    pub(super) fn new(production: Handler) -> Self {
        let shared = Shared {
            tools: tools::definitions(),
            codec: RequestStateCodec::new_unchecked(STATE_KEY),
            tasks: TaskManager::new(),
            listeners: Mutex::default(),
            next_listener: AtomicU64::new(0),
            watched: Mutex::default(),
        };
        Self {
            production,
            shared: Arc::new(shared),
        }
    }

    /// Tells every listener that something changed.
    async fn tell(&self, change: tools::Change) {
        let listeners: Vec<_> = lock(&self.shared.listeners).values().cloned().collect();
        for listener in listeners {
            // A listener that left, or asked for something else, need not hear of it.
            let _ = match change {
                tools::Change::Tools => listener.notify_tool_list_changed().await,
                tools::Change::Prompts => listener.notify_prompt_list_changed().await,
            };
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a request to the client out of its JSON.
fn input_request(request: Value) -> InputRequest {
    serde_json::from_value(request).expect("a fixture's request is well formed")
}

/// A request to ask the user for one field.
fn ask_for(message: &str, field: &str, kind: &str) -> InputRequest {
    input_request(json!({
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": message,
            "requestedSchema": {
                "type": "object",
                "properties": { field: { "type": kind } },
                "required": [field],
            },
        },
    }))
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.production.get_info();
        info.capabilities = ServerCapabilities::builder()
            .enable_completions()
            .enable_logging()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_resources_subscribe()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_tasks()
            .build();
        info
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let mut result = self.production.discover(context).await?;
        result.capabilities = self.get_info().capabilities;
        Ok(result)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut result = self.production.list_tools(request, context).await?;
        result.tools.extend(self.shared.tools.iter().cloned());
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let fixture = self.shared.tools.iter().find(|tool| tool.name == name).cloned();
        fixture.or_else(|| self.production.get_tool(name))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if !self.shared.tools.iter().any(|tool| tool.name == request.name) {
            return self.production.call_tool(request, context).await;
        }
        if tasks::is_fixture(&request.name) {
            return tasks::call(&self.shared.tasks, &request, &context);
        }
        if let Some(response) = rounds::call(&self.shared.codec, &request, &context.meta) {
            return response;
        }
        if let Some(result) = asking::call(&request, &context).await {
            return Ok(result.into());
        }
        tools::call(self, &request, &context).await.map(Into::into)
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(resources::list())
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(resources::templates())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&request.uri).map(Into::into)
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        lock(&self.shared.watched).insert(request.uri);
        Ok(())
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        lock(&self.shared.watched).remove(&request.uri);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.supported_by(&self.get_info().capabilities))
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let key = self.shared.next_listener.fetch_add(1, Ordering::Relaxed);
        lock(&self.shared.listeners).insert(key, context.sink().clone());
        context.cancelled().await;
        lock(&self.shared.listeners).remove(&key);
        Ok(())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(prompts::list())
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        prompts::get(&request)
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let values = ["paris", "park", "party"]
            .into_iter()
            .filter(|value| value.starts_with(&request.argument.value))
            .map(ToOwned::to_owned)
            .collect();
        let completion =
            CompletionInfo::new(values).map_err(|reason| ErrorData::internal_error(reason, None))?;
        Ok(CompleteResult::new(completion))
    }

    async fn set_level(
        &self,
        _request: SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        self.shared
            .tasks
            .get_task(&request.task_id)
            .map(GetTaskResult::new)
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.shared
            .tasks
            .update_task(&request.task_id, request.input_responses)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.shared.tasks.cancel_task(&request.task_id)
    }
}
