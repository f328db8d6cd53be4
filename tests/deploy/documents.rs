//! YAML as values: read strictly, found by kind and name.

use serde_json::Value;

/// Reads every document of a YAML text. Empty ones are left out, as `kubectl` does.
pub(crate) fn read(text: &str) -> Vec<Value> {
    let all: Result<Vec<Value>, _> = serde_saphyr::from_multiple(text);
    let all = all.unwrap_or_else(|error| panic!("this is no YAML: {error}\n{text}"));
    all.into_iter().filter(|document| !document.is_null()).collect()
}

/// The one document of this kind and name.
pub(crate) fn find<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let mut found = documents
        .iter()
        .filter(|document| document["kind"] == kind && document["metadata"]["name"] == name);
    let first = found.next().unwrap_or_else(|| {
        let there: Vec<String> = documents.iter().map(title).collect();
        panic!("there is no {kind} {name}, only {}", there.join(", "))
    });
    assert!(found.next().is_none(), "{kind} {name} is there twice");
    first
}

/// Every document of a kind.
pub(crate) fn of_kind<'a>(documents: &'a [Value], kind: &str) -> Vec<&'a Value> {
    documents
        .iter()
        .filter(|document| document["kind"] == kind)
        .collect()
}

/// Kind and name of a document, for messages.
pub(crate) fn title(document: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    format!(
        "{} {}",
        text(&document["kind"]),
        text(&document["metadata"]["name"])
    )
}

#[test]
fn several_documents_are_read_and_found() {
    let documents = read(
        "---\nkind: A\nmetadata: {name: one}\nspec: {on: \"yes\", port: 80}\n---\n---\nkind: B\nmetadata: {name: one}\n",
    );
    assert_eq!(documents.len(), 2);
    assert_eq!(find(&documents, "A", "one")["spec"]["port"], 80);
    assert_eq!(of_kind(&documents, "B").len(), 1);
    assert_eq!(title(&documents[1]), "B one");
}
