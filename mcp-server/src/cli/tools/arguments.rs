//! Arguments of a tool from the command line: whole as JSON, or one by one.

use std::io::Read;

use serde_json::{Map, Value};

use crate::cli::{Failure, Result};

/// More than any tool takes.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Joins `--args` and every `--arg`; the latter win.
pub(super) fn collect(
    schema: Option<&Map<String, Value>>,
    whole: Option<&str>,
    single: &[String],
) -> Result<Map<String, Value>> {
    let mut arguments = whole.map_or_else(|| Ok(Map::new()), read_whole)?;
    for argument in single {
        let (key, value) = argument.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--arg {argument:?} has no value; write --arg key=value"))
        })?;
        let kind = schema.and_then(|schema| schema.get("properties")?.get(key)?.get("type"));
        arguments.insert(key.to_owned(), read_single(kind, value)?);
    }
    Ok(arguments)
}

fn read_whole(text: &str) -> Result<Map<String, Value>> {
    let (text, origin) = match (text, text.strip_prefix('@')) {
        ("-", _) => (
            read("standard input", std::io::stdin().lock())?,
            "standard input".to_owned(),
        ),
        (_, Some(path)) => (read_file(path)?, path.to_owned()),
        _ => (text.to_owned(), "--args".to_owned()),
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(Failure::usage(format!(
            "{origin} is not a JSON object; write {{\"name\": value}}"
        ))),
        Err(error) => Err(Failure::usage(format!("{origin} is not JSON: {error}"))),
    }
}

/// A text where the schema wants one; otherwise JSON where it is JSON.
fn read_single(kind: Option<&Value>, value: &str) -> Result<Value> {
    let text = match value.strip_prefix('@') {
        Some(path) => read_file(path)?,
        None => value.to_owned(),
    };
    let is_text = kind.is_none_or(|kind| kind == "string");
    let parsed = if is_text {
        None
    } else {
        serde_json::from_str(&text).ok()
    };
    Ok(parsed.unwrap_or(Value::String(text)))
}

fn read_file(path: &str) -> Result<String> {
    let file =
        std::fs::File::open(path).map_err(|error| Failure::usage(format!("cannot read {path}: {error}")))?;
    read(path, file)
}

fn read(origin: &str, from: impl Read) -> Result<String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format!("cannot read {origin}: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::usage(format!(
            "{origin} has more than {MAX_BYTES} bytes; no tool takes so much"
        )));
    }
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{origin} is not UTF-8 text")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::Exit;

    fn check(whole: Option<&str>, single: &[&str], expected: &Value) {
        let schema = json!({"properties": {
            "text": {"type": "string"}, "count": {"type": "integer"}, "labels": {"type": "array"}, "either": {},
        }});
        let single: Vec<_> = single.iter().map(|argument| (*argument).to_owned()).collect();
        let collected = collect(schema.as_object(), whole, &single).map(Value::Object);
        assert_eq!(collected.expect("well-formed"), *expected);
    }

    #[test]
    fn arguments_follow_the_schema() {
        check(None, &[], &json!({}));
        check(Some(r#"{"a": 1}"#), &[], &json!({"a": 1}));
        check(
            None,
            &["text=12", "count=12", r#"labels=["a"]"#],
            &json!({"text": "12", "count": 12, "labels": ["a"]}),
        );
        check(
            None,
            &["text=a=b", "either=12", "unknown=12"],
            &json!({"text": "a=b", "either": "12", "unknown": "12"}),
        );
        check(
            Some(r#"{"count": 1, "text": "x"}"#),
            &["count=2"],
            &json!({"count": 2, "text": "x"}),
        );
        check(None, &["count=many"], &json!({"count": "many"}));
    }

    #[test]
    fn texts_come_from_files() {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), "a mail").expect("written");
        check(
            None,
            &[&format!("text=@{}", file.path().display())],
            &json!({"text": "a mail"}),
        );
        std::fs::write(file.path(), r#"{"text": "t"}"#).expect("written");
        check(
            Some(&format!("@{}", file.path().display())),
            &[],
            &json!({"text": "t"}),
        );
    }

    #[test]
    fn mistakes_are_wrong_usage() {
        for (whole, single) in [
            (Some("not json"), None),
            (Some("[1]"), None),
            (Some("@/nonexistent"), None),
            (None, Some("novalue")),
            (None, Some("text=@/nonexistent")),
        ] {
            let single: Vec<_> = single.map(str::to_owned).into_iter().collect();
            let failure = collect(None, whole, &single).expect_err("must be refused");
            assert_eq!(failure.exit, Exit::Usage, "{failure:?}");
        }
    }
}
