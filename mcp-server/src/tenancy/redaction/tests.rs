//! Whole requests: nothing that was planted leaves, and everything comes back.

use std::sync::Arc;

use inference::{Message, Output, Tool, ToolCall, ToolChoice};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn redactor(policy: Policy) -> Redactor {
    Redactor::new(&Config {
        default: policy,
        ..Config::default()
    })
    .expect("nothing to read")
}

fn with_lists(folder: &Path) -> Redactor {
    let file = folder.join("customers.txt");
    std::fs::write(&file, "Müller & Söhne GmbH\nNordwind Handels AG\nacme\n").expect("written");
    let parts = folder.join("parts.txt");
    std::fs::write(&parts, "X-4711/B\nQRT 900\n").expect("written");
    let list = |label: &str, file: PathBuf| List {
        label: label.to_owned(),
        file,
    };
    redactor(Policy {
        lists: vec![list("CUSTOMER", file), list("PART", parts)],
        ..Policy::default()
    })
}

fn request(text: &str) -> CompletionRequest {
    CompletionRequest {
        tenant: Some(Arc::from("acme")),
        ..CompletionRequest::new(vec![Message::user(text)], 100)
    }
}

/// What leaves in place of a text, and what comes back of that.
fn there_and_back(redactor: &Redactor, text: &str) -> (String, String) {
    match redactor.disguise(&request(text)).expect("disguised") {
        None => (text.to_owned(), text.to_owned()),
        Some(disguised) => {
            let sent = disguised.request.messages[0].content.clone();
            let back = disguised.stand_ins.restore(&sent).into_owned();
            (sent, back)
        }
    }
}

/// Everything that is sent of a request.
fn sent(request: &CompletionRequest) -> String {
    let schema = match &request.output {
        Output::Json { name, schema, .. } => format!("{name} {schema}"),
        _ => String::new(),
    };
    format!(
        "{:?} {:?} {:?} {:?} {schema}",
        request.messages, request.tools, request.tool_choice, request.stop
    )
}

const PLANTED: &[&str] = &[
    "anna.maier@firma-nord.de",
    "O'Neil+x@shop.example.co.uk",
    "info (at) firma.de",
    "+49 (0)711 123 45-67",
    "0049 711 1234567",
    "0171/1234567",
    "(0711) 12 34 56",
    "DE89 3704 0044 0532 0130 00",
    "AT611904300234573201",
    "DE136695976",
    "ATU13585627",
    "CHE-107.787.577",
    "4111 1111 1111 1111",
    "378282246310005",
    "192.168.10.42",
    "2001:db8::8a2e:370:7334",
    "Müller & Söhne GmbH",
    "NORDWIND Handels AG",
    "Nordwind\nHandels AG",
    "ACME",
    "X-4711/B",
];

const BETWEEN: &[&str] = &[
    " ",
    "\n",
    ", ",
    "; ",
    " und ",
    " <",
    "> ",
    " \"",
    "\" ",
    " (Kunde) ",
    " EMAIL_7F3A ",
    " phone_00FF, ",
    " — ",
    " „",
    "“ ",
    " IBAN: ",
    " | ",
    " Customer_1234 ",
    " CUSTOMER_ ",
    " \\ ",
    " ä ",
    " 日本 ",
    " 12 Stück ",
    " _ ",
    " {\"a\": ",
    "} ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_that_was_planted_leaves_and_everything_comes_back(
        parts in prop::collection::vec((prop::sample::select(BETWEEN), prop::sample::select(PLANTED)), 0..8),
        seed in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let redactor = with_lists(folder.path());
        let mut text = format!("Text {seed} ");
        let mut planted = Vec::new();
        for (between, value) in parts {
            text.push_str(between);
            text.push_str(value);
            planted.push(value);
        }
        text.push_str(" end");
        let (sent, back) = there_and_back(&redactor, &text);
        prop_assert_eq!(&back, &text);
        for value in planted {
            prop_assert!(!sent.contains(value), "{} in {}", value, sent);
        }
    }

    #[test]
    fn any_text_comes_back(text in ".{0,200}") {
        let redactor = redactor(Policy::default());
        prop_assert_eq!(there_and_back(&redactor, &text).1, text);
    }

    #[test]
    fn any_text_of_numbers_comes_back(text in "[0-9A-F+@:._ ()a-c/\\\\-]{0,120}") {
        let redactor = redactor(Policy::default());
        let (_, back) = there_and_back(&redactor, &text);
        // What was escaped comes back as what it means.
        if !text.contains('\\') {
            prop_assert_eq!(back, text);
        }
    }
}

