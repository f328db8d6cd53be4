//! What it costs to disguise 2 KB of text, and to put its words back into an answer.
//!
//! ```console
//! $ cargo bench --package benches --bench redaction
//! ```
//!
//! The text is a German order with one value of each kind, a hundred words of prose around them, and a list of a thousand
//! customers to look for. Read the medians.

use std::{hint::black_box, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use inference::{CompletionRequest, Disguise, Message};
use mcp_server::tenancy::redaction::{Config, List, Policy, Redactor};

const VALUES: &str = "Bitte antworten Sie an anna.maier@nordwind.example oder 0711/123456-12, Konto DE89 3704 0044 0532 0130 00, \
                      USt-IdNr. DE136695976, Karte 4111 1111 1111 1111, Server 10.20.30.40, für Kunde 77 GmbH. ";
const PROSE: &str = "Wir bestellen 250 Stück des Artikels 4711-0815 zum Preis von 1.249,90 EUR und möchten wissen, wann geliefert wird. ";

fn request(values: bool) -> CompletionRequest {
    let mut text = if values { VALUES.to_owned() } else { String::new() };
    while text.len() < 2048 {
        text.push_str(PROSE);
    }
    CompletionRequest {
        tenant: Some(Arc::from("acme")),
        ..CompletionRequest::new(
            vec![Message::system("Summarise the text."), Message::user(text)],
            100,
        )
    }
}

fn redaction(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("customers.txt");
    let names: Vec<String> = (0..1000).map(|number| format!("Kunde {number} GmbH")).collect();
    std::fs::write(&file, names.join("\n")).expect("written");
    let list = List {
        label: "CUSTOMER".to_owned(),
        file,
    };
    for (lists, name) in [(Vec::new(), "forms"), (vec![list], "forms and a list")] {
        let redactor = Redactor::new(&Config {
            default: Policy {
                lists,
                ..Policy::default()
            },
            ..Config::default()
        })
        .expect("the list can be read");
        for (values, what) in [(true, "values"), (false, "no values")] {
            let request = request(values);
            criterion.bench_function(&format!("disguise 2 KB, {name}, {what}"), |bencher| {
                bencher.iter(|| redactor.disguise(black_box(&request)).is_ok());
            });
        }
        let disguised = redactor
            .disguise(&request(true))
            .expect("disguised")
            .expect("something to hide");
        let answer = &disguised.request.messages[1].content;
        criterion.bench_function(&format!("restore 2 KB, {name}"), |bencher| {
            bencher.iter(|| disguised.stand_ins.restore(black_box(answer)).len());
        });
    }
}

criterion_group!(benches, redaction);
criterion_main!(benches);
