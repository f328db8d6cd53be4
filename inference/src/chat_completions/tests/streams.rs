//! Streams: what is text, what is the end, and every way in which one can fail.

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream as pieces_of};
use proptest::prelude::*;

use super::super::{
    failure::Transport,
    shape::Shapes,
    stream::{self, Expected},
};
use super::{read, soon};
use crate::{
    BackendError, CompletionEvent, CompletionStream, Deadline, FinishReason, TokenUsage,
    azure::classify::AZURE,
};

pub(crate) const STOP: &str = "data: {\"model\":\"gpt-4.1-mini-2025-04-14\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
pub(crate) const USAGE: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":21,\"completion_tokens\":3,\"total_tokens\":24}}\n\n";
const DONE: &str = "data: [DONE]\n\n";
/// What Azure sends first.
const PROMPT_RESULTS: &str = "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\
    \"prompt_filter_results\":[{\"prompt_index\":0,\"content_filter_results\":{\"hate\":{\"filtered\":false,\
    \"severity\":\"safe\"},\"jailbreak\":{\"filtered\":false,\"detected\":false}}}]}\n\n";

/// A chunk with text.
pub(crate) fn said(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4.1-mini-2025-04-14\",\
         \"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text}}},\"finish_reason\":null,\
         \"content_filter_results\":{{\"hate\":{{\"filtered\":false,\"severity\":\"safe\"}},\
         \"custom_blocklists\":[],\"profanity\":null}}}}]}}\n\n"
    )
}

/// The events of an answer for which no tools were offered.
fn events<S>(pieces: S, deadline: Deadline) -> CompletionStream
where
    S: Stream<Item = Result<Bytes, Transport>> + Send + 'static,
{
    events_of(pieces, deadline, Shapes::default())
}

/// The same of a server whose lines looked like this so far.
fn events_of<S>(pieces: S, deadline: Deadline, shapes: Shapes) -> CompletionStream
where
    S: Stream<Item = Result<Bytes, Transport>> + Send + 'static,
{
    let expected = Expected {
        tools: false,
        deployment: None,
        dialect: &AZURE,
        shapes,
    };
    stream::events(pieces, deadline, expected)
}

type End = Result<CompletionEvent, BackendError>;

async fn play(pieces: Vec<Result<Bytes, Transport>>) -> (String, End) {
    read(events(pieces_of::iter(pieces), soon())).await
}

async fn play_text(text: &str) -> (String, End) {
    play(vec![Ok(Bytes::copy_from_slice(text.as_bytes()))]).await
}

fn stopped(usage: TokenUsage) -> CompletionEvent {
    let model = Some("gpt-4.1-mini-2025-04-14".to_owned());
    CompletionEvent::Finished {
        reason: FinishReason::Stop,
        usage,
        model,
        deployment: None,
    }
}

const COUNTED: TokenUsage = TokenUsage { input: 21, output: 3 };

fn malformed(reason: &str) -> BackendError {
    BackendError::MalformedStream {
        reason: reason.to_owned(),
    }
}

