//! Tools in this process: the whole server but for HTTP.

use inference::{Deadline, Priority};
use serde_json::{Map, Value, json};

use super::{Called, Listed};
use crate::{
    accounts::Origin,
    backends::{self, Built},
    cli::{Failure, Result, Start, chat, output},
    config::Config,
    tenancy::Principal,
    tools::{CallContext, Catalogue, Definition, ToolError},
};

/// The tools over a gateway of this process.
pub(super) struct Process {
    config: Config,
    built: Built,
    catalogue: Catalogue,
}

impl Process {
    pub(super) fn start(start: &Start) -> Result<Self> {
        let config = start.config()?;
        let built = backends::build(&config)?;
        let catalogue = Catalogue::new(built.gateway.clone());
        Ok(Self {
            config,
            built,
            catalogue,
        })
    }

    pub(super) fn list(&self) -> Vec<Listed> {
        let listed = |tool: &Definition| Listed {
            name: tool.name.to_owned(),
            title: tool.title.to_owned(),
            description: tool.description.to_owned(),
            input_schema: tool.input_schema.clone(),
            whole: json!({
                "name": tool.name, "title": tool.title, "description": tool.description,
                "inputSchema": tool.input_schema, "outputSchema": tool.output_schema,
            }),
        };
        self.catalogue.definitions().iter().map(listed).collect()
    }

    pub(super) async fn call(&self, name: &str, arguments: Map<String, Value>) -> Result<Called> {
        self.built.loaded().await;
        let principal = Principal::development();
        let context = CallContext {
            priority: Priority::Interactive,
            deadline: Deadline::after(self.config.mcp.default_deadline),
            travel: self.config.mcp.tenants.of(principal.tenant()),
            principal,
            origin: Origin::default(),
            chain: None,
            progress: None,
        };
        let result = self.catalogue.call(name, arguments, context).await;
        let result = result.map_err(|error| match &error {
            ToolError::Call(call) => Failure::failed(chat::explain(call)),
            other => Failure::failed(format!("{other} [{}]", other.code())),
        })?;
        let answer = result
            .facts
            .as_ref()
            .and_then(|facts| serde_json::to_value(facts).ok());
        Ok(Called {
            structured: result.structured,
            answer: answer.unwrap_or(Value::Null),
            footer: result.facts.as_ref().map(output::who_answered),
        })
    }
}
