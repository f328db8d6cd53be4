//! `models pull`: from the catalogue, from any repository of the hub, or from a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use models::catalogue::{self, Entry};

use super::{
    download::{self, DownloadError, Downloader, Finished, Wanted},
    progress::Progress,
    store::{Provenance, Store},
};
use crate::{
    cli::{Exit, Failure, Result, Start, output},
    config::Secret,
};

const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A name of `models list`, or hf:owner/repository/file.gguf[@revision]
    model: String,
    /// Take this file instead of downloading (works offline)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    from: Option<PathBuf>,
    /// The SHA-256 that the file must have
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Take a file whose hash nobody has checked
    #[arg(long)]
    accept_unlisted: bool,
    /// The name to keep it under; the catalogue's or the file's unless given
    #[arg(long)]
    name: Option<String>,
    /// Download again although it is there
    #[arg(long)]
    force: bool,
}

/// What is to be had, and under which name.
#[derive(Debug)]
struct Plan {
    name: String,
    url: Option<url::Url>,
    size_bytes: Option<u64>,
    sha256: Option<String>,
    licence: Option<String>,
}

pub(in crate::cli) async fn run(start: &Start, store: &Store, arguments: Arguments) -> Result {
    let endpoint = start
        .environment
        .get("HF_ENDPOINT")
        .filter(|endpoint| !endpoint.is_empty());
    let plan = plan(&arguments, endpoint.map_or(DEFAULT_ENDPOINT, String::as_str))?;
    if let Some(there) = store.get(&plan.name)?
        && !arguments.force
    {
        output::line(&format!(
            "{} is there: {} (--force takes it again)",
            plan.name,
            there.path.display()
        ));
        return Ok(());
    }
    let target = store.path(&plan.name)?;
    let finished = match &arguments.from {
        Some(file) => copy(file, &plan, &target).await?,
        None => fetch(start, &plan, &target).await?,
    };
    let about = catalogue::inspect(&finished.part).map_err(|error| {
        finished.discard();
        Failure::failed(format!("{} cannot be run: {error}", plan.name))
    })?;
    finished.keep(&target).map_err(|error| explain(&error))?;
    let source = match (&arguments.from, &plan.url) {
        (Some(file), _) => file.display().to_string(),
        (None, Some(url)) => url.to_string(),
        (None, None) => String::new(),
    };
    let Finished {
        sha256, size_bytes, ..
    } = &finished;
    let provenance = Provenance {
        source,
        sha256: sha256.clone(),
        size_bytes: *size_bytes,
        licence: plan.licence.or(about.licence),
    };
    store.note(&plan.name, &provenance)?;
    output::line(&format!(
        "{} {}: {}, {}, sha256 {sha256}\nuse it with\n  [[backends]]\n  name = \"local\"\n  kind = \"local\"\n  model = \"{}\"",
        start.style.good("✓"),
        plan.name,
        about.architecture,
        output::bytes(*size_bytes),
        plan.name,
    ));
    Ok(())
}

fn plan(arguments: &Arguments, endpoint: &str) -> Result<Plan> {
    let plan = match arguments.model.strip_prefix("hf:") {
        Some(place) => plan_unlisted(arguments, place, endpoint)?,
        None => plan_listed(arguments, endpoint)?,
    };
    if plan.sha256.is_none() && !arguments.accept_unlisted {
        return Err(Failure::usage(format!(
            "nobody has checked the hash of {}; give the one that you trust with --sha256, or take it as it is with --accept-unlisted",
            arguments.model
        )));
    }
    if let Some(url) = &plan.url
        && !download::is_safe(url)
    {
        return Err(Failure::usage(format!(
            "{url} is plain http to another machine; set HF_ENDPOINT to an https:// address"
        )));
    }
    super::store::check_name(&plan.name)?;
    Ok(plan)
}

fn plan_listed(arguments: &Arguments, endpoint: &str) -> Result<Plan> {
    let entry = match catalogue::find(&arguments.model) {
        Ok(entry) => entry,
        // A file of one's own may have any name.
        Err(_) if arguments.from.is_some() => {
            let name = arguments.name.clone().unwrap_or_else(|| arguments.model.clone());
            return Ok(Plan {
                name,
                url: None,
                size_bytes: None,
                sha256: arguments.sha256.clone(),
                licence: None,
            });
        }
        Err(error) => {
            return Err(Failure::usage(format!(
                "{error}; others are written hf:owner/repository/file.gguf"
            )));
        }
    };
    if entry.name == catalogue::BUNDLED {
        return Err(Failure::usage(
            "the bundled model ships in the binary; there is nothing to pull".to_owned(),
        ));
    }
    check_against(entry, arguments.sha256.as_deref())?;
    let url = entry.url(endpoint).map(|url| parse_url(&url)).transpose()?;
    Ok(Plan {
        name: arguments.name.clone().unwrap_or_else(|| entry.name.clone()),
        url,
        size_bytes: entry.size_bytes,
        sha256: arguments.sha256.clone().or_else(|| entry.sha256.clone()),
        licence: Some(entry.licence.clone()),
    })
}

/// Two hashes that differ cannot both be right.
fn check_against(entry: &Entry, given: Option<&str>) -> Result {
    match (&entry.sha256, given) {
        (Some(known), Some(given)) if !known.eq_ignore_ascii_case(given.trim()) => {
            Err(Failure::usage(format!(
                "--sha256 is not the hash that the catalogue has for {} ({known}); leave it off, or pull the file as hf:...",
                entry.name
            )))
        }
        _ => Ok(()),
    }
}

