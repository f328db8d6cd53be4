//! What fuzzers feed with bytes of callers and of files, and what holds whatever those are. `docs/fuzzing.md` lists all of it.

use std::path::PathBuf;

use inference::testing::fuzz::read_headers;
use tracing::Span;

use crate::config::{self, Sources};
use crate::telemetry::trace_id;

pub use crate::http::openai::fuzz::chat_request;
pub use crate::tenancy::fuzz::{certificate, claims, disguise, key_set, token};
pub use crate::tools::fuzz::{display, tool_call};

/// The headers of a request, one a line: who calls, how, and in which trace.
///
/// # Panics
/// Where a reader of them has a fault.
pub fn headers(bytes: &[u8]) {
    let headers = read_headers(bytes);
    crate::tenancy::fuzz::credential(&headers);
    crate::http::openai::fuzz::wishes(&headers);
    if let Some(id) = trace_id(&Span::none(), &[&headers]) {
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_id && id.bytes().any(|byte| byte != b'0'), "{id} is no trace");
    }
}

/// A configuration file.
///
/// # Panics
/// Where its reader has a fault, or a problem is told without its reason or what to do.
pub fn configuration(bytes: &[u8]) {
    let file = own_file();
    std::fs::write(&file, bytes).expect("a file of our own");
    let sources = Sources {
        file: Some(file),
        ..Sources::default()
    };
    if let Err(config::Invalid(problems)) = config::load(&sources) {
        assert!(!problems.is_empty(), "refused, and nobody says why");
        for problem in problems {
            assert!(
                !problem.reason.is_empty() && !problem.fix.is_empty(),
                "{problem:?}"
            );
        }
    }
}

/// A file that no other thread of this machine writes to.
fn own_file() -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let number: String = thread.chars().filter(char::is_ascii_digit).collect();
    std::env::temp_dir().join(format!("mcp-server-fuzz-{}-{number}.toml", std::process::id()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use models::testing::near::run;

    use super::*;

    #[test]
    fn near_tokens_none_is_believed() {
        run("token", 2_000, token);
    }

    #[test]
    fn near_claims_nobody_has_a_name_that_is_none() {
        run("claims", 2_000, claims);
    }

    #[test]
    fn near_key_sets_no_key_is_a_secret() {
        run("key_set", 2_000, key_set);
    }

    #[test]
    fn near_headers_all_is_read_or_refused() {
        run("headers", 3_000, headers);
    }

    #[test]
    fn near_certificates_nothing_panics() {
        run("certificate", 3_000, certificate);
    }

    #[test]
    fn near_configurations_each_problem_says_what_to_do() {
        run("configuration", 500, configuration);
        // The last one that was written.
        let _ = std::fs::remove_file(own_file());
    }

    #[test]
    fn near_tool_calls_each_fault_says_what_to_send_instead() {
        run("tool_call", 1_000, tool_call);
    }

    #[test]
    fn near_chat_requests_all_is_read_or_refused() {
        run("chat_request", 2_000, chat_request);
    }

    #[test]
    fn near_texts_all_comes_back() {
        run("disguise", 1_000, disguise);
    }

    #[test]
    fn near_answers_nothing_loads_by_itself() {
        run("display", 1_000, display);
    }

    /// A target that no test runs, or that nobody can run for long, is found here.
    #[test]
    fn every_target_has_seeds_a_program_and_a_row_in_the_documentation() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let names = |folder: &str| -> Vec<String> {
            let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
            let mut names: Vec<_> = entries
                .map(|entry| entry.expect("an entry").path())
                .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        let targets = names("fuzz/fuzz_targets");
        assert_eq!(targets, names("fuzz/seeds"));
        let document = std::fs::read_to_string(root.join("docs/fuzzing.md")).expect("a document");
        let manifest = std::fs::read_to_string(root.join("fuzz/Cargo.toml")).expect("a manifest");
        for target in targets {
            assert!(
                document.contains(&format!("| `{target}` |")),
                "{target} has no row"
            );
            assert!(
                manifest.contains(&format!("name = \"{target}\"")),
                "{target} is not built"
            );
        }
    }
}
