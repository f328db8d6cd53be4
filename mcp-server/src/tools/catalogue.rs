//! Carries out a call of any tool: find, validate, ask, check, stamp.

use futures::StreamExt;
use inference::{Answer, Call, CallEvent, CompletionRequest, Gateway, Output};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{
    CallContext, Checked, Definition, ModelTool, Progress, Prompt, Reply, ToolError, ToolResult,
    ask_assistant::AskAssistant, classify_ticket::ClassifyTicket, display, extract_data::ExtractData,
    generate_product_text::GenerateProductText, schema, server_status, summarize_text::SummarizeText,
};
use crate::accounts::{Account, Accounts, End};
use crate::tenancy::authorize;

/// All tools, in a fixed order. Share it through an `Arc`.
pub struct Catalogue {
    gateway: Gateway,
    accounts: Accounts,
    definitions: Vec<Definition>,
    /// One for each definition, in the same order.
    entries: Vec<Entry>,
}

pub(super) struct Entry {
    arguments: Validator,
    kind: Kind,
}

enum Kind {
    Model(Box<dyn ModelTool>),
    Status,
}

impl Catalogue {
    /// Makes the catalogue over a gateway. Nothing is limited or written down.
    ///
    /// # Panics
    /// Never: the schemas are constants of this module, and a test compiles them all.
    pub fn new(gateway: Gateway) -> Self {
        let (definitions, entries) = entries().into_iter().unzip();
        Self {
            gateway,
            accounts: Accounts::default(),
            definitions,
            entries,
        }
    }

    /// Keeps accounts of all calls.
    #[must_use]
    pub fn with_accounts(self, accounts: Accounts) -> Self {
        Self { accounts, ..self }
    }

    /// The accounts of all calls.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// What clients may see, in a fixed order.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// Carries out one call.
    ///
    /// # Errors
    /// See [`ToolError`].
    pub async fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        context: CallContext<'_>,
    ) -> Result<ToolResult, ToolError> {
        let found = self
            .definitions
            .iter()
            .position(|definition| definition.name == name);
        let label = found.map_or("unknown", |index| self.definitions[index].name);
        let mut account = self
            .accounts
            .open(&context.principal, label, &context.origin, || {
                // A map of texts and numbers, into memory: this cannot fail.
                serde_json::to_vec(&arguments).unwrap_or_default()
            });
        let result = match found {
            Some(index) => self.carry_out(index, arguments, context, &mut account).await,
            None => Err(self.unknown(name)),
        };
        account.close(end(&result));
        result
    }

    async fn carry_out(
        &self,
        index: usize,
        arguments: Map<String, Value>,
        context: CallContext<'_>,
        account: &mut Account,
    ) -> Result<ToolResult, ToolError> {
        authorize(&context.principal, self.definitions[index].scope)?;
        let entry = &self.entries[index];
        let arguments = Value::Object(arguments);
        let problems = schema::problems(&entry.arguments, &arguments);
        if !problems.is_empty() {
            return Err(ToolError::InvalidArguments(problems));
        }
        let Value::Object(arguments) = arguments else {
            unreachable!("made from a map above")
        };
        match &entry.kind {
            Kind::Status => Ok(ToolResult {
                structured: server_status::report(&self.gateway, self.accounts.state().sharing()),
                facts: None,
            }),
            Kind::Model(tool) => {
                let label = self.definitions[index].name;
                self.ask(label, tool.as_ref(), &arguments, context, account).await
            }
        }
    }

    async fn ask(
        &self,
        label: &'static str,
        tool: &dyn ModelTool,
        arguments: &Map<String, Value>,
        context: CallContext<'_>,
        account: &mut Account,
    ) -> Result<ToolResult, ToolError> {
        let prompt = tool.prompt(arguments).map_err(ToolError::InvalidArguments)?;
        let output = prompt.output.clone();
        let answer = self.complete(label, prompt, context, account).await?;
        // An answer of no use was paid for, too.
        let reply = read_reply(&output, &answer).inspect_err(|_| account.note(&answer.facts))?;
        let Checked {
            mut fields,
            mut warnings,
        } = tool.check(arguments, reply);
        if display::make_harmless(&mut fields, tool.prose(), arguments) {
            warnings.push("links, images or markup of the model were made harmless".to_owned());
        }
        if answer.facts.degraded {
            warnings.insert(
                0,
                format!("answered by the fallback model {}", answer.facts.model),
            );
        }
        fields.insert("degraded".to_owned(), Value::Bool(answer.facts.degraded));
        fields.insert("warnings".to_owned(), json!(warnings));
        Ok(ToolResult {
            structured: Value::Object(fields),
            facts: Some(answer.facts),
        })
    }

    async fn complete(
        &self,
        label: &'static str,
        prompt: Prompt,
        context: CallContext<'_>,
        account: &mut Account,
    ) -> Result<Answer, ToolError> {
        let mut request = CompletionRequest::new(prompt.messages, prompt.max_output_tokens);
        request.output = prompt.output;
        request.temperature = prompt.temperature;
        request.travel = context.travel;
        if let Err(refused) = account.reserve(&request, context.chain.as_deref()).await {
            self.gateway.count_over_quota(label);
            return Err(refused.into());
        }
        let call = Call {
            chain: context.chain,
            tenant: context.principal.tenant_key(),
            priority: context.priority,
            ..Call::new(label, request, context.deadline)
        };
        let Some(tell) = context.progress else {
            return Ok(self.gateway.complete(call).await?);
        };
        let mut events = self.gateway.start(call)?;
        let mut writer = String::new();
        while let Some(event) = events.next().await {
            match event? {
                CallEvent::Waiting { ahead } => tell(Progress::Waiting { ahead }),
                CallEvent::Started { backend } => writer = backend,
                CallEvent::Progress { pieces } => {
                    tell(Progress::Writing {
                        backend: writer.clone(),
                        pieces,
                    });
                }
                CallEvent::Text(_) | CallEvent::Restarted { .. } => {}
                CallEvent::Answered(answer) => return Ok(*answer),
            }
        }
        unreachable!("a call's stream ends with an answer or an error")
    }

    fn unknown(&self, name: &str) -> ToolError {
        // Cut first: the distance takes time and memory in proportion, and a caller chose the length.
        let name = &name[..name.floor_char_boundary(80)];
        let distance = |known: &str| strsim::damerau_levenshtein(known, name);
        let nearest = self
            .definitions
            .iter()
            .map(|definition| definition.name)
            .min_by_key(|known| distance(known))
            .filter(|known| distance(known) <= known.len() / 2);
        ToolError::UnknownTool {
            name: name.to_owned(),
            nearest,
        }
    }
}