#[test]
fn every_part_of_a_request_is_disguised_and_the_same_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let redactor = with_lists(folder.path());
    let mail = "anna@firma.de";
    let mut asked = request("Ask anna@firma.de of acme about card 4111111111111111");
    asked.messages.push(Message::tool_calls(
        mail,
        vec![ToolCall {
            id: format!("call:{mail}"),
            name: "look_up_acme".to_owned(),
            arguments: json!({"who": mail, "card": 4_111_111_111_111_111_u64, "acme": ["M\u{fc}ller & S\u{f6}hne GmbH"]}).to_string(),
        }],
    ));
    asked.messages.push(Message::tool_result(
        format!("call:{mail}"),
        r#"{"name": "M\u00fcller & S\u00f6hne GmbH", "mail": "anna\u0040firma.de"}"#,
    ));
    asked.tools = vec![Tool {
        name: "look_up_acme".to_owned(),
        description: Some(format!("Asks {mail}")),
        parameters: Some(json!({"type": "object", "properties": {
            "who": {"type": "string", "format": "email", "default": mail},
            "iban": {"type": "string", "minLength": 22, "maxLength": 22},
            "note": {"type": "string", "minLength": 1, "maxLength": 500},
            "format": {"type": "string", "enum": [mail]}}})),
        strict: false,
    }];
    asked.tool_choice = ToolChoice::Named("look_up_acme".to_owned());
    asked.stop = vec![mail.to_owned()];
    asked.output = Output::Json {
        name: "acme".to_owned(),
        schema: Arc::new(json!({"properties": {mail: {"pattern": "^a"}}, "required": [mail]})),
        check: None,
    };
    let disguised = redactor
        .disguise(&asked)
        .expect("disguised")
        .expect("something to hide");
    let sent = sent(&disguised.request);
    for planted in [mail, "acme", "4111111111111111", "ller & S", "0040firma"] {
        assert!(!sent.contains(planted), "{planted} in {sent}");
    }
    let stand_in = disguised.request.stop[0].clone();
    let request = &disguised.request;
    assert_eq!(request.messages[1].content, stand_in);
    assert_eq!(request.messages[1].tool_calls[0].id, format!("call:{stand_in}"));
    assert_eq!(
        request.messages[2].tool_call_id.as_deref(),
        Some(format!("call:{stand_in}").as_str())
    );
    let ToolChoice::Named(chosen) = &request.tool_choice else {
        panic!("still named")
    };
    assert_eq!(*chosen, request.tools[0].name);
    assert_eq!(disguised.stand_ins.restore(chosen), "look_up_acme");
    let arguments: Value =
        serde_json::from_str(&request.messages[1].tool_calls[0].arguments).expect("still JSON");
    assert!(arguments["card"].is_string());
    // Upstream must not insist on a form that a stand-in has not; a field of that name stays.
    let parameters = request.tools[0].parameters.as_ref().expect("there");
    assert!(parameters["properties"]["who"].get("format").is_none());
    assert!(parameters["properties"]["format"].is_object());
    assert_eq!(parameters["properties"]["iban"], json!({"type": "string"}));
    assert_eq!(parameters["properties"]["note"]["maxLength"], 500);
    let Output::Json { schema, .. } = &request.output else {
        panic!("still JSON")
    };
    assert_eq!(schema["required"][0], stand_in.as_str());
    assert!(schema["properties"][&stand_in].get("pattern").is_none());
}

#[test]
fn what_was_escaped_comes_back_as_what_it_means() {
    let folder = tempfile::tempdir().expect("a folder");
    let redactor = with_lists(folder.path());
    let (sent, back) = there_and_back(&redactor, r#"{"name": "M\u00fcller & S\u00f6hne GmbH"}"#);
    assert!(sent.starts_with(r#"{"name": "CUSTOMER_"#), "{sent}");
    assert_eq!(back, r#"{"name": "Müller & Söhne GmbH"}"#);
}

#[test]
fn what_cannot_be_hidden_is_an_error_that_does_not_tell_it() {
    let mut asked = request("hello");
    asked.output = Output::Json {
        name: "card".to_owned(),
        schema: Arc::new(json!({"const": 4_111_111_111_111_111_u64})),
        check: None,
    };
    let error = redactor(Policy::default())
        .disguise(&asked)
        .err()
        .expect("refused");
    assert_eq!(error, "a schema holds a number that is to be hidden");

    let folder = tempfile::tempdir().expect("a folder");
    let mut asked = request("hello");
    asked.tool_choice = ToolChoice::Named(format!("acme-{}", "x".repeat(59)));
    let error = with_lists(folder.path()).disguise(&asked).err().expect("refused");
    assert!(error.contains("too long"), "{error}");
}

#[test]
fn tenants_hide_what_they_say_and_with_keys_of_their_own() {
    let off = Policy {
        enabled: false,
        ..Policy::default()
    };
    let cards = Policy {
        kinds: Kinds::of(&[Kind::Card]),
        ..Policy::default()
    };
    let named = [("bolt".to_owned(), off), ("cards".to_owned(), cards)];
    let redactor = Redactor::new(&Config {
        named: named.into(),
        ..Config::default()
    })
    .expect("nothing to read");
    let text = "a@b.de 4111111111111111";
    let sent = |tenant: &str| {
        let request = CompletionRequest {
            tenant: Some(Arc::from(tenant)),
            ..request(text)
        };
        let disguised = redactor.disguise(&request).expect("disguised");
        disguised.map_or(text.to_owned(), |disguised| {
            disguised.request.messages[0].content.clone()
        })
    };
    assert_eq!(sent("bolt"), text);
    assert!(sent("cards").starts_with("a@b.de CARD_"));
    assert!(sent("x").starts_with("EMAIL_") && sent("x").contains(" CARD_"));
    assert_eq!(sent("x"), sent("x"));
    assert_ne!(sent("x"), sent("y"));
    assert!(
        redactor
            .disguise(&request("nothing to hide"))
            .expect("fine")
            .is_none()
    );
}

#[test]
fn a_secret_that_is_none_is_refused_by_name_and_the_same_one_gives_the_same_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    let config = Config {
        secret_file: Some(file.clone()),
        ..Config::default()
    };
    let refused = || Redactor::new(&config).err().expect("refused").to_string();
    assert!(refused().contains("cannot be read"));
    std::fs::write(&file, "short\n").expect("written");
    let error = refused();
    for part in ["tenancy.redaction.secret_file", "5 bytes", "openssl rand"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("short\n"));
    std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").expect("written");
    let sent = || there_and_back(&Redactor::new(&config).expect("read"), "a@b.de").0;
    assert_eq!(sent(), sent());
}
