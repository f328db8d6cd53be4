//! `models`: what there is, what is here, and whether it is what it should be.

mod download;
mod progress;
mod pull;
mod store;

use clap::Subcommand;
use models::{
    ModelInfo, Source,
    catalogue::{self, Entry},
};
use serde_json::{Value, json};

use self::{
    progress::Progress,
    store::{Store, Stored},
};
use super::{Failure, Result, Start, output};
use crate::config;

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server models list
  mcp-server models pull qwen3-1.7b --accept-unlisted
  mcp-server models pull hf:owner/repository/file.gguf --sha256 HEX
  mcp-server models pull my-model --from ./my-model.gguf --accept-unlisted   (offline)
  mcp-server models verify qwen3-1.7b

Models lie in MCP_SERVER_MODELS_DIR, else in the user's data directory. HF_ENDPOINT names another hub,
HF_TOKEN a credential for it.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List known and stored models
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one model: where it comes from, its licence, its memory, what its file says
    Show {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Download a model, resuming where an earlier run broke off, and check its hash
    Pull(pull::Arguments),
    /// Check stored models against their hashes
    Verify {
        /// Its name; all stored models unless given
        name: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a stored model
    Rm {
        /// Its name
        name: String,
    },
}

pub(super) async fn run(start: &Start, command: Command) -> Result {
    start.log("warn")?;
    let store = Store::new(config::models_dir(&start.environment));
    match command {
        Command::List { json } => list(start, &store, json),
        Command::Show { name, json } => show(start, &store, &name, json),
        Command::Pull(arguments) => pull::run(start, &store, arguments).await,
        Command::Verify { name, json } => verify(start, &store, name.as_deref(), json),
        Command::Rm { name } => remove(&store, &name),
    }
}

fn list(start: &Start, store: &Store, json: bool) -> Result {
    let stored = store.all()?;
    let find = |name: &str| stored.iter().find(|model| model.name == name);
    let unlisted = stored
        .iter()
        .filter(|model| catalogue::find(&model.name).is_err());
    if json {
        let known = catalogue::all()
            .iter()
            .map(|entry| entry_json(entry, find(&entry.name)));
        let unlisted = unlisted.map(|model| stored_json(&model.name, Some(model)));
        output::json(&json!({"store": store.dir(), "models": known.chain(unlisted).collect::<Vec<_>>()}));
        return Ok(());
    }
    let state = |entry: &Entry| match find(&entry.name) {
        _ if entry.name == catalogue::BUNDLED => start.style.good("bundled"),
        Some(model) => start
            .style
            .good(&format!("here, {}", output::bytes(model.size_bytes))),
        None => "-".to_owned(),
    };
    let mut rows = vec![
        ["NAME", "HERE", "LICENCE", "ABOUT"]
            .map(|head| start.style.bold(head))
            .to_vec(),
    ];
    rows.extend(catalogue::all().iter().map(|entry| {
        vec![
            entry.name.clone(),
            state(entry),
            entry.licence.clone(),
            entry.about.clone(),
        ]
    }));
    rows.extend(unlisted.map(|model| {
        let licence = model
            .provenance
            .as_ref()
            .and_then(|provenance| provenance.licence.clone());
        let here = start
            .style
            .good(&format!("here, {}", output::bytes(model.size_bytes)));
        vec![
            model.name.clone(),
            here,
            licence.unwrap_or_else(|| "unknown".to_owned()),
            "not in the catalogue".to_owned(),
        ]
    }));
    output::table(&rows);
    Ok(())
}

fn show(start: &Start, store: &Store, name: &str, json: bool) -> Result {
    let bundled = name == catalogue::BUNDLED;
    let stored = if bundled { None } else { store.get(name)? };
    let entry = catalogue::find(name);
    if stored.is_none()
        && let Err(error) = &entry
    {
        return Err(Failure::usage(error.to_string()));
    }
    let source = if bundled {
        Some(Source::Bundled)
    } else {
        stored.as_ref().map(|model| Source::File(model.path.clone()))
    };
    let file = source.map(|source| models::Engine::inspect(&source).map_err(|error| error.to_string()));
    let mut about = match &entry {
        Ok(entry) => entry_json(entry, stored.as_ref()),
        Err(_) => stored_json(name, stored.as_ref()),
    };
    if let Ok(entry) = &entry
        && let Some(size_bytes) = stored.as_ref().map(|model| model.size_bytes).or(entry.size_bytes)
    {
        // As a backend of the default configuration would hold it.
        about["memory_bytes_4_slots_4096_tokens"] = json!(entry.memory_bytes(size_bytes, 4, 4096));
    }
    about["file"] = match &file {
        Some(Ok(info)) => json!(info),
        Some(Err(error)) => json!({"error": error}),
        None => Value::Null,
    };
    if json {
        output::json(&about);
        return Ok(());
    }
    output::table(&rows(&about));
    if let Some(Ok(ModelInfo { notes, .. })) = &file {
        for note in notes {
            output::line(&start.style.dim(&format!("  {note}")));
        }
    }
    Ok(())
}

/// A JSON object as lines, one a field; objects within are indented by their key.
fn rows(about: &Value) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (key, value) in about.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            // Shown below the table, a line each.
            Value::Array(_) if key == "notes" => {}
            Value::Object(_) => {
                for row in self::rows(value) {
                    rows.push(vec![format!("{key}.{}", row[0]), row[1].clone()]);
                }
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(plain).collect();
                rows.push(vec![key.clone(), items.join(", ")]);
            }
            Value::Number(number) if key.contains("bytes") => {
                rows.push(vec![
                    key.clone(),
                    number.as_u64().map_or_else(|| number.to_string(), output::bytes),
                ]);
            }
            other => rows.push(vec![key.clone(), plain(other)]),
        }
    }
    rows
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn entry_json(entry: &Entry, stored: Option<&Stored>) -> Value {
    let mut json = serde_json::to_value(entry).unwrap_or_default();
    json["pinned"] = json!(entry.is_pinned());
    json["stored"] = stored.map_or(
        Value::Null,
        |model| json!({"path": model.path, "size_bytes": model.size_bytes}),
    );
    json
}