/// How a call ended, for its account.
fn end(result: &Result<ToolResult, ToolError>) -> End<'_> {
    match result {
        Ok(ToolResult {
            facts: Some(facts), ..
        }) => End::Answered(facts),
        Ok(ToolResult { facts: None, .. }) => End::Done,
        Err(error @ (ToolError::Call(_) | ToolError::UnusableAnswer { .. })) => End::Failed(error.code()),
        Err(error) => End::Refused(error.code()),
    }
}

/// Every tool that asks a model, in the order that clients see.
pub(super) fn model_tools() -> [Box<dyn ModelTool>; 5] {
    [
        Box::new(AskAssistant),
        Box::new(SummarizeText::new()),
        Box::new(ClassifyTicket::new()),
        Box::new(ExtractData::new()),
        Box::new(GenerateProductText::new()),
    ]
}

/// Every tool with its definition, in the order that clients see.
pub(super) fn entries() -> Vec<(Definition, Entry)> {
    let models = model_tools().into_iter().map(|tool| {
        let mut definition = tool.definition();
        promise_common_fields(&mut definition.output_schema);
        (definition, Kind::Model(tool))
    });
    models
        .chain([(server_status::definition(), Kind::Status)])
        .map(|(definition, kind)| {
            let schema = Value::Object(definition.input_schema.clone());
            let arguments = schema::compile(&schema).expect("input schemas are valid constants");
            (definition, Entry { arguments, kind })
        })
        .collect()
}

/// Adds what every result of a model carries.
fn promise_common_fields(schema: &mut Map<String, Value>) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(
            "degraded".to_owned(),
            json!({"type": "boolean", "description": "A weaker fallback model answered"}),
        );
        properties.insert(
            "warnings".to_owned(),
            json!({"type": "array", "items": {"type": "string"}, "description": "Read before use"}),
        );
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.extend([json!("degraded"), json!("warnings")]);
    }
}

fn read_reply(output: &Output, answer: &Answer) -> Result<Reply, ToolError> {
    let unusable = |reason: String| ToolError::UnusableAnswer {
        reason,
        attempts: answer.facts.attempts.clone(),
    };
    match output {
        Output::Text if answer.text.trim().is_empty() => Err(unusable("it is empty".to_owned())),
        Output::Text => Ok(Reply::Text(answer.text.trim().to_owned())),
        Output::Json { .. } | Output::JsonObject => match serde_json::from_str(&answer.text) {
            Ok(Value::Object(fields)) => Ok(Reply::Json(fields)),
            Ok(_) => Err(unusable("it is not a JSON object".to_owned())),
            Err(error) => Err(unusable(format!("it is not JSON: {error}"))),
        },
    }
}
