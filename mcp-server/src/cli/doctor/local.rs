//! A model in this process: its file, its memory, its template, and one word from it.

use std::{path::Path, time::Instant};

use futures::StreamExt;
use models::{Engine, EngineConfig, Family, GenerationRequest, Source, Turn};

use super::{Check, machine};
use crate::{
    backends,
    cli::output,
    config::{Local, LocalModel},
};

pub(super) async fn examine(name: &str, local: &Local, models_dir: &Path) -> Vec<Check> {
    // A missing file was reported with the backends.
    let Ok(weights) = backends::weights(local, models_dir) else {
        return Vec::new();
    };
    let source = weights.map_or(Source::Bundled, Source::File);
    let context_limit = local
        .context_tokens
        .and_then(|tokens| usize::try_from(tokens).ok());
    let config = EngineConfig {
        slots: local.slots,
        context_limit,
        kv_precision: local.kv_precision,
        ..EngineConfig::default()
    };
    let mut checks: Vec<_> = memory(name, &source, &config).into_iter().collect();
    let what = format!("model of {name}");
    let fix = match local.model {
        LocalModel::Bundled => "the binary is damaged: build or download it again".to_owned(),
        LocalModel::Catalogue(ref model) => {
            format!(
                "check it with `mcp-server models verify {model}`, or pull it again with --force; smaller: `models list`"
            )
        }
        LocalModel::File(_) => {
            let families = Family::ALL.map(Family::name).join(", ");
            format!("name another GGUF file, of a family that is run ({families}), that fits the memory")
        }
    };
    let started = Instant::now();
    let engine = match tokio::task::spawn_blocking(move || Engine::start(&source, config, |_| {})).await {
        Ok(Ok(engine)) => engine,
        Ok(Err(error)) => {
            checks.push(Check::bad(what, format!("cannot be loaded: {error}"), fix));
            return checks;
        }
        Err(_) => {
            checks.push(Check::bad(what, "the loader broke on this file", fix));
            return checks;
        }
    };
    let info = engine.info();
    let found = format!(
        "{} ({}, {}, context {} tokens) loaded in {:.1} s",
        info.name,
        info.architecture,
        info.quantisation,
        info.context_tokens,
        started.elapsed().as_secs_f64(),
    );
    checks.push(Check::good(what, found));
    checks.push(one_token(name, &engine, fix).await);
    checks
}

/// `None` where the file cannot be read: loading says why.
fn memory(name: &str, source: &Source, config: &EngineConfig) -> Option<Check> {
    let needed = Engine::least_memory(source, config).ok()?;
    let what = format!("memory for {name}");
    let needed_text = output::bytes(needed);
    let Some(available) = machine::available_memory() else {
        return Some(Check::warning(
            what,
            format!("{needed_text} needed, and available memory is not known on this system"),
            "see that there is as much",
        ));
    };
    let found = format!(
        "{needed_text} needed at least, {} available",
        output::bytes(available)
    );
    Some(if needed <= available {
        Check::good(what, found)
    } else {
        Check::bad(
            what,
            found,
            "raise the memory limit, lower `context_tokens`, set `kv_cache = \"q8_0\"`, or choose a smaller model",
        )
    })
}

async fn one_token(name: &str, engine: &Engine, fix: String) -> Check {
    let what = format!("one token from {name}");
    let turns = vec![Turn {
        role: "user",
        content: "Hello".to_owned(),
    }];
    let request = GenerationRequest {
        turns: turns.clone(),
        max_tokens: 1,
        ..GenerationRequest::default()
    };
    let prompt_tokens = match engine.count_tokens(&turns) {
        Ok(tokens) => tokens,
        Err(error) => {
            return Check::bad(
                what,
                format!("its chat template cannot be rendered: {error}"),
                fix,
            );
        }
    };
    let started = Instant::now();
    let mut answer = match engine.generate(request) {
        Ok(answer) => answer,
        Err(error) => return Check::bad(what, error.to_string(), fix),
    };
    while let Some(event) = answer.next().await {
        if let Err(error) = event {
            return Check::bad(what, error.to_string(), fix);
        }
    }
    Check::good(
        what,
        format!(
            "{prompt_tokens} prompt tokens and one more in {} ms",
            started.elapsed().as_millis()
        ),
    )
}
