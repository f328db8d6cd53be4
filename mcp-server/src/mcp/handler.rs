//! What the server answers to each request of the protocol, whatever carried it.

use std::sync::Arc;

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, DiscoverResult, ErrorData,
    Implementation, ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerCapabilities,
    ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Map, Value};
use tracing::Instrument;

use super::errors::Error;
use super::operation::{Asked, Operation, TOOL_ERROR};
use super::{Config, call, results};
use crate::accounts::Accounts;
use crate::tenancy::Principal;
use crate::tools::{Catalogue, Definition};

/// The name that clients see.
pub const SERVER_NAME: &str = "b2xgate-mcp-server";

const INSTRUCTIONS: &str = "Text work for B2B commerce: answering questions of administrators, summarising, \
    classifying tickets, extracting order data, writing product copy. Every tool only reads and drafts; none \
    sends, publishes or changes anything. Each result names the model that answered in \
    _meta[\"com.b2xgate/answer\"]; `degraded: true` there means that a weaker model stood in. After an error \
    with retry_after_ms, wait that long before you call again. server_status tells which backends can answer.";

/// Answers requests. Cheap to clone: rmcp takes one for every request without a session.
#[derive(Clone)]
pub struct Handler {
    shared: Arc<Shared>,
}

struct Shared {
    catalogue: Catalogue,
    tools: Vec<Tool>,
    info: ServerConfig,
    /// What says in a result which server made it.
    stamp: Value,
    config: Config,
    /// Who calls where no request says so: whoever started this process.
    process: Option<Principal>,
}

impl Handler {
    /// Puts a catalogue behind the protocol, for requests that each come with their principal.
    pub fn new(catalogue: Catalogue, config: Config) -> Self {
        Self::with(catalogue, config, None)
    }

    /// Puts a catalogue behind the protocol for one client, who started this process and may do everything.
    pub fn for_process(catalogue: Catalogue, config: Config) -> Self {
        Self::with(catalogue, config, Some(Principal::development()))
    }

    fn with(catalogue: Catalogue, config: Config, process: Option<Principal>) -> Self {
        let tools = catalogue.definitions().iter().map(tool).collect();
        let info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(
                Implementation::new(SERVER_NAME, env!("CARGO_PKG_VERSION")).with_title("B2XGate MCP Server"),
            )
            .with_instructions(INSTRUCTIONS);
        Self {
            shared: Arc::new(Shared {
                catalogue,
                tools,
                stamp: results::stamp(&info.server_info),
                info,
                config,
                process,
            }),
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The accounts of all calls.
    pub(super) fn accounts(&self) -> &Accounts {
        self.shared.catalogue.accounts()
    }

    /// What clients see of a tool.
    pub(super) fn definition(&self, tool: &str) -> Option<&Definition> {
        let mut definitions = self.shared.catalogue.definitions().iter();
        definitions.find(|definition| definition.name == tool)
    }

    /// Who calls, as the HTTP side found out; on standard input it is whoever started the process.
    fn principal(&self, context: &RequestContext<RoleServer>) -> Result<Principal, ErrorData> {
        let parts = context.extensions.get::<http::request::Parts>();
        let found = parts.and_then(|parts| parts.extensions.get::<Principal>());
        // A request without a principal would be a fault of ours: it may do nothing.
        found
            .or(self.shared.process.as_ref())
            .cloned()
            .ok_or_else(|| Error::Internal.to_json_rpc())
    }

    /// Begins to measure a request for a tool, or for none.
    fn begin(&self, method: &'static str, tool: &str, asked: Asked<'_>) -> Operation {
        // A name that no tool has is a caller's invention, and no label.
        let tool = self.definition(tool).map_or("", |definition| definition.name);
        Operation::begin(&self.shared.config, method, tool, asked)
    }

    /// Carries out a call of a tool. An error is one of the protocol; that a tool failed is a result.
    pub(super) async fn call(
        &self,
        principal: Principal,
        call: (&str, Map<String, Value>),
        asked: Asked<'_>,
    ) -> Result<CallToolResult, ErrorData> {
        let Shared {
            catalogue, config, ..
        } = &*self.shared;
        let operation = self.begin("tools/call", call.0, asked);
        let call = call::run(catalogue, config, principal, call, asked);
        let mut result = match call.instrument(operation.span.clone()).await {
            Ok(result) => {
                operation.end("");
                results::answered(result)
            }
            Err(error) => {
                let mapped = error.map();
                if mapped.json_rpc.is_some() {
                    operation.end(mapped.code);
                    return Err(error.to_json_rpc());
                }
                operation.end(TOOL_ERROR);
                results::failed(&error)
            }
        };
        if wants_stamp(asked) {
            results::put(&self.shared.stamp, &mut result.meta);
        }
        Ok(result)
    }

    fn ttl_ms(&self) -> u64 {
        u64::try_from(self.shared.config.list_ttl.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Whether the request is of a revision that wants to know which server made each result.
fn wants_stamp(asked: Asked<'_>) -> bool {
    asked
        .version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

fn tool(definition: &Definition) -> Tool {
    Tool::new(
        definition.name,
        definition.description,
        definition.input_schema.clone(),
    )
    .with_title(definition.title)
    .with_raw_output_schema(Arc::new(definition.output_schema.clone()))
    .with_annotations(
        ToolAnnotations::with_title(definition.title)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(false),
    )
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        self.shared.info.clone()
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        self.begin("server/discover", "", Asked::of(&context)).end("");
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, self.get_info())
            .with_ttl_ms(self.ttl_ms())
            .with_cache_scope(CacheScope::Public))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let operation = self.begin("tools/list", "", Asked::of(&context));
        if request.is_some_and(|request| request.cursor.is_some()) {
            operation.end("invalid_params");
            let error = Error::InvalidParams {
                field: "cursor",
                reason: "was not handed out by this server",
                fix: "leave it out: all tools fit on one page",
            };
            return Err(error.to_json_rpc());
        }
        let principal = self.principal(&context)?;
        let tools = self.shared.tools.iter();
        let allowed = tools.filter(|tool| {
            self.definition(&tool.name)
                .is_some_and(|definition| principal.may(definition.scope))
        });
        // Private: what a caller may see depends on who it is.
        let mut result = ListToolsResult::with_all_items(allowed.cloned().collect())
            .with_ttl_ms(self.ttl_ms())
            .with_cache_scope(CacheScope::Private);
        if wants_stamp(Asked::of(&context)) {
            results::put(&self.shared.stamp, &mut result.meta);
        }
        operation.end("");
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.shared.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let principal = self.principal(&context)?;
        let arguments = request.arguments.unwrap_or_default();
        let called = (&*request.name, arguments);
        let result = self.call(principal, called, Asked::of(&context)).await?;
        Ok(result.into())
    }
}