fn plan_unlisted(arguments: &Arguments, place: &str, endpoint: &str) -> Result<Plan> {
    let wrong = || {
        Failure::usage(format!(
            "hf:{place} is not a place; write hf:owner/repository/file.gguf[@revision]"
        ))
    };
    let (place, revision) = place.split_once('@').unwrap_or((place, "main"));
    let parts: Vec<&str> = place.split('/').collect();
    let plain = |part: &&str| super::store::check_name(part).is_ok();
    let [owner, repository, file @ ..] = parts.as_slice() else {
        return Err(wrong());
    };
    let all_plain = parts.iter().all(plain) && plain(&revision);
    let Some(stem) = file
        .last()
        .and_then(|file| file.strip_suffix(".gguf"))
        .filter(|_| all_plain)
    else {
        return Err(wrong());
    };
    let url = format!(
        "{}/{owner}/{repository}/resolve/{revision}/{}",
        endpoint.trim_end_matches('/'),
        file.join("/")
    );
    Ok(Plan {
        name: arguments
            .name
            .clone()
            .unwrap_or_else(|| stem.to_ascii_lowercase()),
        url: Some(parse_url(&url)?),
        size_bytes: None,
        sha256: arguments.sha256.clone(),
        licence: None,
    })
}

fn parse_url(text: &str) -> Result<url::Url> {
    url::Url::parse(text)
        .map_err(|error| Failure::usage(format!("{text} is no URL ({error}); check HF_ENDPOINT")))
}

async fn fetch(start: &Start, plan: &Plan, target: &Path) -> Result<Finished> {
    let Some(url) = plan.url.clone() else {
        return Err(Failure::usage(format!(
            "{} has no address; take it from a file with --from",
            plan.name
        )));
    };
    let credential = start
        .environment
        .get("HF_TOKEN")
        .filter(|token| !token.is_empty())
        .map(Secret::new);
    let wanted = Wanted {
        url,
        size_bytes: plan.size_bytes,
        sha256: plan.sha256.clone(),
        credential,
    };
    let downloader = Downloader::new().map_err(|error| Failure::failed(format!("HTTP client: {error}")))?;
    let mut progress = Progress::new(&plan.name);
    let finished = downloader
        .download(&wanted, target, &mut |done, total| {
            progress.at(done, total);
        })
        .await;
    finished.map_err(|error| explain(&error))
}

async fn copy(file: &Path, plan: &Plan, target: &Path) -> Result<Finished> {
    let mut progress = Progress::new(&plan.name);
    let finished = download::copy(file, plan.sha256.as_deref(), target, &mut |done, total| {
        progress.at(done, total);
    })
    .await;
    finished.map_err(|error| explain(&error))
}

fn explain(error: &DownloadError) -> Failure {
    let exit = match error {
        DownloadError::CannotConnect { .. } => Exit::CannotConnect,
        DownloadError::Refused { .. } => Exit::Refused,
        _ => Exit::Failed,
    };
    let hint = match error {
        DownloadError::CannotConnect { .. } => {
            "; without a network, `models pull NAME --from FILE` takes a file that you have"
        }
        _ => "",
    };
    Failure::new(exit, format!("{error}{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(model: &str) -> Arguments {
        Arguments {
            model: model.to_owned(),
            from: None,
            sha256: None,
            accept_unlisted: true,
            name: None,
            force: false,
        }
    }

    #[test]
    fn places_of_the_hub_become_addresses() {
        let plan = plan(
            &arguments("hf:Qwen/Qwen3-GGUF/Some-Model.gguf@abc123"),
            "https://hub.example.com/",
        )
        .expect("a place");
        assert_eq!(plan.name, "some-model");
        let url = plan.url.expect("an address");
        assert_eq!(
            url.as_str(),
            "https://hub.example.com/Qwen/Qwen3-GGUF/resolve/abc123/Some-Model.gguf"
        );
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        for model in [
            "hf:a/b",
            "hf:a/b/c.bin",
            "hf:../b/c.gguf",
            "hf:a/b/../c.gguf",
            "hf:a/b/c.gguf@../x",
            "hf:a//c.gguf",
            "hf:",
            "bundled",
            "no-such-model",
        ] {
            let failure = plan(&arguments(model), DEFAULT_ENDPOINT).expect_err(model);
            assert_eq!(failure.exit, Exit::Usage, "{model}: {failure:?}");
        }
        let named = Arguments {
            name: Some("../up".to_owned()),
            ..arguments("hf:a/b/c.gguf")
        };
        assert!(plan(&named, DEFAULT_ENDPOINT).is_err());
        assert!(
            plan(&arguments("hf:a/b/c.gguf"), "http://hub.example.com").is_err(),
            "plain http"
        );
        assert!(
            plan(&arguments("hf:a/b/c.gguf"), "http://127.0.0.1:1").is_ok(),
            "loopback"
        );
    }

    #[test]
    fn what_nobody_checked_wants_a_word() {
        let unsure = Arguments {
            accept_unlisted: false,
            ..arguments("hf:a/b/c.gguf")
        };
        let failure = plan(&unsure, DEFAULT_ENDPOINT).expect_err("must ask");
        assert!(failure.message.contains("--accept-unlisted"), "{failure:?}");
        assert!(
            plan(
                &Arguments {
                    sha256: Some("0".repeat(64)),
                    ..unsure
                },
                DEFAULT_ENDPOINT
            )
            .is_ok()
        );
    }
}