fn stored_json(name: &str, stored: Option<&Stored>) -> Value {
    let provenance = stored.and_then(|model| model.provenance.as_ref());
    json!({
        "name": name,
        "about": "not in the catalogue",
        "source": provenance.map(|provenance| &provenance.source),
        "sha256": provenance.map(|provenance| &provenance.sha256),
        "licence": provenance.and_then(|provenance| provenance.licence.as_ref()),
        "stored": stored.map(|model| json!({"path": model.path, "size_bytes": model.size_bytes})),
    })
}

fn verify(start: &Start, store: &Store, name: Option<&str>, json: bool) -> Result {
    let wanted = match name {
        Some(name) => vec![store.get(name)?.ok_or_else(|| {
            Failure::failed(format!(
                "{name} is not stored; `mcp-server models pull {name}` downloads it"
            ))
        })?],
        None => store.all()?,
    };
    let checked: Vec<_> = wanted.iter().map(|model| (model, check(model))).collect();
    let sound = checked.iter().all(|(_, result)| result.is_ok());
    if json {
        let results = checked.iter().map(|(model, result)| {
            json!({"name": model.name, "path": model.path, "valid": result.is_ok(), "reason": result.as_ref().err()})
        });
        output::json(&json!({"valid": sound, "models": results.collect::<Vec<_>>()}));
    } else {
        for (model, result) in &checked {
            match result {
                Ok(()) => output::line(&format!("{} {}", start.style.good("✓"), model.name)),
                Err(reason) => output::line(&format!("{} {}: {reason}", start.style.bad("✗"), model.name)),
            }
        }
        if checked.is_empty() {
            output::line("no model is stored");
        }
    }
    // What is wrong was said above.
    if sound { Ok(()) } else { Err(Failure::failed("")) }
}

fn check(model: &Stored) -> std::result::Result<(), String> {
    let listed = catalogue::find(&model.name)
        .ok()
        .and_then(|entry| entry.sha256.clone());
    let noted = model
        .provenance
        .as_ref()
        .map(|provenance| provenance.sha256.clone());
    let Some(expected) = listed.or(noted) else {
        return Err("nothing is known of its hash; pull it again".to_owned());
    };
    let mut progress = Progress::new(&model.name);
    let verified = catalogue::verify(&model.path, &expected, |read| {
        progress.at(read.loaded_bytes, Some(read.total_bytes));
    });
    verified.map_err(|error| {
        format!(
            "{error}; remove it with `mcp-server models rm {}` and pull it again",
            model.name
        )
    })
}

fn remove(store: &Store, name: &str) -> Result {
    if name == catalogue::BUNDLED {
        return Err(Failure::usage(
            "the bundled model is part of the binary and cannot be removed",
        ));
    }
    if store.remove(name)? {
        output::line(&format!("removed {name}"));
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{name} is not stored; `mcp-server models list` says what is"
    )))
}
