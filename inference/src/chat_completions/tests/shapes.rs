//! Shapes of lines: what is known without reading a line in full, and that it is what the line says.

use serde_json::json;

use super::super::{
    chunk::{Chunk, First, Text},
    shape::{Seen, Shapes},
};

const PROMPT_RESULTS: &str = r#"{"choices":[],"created":0,"id":"","model":"","prompt_filter_results":[{"content_filter_results":{"hate":{"filtered":false}}}]}"#;

/// A line as Azure sends it, of call `id`.
fn line(id: &str, choice: &serde_json::Value) -> String {
    let noise = "x".repeat(id.len() * 3 % 7);
    format!(
        r#"{{"choices":[{choice}],"created":1{},"id":"chatcmpl-{id}","model":"gpt","usage":null,"obfuscation":"{noise}"}}"#,
        id.len()
    )
}

fn said(id: &str, text: &str) -> String {
    let filter = json!({"hate": {"filtered": false, "severity": "safe"}});
    line(
        id,
        &json!({"content_filter_results": filter, "delta": {"content": text}, "finish_reason": null, "index": 0}),
    )
}

fn ended(id: &str, reason: &str) -> String {
    line(id, &json!({"delta": {}, "finish_reason": reason, "index": 0}))
}

/// Learns a line, as an answer would that had to read it in full.
fn learn(seen: &mut Seen, line: &str) {
    seen.learn(line, &serde_json::from_str(line).unwrap());
}

/// Model, text and finish reason.
type Said = (Option<String>, Option<String>, Option<String>);

fn what(chunk: Chunk<'_>) -> Said {
    let own = |text: Option<Text<'_>>| text.map(|Text(text)| text.into_owned());
    let (text, reason) = match chunk.choices {
        First(Some(choice)) => (choice.delta.and_then(|delta| delta.content), choice.finish_reason),
        First(None) => (None, None),
    };
    (own(chunk.model), own(text), own(reason))
}

/// What a line is known to say.
fn known(seen: &mut Seen, line: &str) -> Option<Said> {
    let (shape, text) = seen.find(line.as_bytes())?;
    let own = |text: &str| text.to_owned();
    Some((
        shape.model().map(own),
        text.map(|Text(text)| text.into_owned()),
        shape.finish_reason().map(own),
    ))
}

#[test]
fn lines_of_another_call_are_known_whatever_their_text() {
    let shapes = Shapes::default();
    let mut first = Seen::before(shapes.clone());
    let lines = [
        PROMPT_RESULTS.to_owned(),
        said("1", ""),
        ended("1", "stop"),
        ended("1", "length"),
    ];
    for line in &lines {
        assert_eq!(known(&mut first, line), None, "{line}");
        learn(&mut first, line);
    }
    let mut second = Seen::before(shapes);
    let texts = ["", "Grüße", "two\nlines \"quoted\" \\ \u{1f600}"];
    let again = texts.map(|text| said("call-2", text));
    let ends = ["length", "stop"].map(|reason| ended("call number 3", reason));
    for line in [PROMPT_RESULTS]
        .into_iter()
        .chain(again.iter().chain(&ends).map(String::as_str))
    {
        let full = what(serde_json::from_str(line).unwrap());
        assert_eq!(known(&mut second, line), Some(full), "{line}");
    }
}

#[test]
fn a_line_that_may_say_something_else_is_not_known() {
    let mut seen = Seen::before(Shapes::default());
    learn(&mut seen, &said("1", "text"));
    let same = said("1", "other text");
    assert!(known(&mut seen, &same).is_some());
    for (from, to) in [
        (r#""filtered":false"#, r#""filtered":true"#),
        (r#""finish_reason":null"#, r#""finish_reason":"stop""#),
        (r#""usage":null"#, r#""usage":{"prompt_tokens":1}"#),
        (r#""other text""#, r#""other text","refusal":"no""#),
        (r#""other text""#, "null"),
        (r#""other text""#, "\"a\u{1}b\""),
        (r#""other text""#, r#""\x""#),
        (r#""created":11"#, r#""created":01"#),
        (r#""created":11"#, r#""created":1.5"#),
        (r#""created":11"#, r#""created":"#),
        (r#""chatcmpl-1""#, r#""chatcmpl-1","error":{"code":"429"}"#),
        (r#""chatcmpl-1""#, "chatcmpl-1"),
        (r#""chatcmpl-1""#, "\"a\tb\""),
        (r#"{"choices""#, r#"{"error":{},"choices""#),
        (r#""gpt""#, r#""gpt-2""#),
    ] {
        let other = same.replace(from, to);
        assert_ne!(other, same);
        assert_eq!(known(&mut seen, &other), None, "{other}");
    }
    for field in ["other text", "chatcmpl-1"] {
        let (before, after) = same.split_once(field).unwrap();
        let other = [before.as_bytes(), b"\xff", after.as_bytes()].concat();
        assert!(seen.find(&other).is_none(), "bytes that are no text in {field}");
    }
    for cut in 0..same.len() {
        assert_eq!(known(&mut seen, &same[..cut]), None, "cut at {cut}");
    }
    assert_eq!(known(&mut seen, &format!("{same} ")), None);
}

#[test]
fn lines_that_say_more_have_no_shape() {
    for delta in [
        json!({"refusal": "no"}),
        json!({"tool_calls": [{"index": 0, "function": {"arguments": "1"}}]}),
        json!({"reasoning": "hm", "content": "text"}),
        json!({"content": "with an \"escape\""}),
    ] {
        let mut seen = Seen::before(Shapes::default());
        let line = line("1", &json!({"delta": delta, "finish_reason": null}));
        learn(&mut seen, &line);
        assert_eq!(known(&mut seen, &line), None, "{line}");
    }
    for line in [
        ended("1", "content_filter"),
        r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#.to_owned(),
        r#"{"error":{"code":"429"}}"#.to_owned(),
        PROMPT_RESULTS.replace("false", "true"),
        said("1", &"long ".repeat(1_000)),
    ] {
        let mut seen = Seen::before(Shapes::default());
        learn(&mut seen, &line);
        assert_eq!(known(&mut seen, &line), None, "{line}");
    }
}

#[test]
fn lines_that_are_all_different_do_not_push_out_the_others() {
    let shapes = Shapes::default();
    learn(&mut Seen::before(shapes.clone()), PROMPT_RESULTS);
    let mut odd = Seen::before(shapes.clone());
    for number in 0..100 {
        learn(
            &mut odd,
            &line("1", &json!({"delta": {"content": "text"}, "logprobs": number})),
        );
    }
    let mut next = Seen::before(shapes);
    assert!(known(&mut next, PROMPT_RESULTS).is_some());
    let kept = |number: &u32| {
        let line = line("1", &json!({"delta": {"content": "more"}, "logprobs": number}));
        known(&mut next, &line).is_some()
    };
    assert_eq!((0..100).filter(kept).count(), 8);
}

#[test]
fn the_shapes_of_late_are_kept_and_no_more() {
    let shapes = Shapes::default();
    let odd = |number: u32| line("1", &json!({"delta": {"content": "text"}, "logprobs": number}));
    for number in 0..100 {
        learn(&mut Seen::before(shapes.clone()), &odd(number));
        learn(&mut Seen::before(shapes.clone()), &odd(number));
    }
    let mut seen = Seen::before(shapes);
    let kept: Vec<_> = (0..100)
        .filter(|number| known(&mut seen, &odd(*number)).is_some())
        .collect();
    assert_eq!(kept, (88..100).collect::<Vec<_>>());
}
