//! Every text of a request, and what becomes of it before it leaves: what is said, the tools and their schemas, the
//! schema of the answer, calls of earlier turns.

use std::sync::Arc;

use inference::{CompletionRequest, Disguised, Output, ToolChoice};
use serde_json::{Map, Value};

use super::{
    Rules,
    pseudonyms::{Pseudonyms, TenantKey},
};

/// The longest name that a tool or a schema may have.
const NAME_BYTES_MAX: usize = 64;

/// `PART_1A2B` and `CUSTOMERNAME_1A2B3C4D5E6F`, and some room: a bound within concerns them.
const SHORTEST_STAND_IN: u64 = 8;
const LONGEST_STAND_IN: u64 = 32;

/// Disguises a request; `None` where it has nothing to hide.
pub(super) fn disguise(
    request: &CompletionRequest,
    rules: &Rules,
    key: &TenantKey,
) -> Result<Option<Disguised>, String> {
    let mut pseudonyms = Pseudonyms::new(key);
    each_text(request, &mut |text| pseudonyms.avoid(text, &rules.labels()));
    let mut disguised = request.clone();
    let mut disguising = Disguising {
        rules,
        pseudonyms: &mut pseudonyms,
    };
    disguising.request(&mut disguised)?;
    let stand_ins = pseudonyms.into_stand_ins();
    if stand_ins.is_empty() {
        return Ok(None);
    }
    loosen_all(&mut disguised);
    Ok(Some(Disguised {
        request: disguised,
        stand_ins,
    }))
}

/// Shows every text of a request, as it is written.
fn each_text(request: &CompletionRequest, show: &mut impl FnMut(&str)) {
    for message in &request.messages {
        show(&message.content);
        message.tool_call_id.as_deref().into_iter().for_each(&mut *show);
        for call in &message.tool_calls {
            show(&call.id);
            show(&call.name);
            show(&call.arguments);
        }
    }
    for tool in &request.tools {
        show(&tool.name);
        tool.description.as_deref().into_iter().for_each(&mut *show);
        if let Some(parameters) = &tool.parameters {
            show(&parameters.to_string());
        }
    }
    if let Output::Json { name, schema, .. } = &request.output {
        show(name);
        show(&schema.to_string());
    }
    request.stop.iter().for_each(|stop| show(stop));
}

/// What becomes of a number that is to be hidden.
#[derive(Clone, Copy)]
enum Numbers {
    /// A text stands for it.
    Quoted,
    /// Nothing can: a schema says how numbers are.
    Refused,
}

struct Disguising<'d, 'k> {
    rules: &'d Rules,
    pseudonyms: &'d mut Pseudonyms<'k>,
}

impl Disguising<'_, '_> {
    fn request(&mut self, request: &mut CompletionRequest) -> Result<(), String> {
        for message in &mut request.messages {
            self.text(&mut message.content)?;
            if let Some(id) = &mut message.tool_call_id {
                self.text(id)?;
            }
            for call in &mut message.tool_calls {
                self.text(&mut call.id)?;
                self.name(&mut call.name)?;
                self.arguments(&mut call.arguments)?;
            }
        }
        for tool in &mut request.tools {
            self.name(&mut tool.name)?;
            if let Some(description) = &mut tool.description {
                self.text(description)?;
            }
            if let Some(parameters) = &mut tool.parameters {
                self.value(parameters, Numbers::Refused)?;
            }
        }
        if let ToolChoice::Named(name) = &mut request.tool_choice {
            self.name(name)?;
        }
        if let Output::Json { name, schema, .. } = &mut request.output {
            self.name(name)?;
            let mut disguised = Value::clone(schema);
            if self.value(&mut disguised, Numbers::Refused)? {
                *schema = Arc::new(disguised);
            }
        }
        request
            .stop
            .iter_mut()
            .try_for_each(|stop| self.text(stop).map(drop))
    }

    /// Disguises a text, and says whether it had to be.
    fn text(&mut self, text: &mut String) -> Result<bool, String> {
        let replaced = self.rules.replace(text, self.pseudonyms)?;
        Ok(replaced.map(|replaced| *text = replaced).is_some())
    }

    /// The API takes not every name.
    fn name(&mut self, name: &mut String) -> Result<(), String> {
        if self.text(name)? && name.len() > NAME_BYTES_MAX {
            return Err(
                "the name of a tool holds what is to be hidden, and is too long without it".to_owned(),
            );
        }
        Ok(())
    }

    /// Arguments are JSON, where the model made no mistake.
    fn arguments(&mut self, arguments: &mut String) -> Result<(), String> {
        let Ok(mut value) = serde_json::from_str(arguments) else {
            return self.text(arguments).map(drop);
        };
        if self.value(&mut value, Numbers::Quoted)? {
            *arguments = value.to_string();
        }
        Ok(())
    }

    fn value(&mut self, value: &mut Value, numbers: Numbers) -> Result<bool, String> {
        match value {
            Value::String(text) => self.text(text),
            Value::Number(number) => {
                let mut text = number.to_string();
                match (self.text(&mut text)?, numbers) {
                    (false, _) => Ok(false),
                    (true, Numbers::Refused) => {
                        Err("a schema holds a number that is to be hidden".to_owned())
                    }
                    (true, Numbers::Quoted) => {
                        *value = Value::String(text);
                        Ok(true)
                    }
                }
            }
            Value::Array(values) => {
                let mut changed = false;
                for value in values {
                    changed |= self.value(value, numbers)?;
                }
                Ok(changed)
            }
            Value::Object(fields) => self.object(fields, numbers),
            Value::Null | Value::Bool(_) => Ok(false),
        }
    }

    /// Names of fields may be names of people.
    fn object(&mut self, fields: &mut Map<String, Value>, numbers: Numbers) -> Result<bool, String> {
        let mut changed = false;
        let mut disguised = Map::with_capacity(fields.len());
        for (mut name, mut value) in std::mem::take(fields) {
            changed |= self.text(&mut name)?;
            changed |= self.value(&mut value, numbers)?;
            disguised.insert(name, value);
        }
        *fields = disguised;
        Ok(changed)
    }
}

/// What stands for a value has neither its form nor its length: upstream is not to insist on either. The answer is
/// checked against the whole schema once it has its own words again.
fn loosen_all(request: &mut CompletionRequest) {
    for tool in &mut request.tools {
        tool.parameters.iter_mut().for_each(loosen);
    }
    if let Output::Json { schema, .. } = &mut request.output {
        loosen(Arc::make_mut(schema));
    }
}

fn loosen(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(loosen),
        Value::Object(keywords) => {
            // Under `properties` these are names, and have schemas.
            keywords.retain(|keyword, value| match keyword.as_str() {
                "format" | "pattern" => !value.is_string(),
                "minLength" => value.as_u64().is_none_or(|length| length <= SHORTEST_STAND_IN),
                "maxLength" => value.as_u64().is_none_or(|length| length >= LONGEST_STAND_IN),
                _ => true,
            });
            keywords.values_mut().for_each(loosen);
        }
        _ => {}
    }
}