fn filtered(categories: &str) -> BackendError {
    BackendError::ContentFiltered {
        stage: "answer",
        categories: categories.to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn reads_an_answer_however_it_was_cut() {
    let whole = [PROMPT_RESULTS, &said("Grüße, "), &said("4711"), STOP, USAGE, DONE].concat();
    let variants = [
        whole.clone(),
        whole.replace('\n', "\r\n"),
        format!("\u{feff}{whole}"),
        format!(": hi\n\n{whole}"),
    ];
    for variant in variants {
        for size in [1, 2, 7, 64, variant.len()] {
            let pieces = variant
                .as_bytes()
                .chunks(size)
                .map(|piece| Ok(Bytes::copy_from_slice(piece)))
                .collect();
            let (text, end) = play(pieces).await;
            assert_eq!(
                (text.as_str(), end),
                ("Grüße, 4711", Ok(stopped(COUNTED))),
                "in pieces of {size}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tells_at_once_what_came_at_once_and_nothing_that_ends_it() {
    let text = |text: &str, pieces| {
        Ok(CompletionEvent::Text {
            text: text.to_owned(),
            pieces,
        })
    };
    let reasoning = "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n\n";
    let error = "data: {\"error\":{\"code\":\"429\",\"message\":\"later\"}}\n\n";
    let reads = [
        said("a") + ": a comment\n\n" + &said("b") + &said("c") + reasoning + &said("d"),
        said("e") + &said("f") + &said("g")[..40],
        said("g")[40..].to_owned() + error + &said("never"),
    ];
    let pieces = reads.map(|read| Ok(Bytes::from(read)));
    let told: Vec<_> = events(pieces_of::iter(pieces), soon()).collect().await;
    let (end, shown) = told.split_last().expect("it has an end");
    assert_eq!(
        shown,
        [
            text("abc", 3),
            Ok(CompletionEvent::Progress),
            text("d", 1),
            text("ef", 2),
            text("g", 1)
        ]
    );
    assert!(matches!(end, Err(BackendError::Throttled { .. })), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn ends_properly_once_the_finish_reason_came() {
    let begun = said("Ja.");
    for (case, rest, usage) in [
        ("with everything", [STOP, USAGE, DONE].concat(), COUNTED),
        ("without [DONE]", [STOP, USAGE].concat(), COUNTED),
        ("without usage", [STOP, DONE].concat(), TokenUsage::default()),
        (
            "cut after the finish reason",
            STOP.to_owned(),
            TokenUsage::default(),
        ),
        (
            "without the last line end",
            [STOP, USAGE.trim_end()].concat(),
            COUNTED,
        ),
        (
            "without space after the colon",
            [STOP, USAGE, DONE].concat().replace("data: ", "data:"),
            COUNTED,
        ),
        (
            "with null usage before",
            [
                &begun.replace("Ja.", "").replace("}]}", "}],\"usage\":null}"),
                STOP,
                USAGE,
            ]
            .concat(),
            COUNTED,
        ),
    ] {
        assert_eq!(
            play_text(&(begun.clone() + &rest)).await,
            ("Ja.".to_owned(), Ok(stopped(usage))),
            "{case}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_complete_answer_survives_what_happens_to_its_connection() {
    let begun = [&said("Ja."), STOP].concat();
    let reset = Transport::Broken {
        reason: "reset".to_owned(),
    };
    let pieces = vec![Ok(Bytes::from(begun.clone())), Err(reset)];
    assert_eq!(
        play(pieces).await,
        ("Ja.".to_owned(), Ok(stopped(TokenUsage::default()))),
        "reset"
    );

    let silent = pieces_of::iter([Ok(Bytes::from(begun))]).chain(pieces_of::pending());
    let start = tokio::time::Instant::now();
    let end = read(events(silent, soon())).await;
    assert_eq!(
        start.elapsed().as_secs(),
        1,
        "the grace, not the deadline, in virtual time"
    );
    assert_eq!(
        end,
        ("Ja.".to_owned(), Ok(stopped(TokenUsage::default()))),
        "silence"
    );
}

#[tokio::test(start_paused = true)]
async fn names_each_failure() {
    let error = |error: &str| format!("data: {{\"error\":{error}}}\n\n");
    let finish = |reason: &str, more: &str| {
        format!("data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"{reason}\"{more}}}]}}\n\n")
    };
    let results = |results: &str| format!(",\"content_filter_results\":{results}");
    let server_error = |status| BackendError::ServerError {
        status,
        retry_after: None,
    };
    let table: Vec<(&str, String, BackendError)> = vec![
        ("nothing at all", String::new(), BackendError::IncompleteStream),
        ("no finish reason", said("a"), BackendError::IncompleteStream),
        (
            "[DONE] without finish reason",
            said("a") + DONE,
            BackendError::IncompleteStream,
        ),
        (
            "usage without finish reason",
            said("a") + USAGE,
            BackendError::IncompleteStream,
        ),
        (
            "cut within a line",
            said("a") + &STOP[..40],
            BackendError::IncompleteStream,
        ),
        (
            "two bad lines",
            format!("data: {{\ndata: x\n{STOP}"),
            malformed("two lines were not chunks"),
        ),
        (
            "a bad line, then cut within one",
            format!("data: {{\n{}", &STOP[..40]),
            malformed("two lines were not chunks"),
        ),
        (
            "invalid UTF-8 is bad",
            "data: {\ndata: {\"model\":1}\n".to_owned(),
            malformed("two lines were not chunks"),
        ),
        (
            "a tool call",
            finish("tool_calls", ""),
            malformed("unknown finish reason"),
        ),
        (
            "an unknown finish",
            finish("because", ""),
            malformed("unknown finish reason"),
        ),
        ("content filter", finish("content_filter", ""), filtered("")),
        (
            "content filter with categories",
            finish(
                "content_filter",
                &results(
                    "{\"hate\":{\"filtered\":true,\"severity\":\"high\"},\"violence\":{\"filtered\":false},\"custom_blocklists\":[{\"id\":\"x\",\"filtered\":true}]}",
                ),
            ),
            filtered("hate, custom_blocklists"),
        ),
        (
            "content filter after stop",
            STOP.to_owned() + &finish("content_filter", ""),
            filtered(""),
        ),
        (
            "filter did not run on the answer",
            finish(
                "stop",
                &results(
                    "{\"error\":{\"code\":\"content_filter_error\",\"message\":\"The contents are not filtered\"}}",
                ),
            ),
            BackendError::ContentFilterUnavailable,
        ),
        (
            "filter did not run on the prompt",
            PROMPT_RESULTS.replace(
                "{\"hate\"",
                "{\"error\":{\"code\":\"content_filter_error\"},\"hate\"",
            ),
            BackendError::ContentFilterUnavailable,
        ),
        (
            "the model declined",
            "data: {\"choices\":[{\"delta\":{\"refusal\":\"I cannot\"}}]}\n\n".to_owned() + STOP,
            filtered("refusal"),
        ),
        (
            "error with status",
            error("{\"status\":503,\"message\":\"busy\"}"),
            server_error(503),
        ),
        ("error with code", error("{\"code\":\"502\"}"), server_error(502)),
        (
            "error with numeric code",
            error("{\"code\":504}"),
            server_error(504),
        ),
        (
            "error without either",
            error("{\"message\":\"oops\"}"),
            server_error(500),
        ),
        ("error that is a string", error("\"oops\""), server_error(500)),
        (
            "throttled",
            error("{\"code\":\"429\"}"),
            BackendError::Throttled { retry_after: None },
        ),
        (
            "throttled by name",
            error("{\"code\":\"rate_limit_exceeded\"}"),
            BackendError::Throttled { retry_after: None },
        ),
        (
            "quota",
            error("{\"code\":\"insufficient_quota\"}"),
            BackendError::QuotaExhausted,
        ),
        (
            "filter as an error",
            error("{\"code\":\"content_filter\"}"),
            filtered(""),
        ),
        (
            "too long",
            error("{\"code\":\"context_length_exceeded\",\"message\":\"\"}"),
            BackendError::ContextLengthExceeded {
                needed: None,
                limit: None,
            },
        ),
        (
            "an endless line",
            "x".repeat(1024 * 1024 + 1),
            malformed("a line was longer than 1 MiB"),
        ),
        (
            "an endless line that ends",
            "x".repeat(1024 * 1024 + 1) + "\n",
            malformed("a line was longer than 1 MiB"),
        ),
    ];
    for (case, bytes, expected) in table {
        let (_, end) = play_text(&bytes).await;
        assert_eq!(end, Err(expected), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn filter_results_of_unknown_shape_are_no_verdict() {
    let odd = "{\"a\":true,\"b\":1,\"c\":-1,\"d\":1.5,\"e\":\"x\",\"f\":null,\"g\":[[],1,{\"filtered\":1}],\
        \"h\":{\"filtered\":\"yes\",\"code\":[7]},\"error\":{\"code\":\"other\"}}";
    let odd = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"a\"}},\"content_filter_results\":{odd}}}]}}\n\n"
    );
    for results in [odd.clone(), odd.replace("_results", "_result")] {
        // Twice, because the first bad line would be forgiven.
        let bytes = [&results, &results, STOP, USAGE, DONE].concat();
        assert_eq!(
            play_text(&bytes).await,
            ("aa".to_owned(), Ok(stopped(COUNTED))),
            "{results}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn tolerates_one_bad_line() {
    for bad in [
        "data: {\"choices\":[\n\n",
        "data: nonsense\n\n",
        "data:\n\n",
        "data: []\n\n",
    ] {
        let bytes = [&said("a"), bad, &said("b"), STOP, USAGE, DONE].concat();
        assert_eq!(
            play_text(&bytes).await,
            ("ab".to_owned(), Ok(stopped(COUNTED))),
            "{bad}"
        );
    }
    let invalid_utf8 = Bytes::from_static(b"data: {\"model\":\"\xff\"}\n");
    let pieces = vec![
        Ok(invalid_utf8),
        Ok(Bytes::from([&said("a"), STOP, USAGE].concat())),
    ];
    assert_eq!(play(pieces).await, ("a".to_owned(), Ok(stopped(COUNTED))));
}

#[tokio::test(start_paused = true)]
async fn says_when_an_answer_reached_its_bound() {
    let bytes = [&said("Hal"), &STOP.replace("\"stop\"", "\"length\""), USAGE, DONE].concat();
    let (text, end) = play_text(&bytes).await;
    let model = Some("gpt-4.1-mini-2025-04-14".to_owned());
    let expected = CompletionEvent::Finished {
        reason: FinishReason::Length,
        usage: COUNTED,
        model,
        deployment: None,
    };
    assert_eq!((text.as_str(), end), ("Hal", Ok(expected)));
}

#[tokio::test(start_paused = true)]
async fn passes_on_a_broken_connection_and_the_deadline() {
    let broken = Transport::Broken {
        reason: "reset".to_owned(),
    };
    let (text, end) = play(vec![Ok(Bytes::from(said("a"))), Err(broken)]).await;
    assert_eq!(
        (text.as_str(), end),
        (
            "a",
            Err(BackendError::ConnectionBroken {
                reason: "reset".to_owned()
            })
        )
    );

    let silent = pieces_of::iter([Ok(Bytes::from(said("a")))]).chain(pieces_of::pending());
    let (text, end) = read(events(silent, Deadline::after(Duration::from_secs(3)))).await;
    assert_eq!((text.as_str(), end), ("a", Err(BackendError::DeadlineExceeded)));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_stops_an_endless_trickle() {
    let trickle =
        pieces_of::repeat_with(|| Ok(Bytes::from_static(b": still here\n\n"))).then(|piece| async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            piece
        });
    let (text, end) = read(events(trickle, Deadline::after(Duration::from_secs(3)))).await;
    assert_eq!((text.as_str(), end), ("", Err(BackendError::DeadlineExceeded)));
}

/// Lines as Azure, a fault or chance might send them.
fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let chance = proptest::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        "[ -~]{0,30}".prop_map(|text| said(&text).into_bytes()),
        Just(STOP.into()),
        Just(USAGE.into()),
        Just(DONE.into()),
        Just(PROMPT_RESULTS.into()),
        chance.clone(),
        chance.prop_map(|bytes| [b"data: ", bytes.as_slice(), b"\n"].concat()),
        "data: [\\[\\]{}:,\"a-z0-9]{0,40}\n".prop_map(String::into_bytes),
        (0..STOP.len()).prop_map(|end| STOP.as_bytes()[..end].to_vec()),
    ]
}

proptest! {
    #[test]
    fn any_bytes_end_exactly_once(lines in proptest::collection::vec(any_line(), 0..12), size in 1_usize..200) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let bytes = lines.concat();
        let pieces: Vec<_> = bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        // Panics where nothing ends the answer, or something follows the end.
        let (text, end) = runtime.block_on(play(pieces));
        let whole = runtime.block_on(play(vec![Ok(Bytes::from(bytes))]));
        prop_assert_eq!((text, end), whole);
    }
}

/// A line of one of a few forms around a text as it is, which may end the string that it stands in.
fn line_around() -> impl Strategy<Value = String> {
    let form = prop_oneof![
        Just(r#"{"model":"m","choices":[{"index":0,"delta":{"content":"TEXT"},"finish_reason":null}]}"#),
        Just(r#"{"model":"m","choices":[{"index":0,"delta":{"content":"TEXT"},"finish_reason":"stop"}]}"#),
        Just(r#"{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"length"}],"id":"TEXT"}"#),
        Just(r#"{"choices":[{"delta":{"role":"assistant","content":"TEXT"}}]}"#),
        Just(r#"{"id":"a","created":1,"choices":[{"delta":{"content":"b"}}],"obfuscation":"TEXT"}"#),
        Just(r#"{"id":"b","created":2,"choices":[{"delta":{"content":"TEXT"}}],"obfuscation":"cd"}"#),
        Just(r#"{"id":{"i":"TEXT"},"created":-1e9,"choices":[{"delta":{"content":"b"}}],"obfuscation":{}}"#),
        Just(
            r#"{"choices":[{"delta":{"content":"TEXT"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        ),
        Just(r#"{"choices":[{"delta":{"reasoning_content":"r","content":"TEXT"}}]}"#),
        Just(r#"{"choices":[],"id":"","prompt_filter_results":[{"content_filter_results":{"a":"TEXT"}}]}"#),
    ];
    let text = prop_oneof![
        "[a-c äß€]{0,4}",
        Just(r"a\nb".to_owned()),
        Just(r#"said \"so\""#.to_owned()),
        Just(r#"x","refusal":"no"#.to_owned()),
        Just(r#"x","tool_calls":null,"role":"y"#.to_owned()),
        Just(r#"x","error":{"code":"content_filter_error"},"y":"z"#.to_owned()),
    ];
    (form, text).prop_map(|(form, text)| format!("data: {}\n\n", form.replace("TEXT", &text)))
}

proptest! {
    /// Lines that are like one before, of this answer or of another, are not read in full.
    #[test]
    fn a_line_says_the_same_whatever_came_before(lines in proptest::collection::vec(line_around(), 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let play = |text: String, shapes: &Shapes| {
            let pieces = pieces_of::iter([Ok(Bytes::from(text))]);
            runtime.block_on(async { read(events_of(pieces, soon(), shapes.clone())).await })
        };
        let shapes = Shapes::default();
        let mut alone = Vec::new();
        for line in &lines {
            let answer = format!("{line}{STOP}");
            alone.push(play(answer.clone(), &Shapes::default()));
            for _ in 0..2 {
                prop_assert_eq!(&play(answer.clone(), &shapes), alone.last().unwrap());
            }
        }
        let (text, end) = play(format!("{}{STOP}", lines.concat()), &Shapes::default());
        let failed = alone.iter().position(|(_, end)| end.is_err());
        prop_assert_eq!(end.is_err(), failed.is_some());
        if failed.is_none() {
            prop_assert_eq!(text, alone.iter().map(|(text, _)| text.as_str()).collect::<String>());
        }
    }
}
