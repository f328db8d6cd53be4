//! The checks, in the order in which they run: cheap ones first, so that a slip is told early.
//!
//! To add one, add a line to [`STEPS`].

use std::time::Duration;

use anyhow::Result;

use crate::{
    clients, collector, conformance, dependencies, deploy, infrastructure, sbom, setup, tally::Tally, tidy,
    workspace::Workspace,
};

/// One check.
pub(crate) struct Step {
    /// What `--only` and `--skip` call it.
    pub(crate) name: &'static str,
    /// What it shows.
    pub(crate) about: &'static str,
    /// What has to be there first; made or fetched when missing.
    pub(crate) needs: &'static [Need],
    /// Does it.
    pub(crate) run: fn(&Workspace) -> Result<Tally>,
}

/// Something that a step cannot do without. Provided anew for each step: what is there already costs a second, and
/// the two builds of `mcp-server` have the same name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Need {
    /// The released programs: `mcp-server` as it ships, and `fake-azure`.
    Programs,
    /// `mcp-server` with the fixtures of the conformance suite, put aside. Comes before [`Need::Programs`], so
    /// that the one that ships is in its place afterwards.
    ConformanceServer,
    /// Python, Node and the real clients.
    ClientTools,
    /// kubectl, helm and whatever else `deploy/` is checked with.
    DeployTools,
    /// terraform, Ansible, PostgreSQL and Redis.
    InfrastructureTools,
    /// The programs of PostgreSQL. Tests start servers of their own.
    Postgres,
    /// The program `redis-server`.
    Redis,
}

impl Need {
    /// Makes it be there.
    pub(crate) fn provide(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Programs => build_programs(workspace),
            Self::ConformanceServer => conformance::build(workspace),
            Self::ClientTools => setup::client_tools(workspace).map(|_| ()),
            Self::DeployTools => deploy::provide_tools(workspace),
            Self::InfrastructureTools => infrastructure::provide_tools(workspace),
            Self::Postgres => setup::postgres(),
            Self::Redis => setup::redis_server(),
        }
    }
}

/// Compiling everything once takes most of this on two cores; running tests takes little.
const COMPILE_LIMIT: Duration = Duration::from_mins(40);

/// Every check there is.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted",
        needs: &[],
        run: |workspace| cargo_step(workspace, &["fmt", "--all", "--check"]),
    },
    Step {
        name: "tidy",
        about: "headers, words, sizes, the map of ARCHITECTURE.md, error pages, links",
        needs: &[],
        run: tidy::run,
    },
    Step {
        name: "deny",
        about: "licences, banned crates and sources, as deny.toml says",
        needs: &[],
        run: dependencies::run,
    },
    Step {
        name: "clippy",
        about: "no warning anywhere",
        needs: &[],
        run: |workspace| {
            let everything = ["clippy", "--workspace", "--all-targets", "--locked"];
            let tally = cargo_step(workspace, &[&everything[..], &["--", "-D", "warnings"]].concat())?;
            let fixtures = [
                &everything[..],
                &["--features", "mcp-server/conformance"],
                &["--", "-D", "warnings"],
            ];
            Ok(tally + cargo_step(workspace, &fixtures.concat())?)
        },
    },
    Step {
        name: "doc",
        about: "the documentation builds without a warning",
        needs: &[],
        run: |workspace| {
            // In the environment, because rustdoc takes no lint levels after `--`.
            let mut doc = crate::workspace::cargo();
            doc.args(["doc", "--workspace", "--no-deps", "--locked"]);
            doc.current_dir(&workspace.root)
                .env("RUSTDOCFLAGS", "-D warnings");
            crate::command::run(&mut doc, COMPILE_LIMIT, crate::command::Show::Lines)?;
            Ok(Tally::one())
        },
    },
    Step {
        name: "build",
        about: "the released programs build",
        needs: &[Need::ConformanceServer, Need::Programs],
        run: |_| Ok(Tally::one()),
    },
    Step {
        name: "unit",
        about: "the tests of each crate, and the examples in the documentation",
        // Limits in Redis are compared with those in memory.
        needs: &[Need::Redis],
        run: unit_tests,
    },
    Step {
        name: "integration",
        about: "the server as a whole, against a fake Azure",
        needs: &[Need::Programs],
        run: |workspace| cargo_tests(workspace, &["--test", "integration"]),
    },
    Step {
        name: "postgres",
        about: "the ledger in a real PostgreSQL: roles, outages, kills",
        needs: &[Need::Postgres, Need::Programs],
        run: |workspace| cargo_tests(workspace, &["--test", "postgres", "--", "--test-threads=1"]),
    },
    Step {
        name: "fleet",
        about: "three servers that share a real Redis, single and as a cluster, which comes and goes",
        needs: &[Need::Redis, Need::Programs],
        // One after another: each test runs three servers.
        run: |workspace| cargo_tests(workspace, &["--test", "fleet", "--", "--test-threads=1"]),
    },
    Step {
        name: "conformance",
        about: "the official MCP conformance suite, both revisions, no failure allowed",
        needs: &[Need::ClientTools, Need::ConformanceServer, Need::Programs],
        run: conformance::run,
    },
    Step {
        name: "clients",
        about: "real clients: MCP's for Python and TypeScript and the Inspector, over HTTP and stdio; OpenAI's for Python",
        needs: &[Need::ClientTools, Need::Programs],
        run: clients::run,
    },
    Step {
        name: "deploy",
        about: "every file of deploy/: rendered, read strictly, held to the architecture's tables, tried on the server",
        needs: &[Need::DeployTools, Need::Postgres, Need::Programs],
        run: |workspace| cargo_tests(workspace, &["--test", "deploy", "--", "--skip", "infra::"]),
    },
    Step {
        name: "sbom",
        about: "the bill of materials lists what is compiled in, as Cargo.lock has it, in CycloneDX's shape",
        needs: &[Need::DeployTools],
        run: sbom::check,
    },
    Step {
        name: "infrastructure",
        about: "terraform, Ansible, Argo CD and the platform, checked; and drills that lose things and bring them back",
        needs: &[Need::DeployTools, Need::InfrastructureTools, Need::Programs],
        // One after another: the drills measure time.
        run: |workspace| {
            cargo_tests(
                workspace,
                &["--test", "deploy", "--", "infra::", "--test-threads=1"],
            )
        },
    },
    Step {
        name: "collector",
        about: "a real collector (rotel) reads the trace of a call that failed over",
        needs: &[Need::ClientTools, Need::Programs],
        run: collector::run,
    },
    Step {
        name: "chaos",
        about: "what always holds, while Azure fails in every way",
        needs: &[Need::Programs],
        // One after another: crowds that share two cores with each other measure nothing but each other.
        run: |workspace| cargo_tests(workspace, &["--test", "chaos", "--", "--test-threads=1"]),
    },
    Step {
        name: "autoscale",
        about: "real servers as pods under HPA's algorithm: up, down, no call lost",
        needs: &[Need::Programs],
        run: |workspace| cargo_tests(workspace, &["--test", "autoscale"]),
    },
];

/// Builds what ships, exactly as `cargo build --release` does, and the stand-in for Azure.
fn build_programs(workspace: &Workspace) -> Result<()> {
    workspace.cargo(&["build", "--release", "--locked"], COMPILE_LIMIT)?;
    workspace.cargo(
        &[
            "build",
            "--release",
            "--locked",
            "--workspace",
            "--bin",
            "fake-azure",
        ],
        COMPILE_LIMIT,
    )?;
    Ok(())
}

fn cargo_step(workspace: &Workspace, arguments: &[&str]) -> Result<Tally> {
    workspace.cargo(arguments, COMPILE_LIMIT)?;
    Ok(Tally::one())
}

/// The packages whose test programs are steps of their own: they run the released server.
const WHOLE_SERVER_TESTS: [&str; 2] = ["tests", "benches"];

/// Runs the tests within each crate, and the programs in its folder `tests`.
fn unit_tests(workspace: &Workspace) -> Result<Tally> {
    let mut which = vec!["--lib", "--bins"];
    for (_, program) in workspace
        .test_programs
        .iter()
        .filter(|(package, _)| !WHOLE_SERVER_TESTS.contains(&package.as_str()))
    {
        which.extend(["--test", program]);
    }
    Ok(cargo_tests(workspace, &which)? + cargo_tests(workspace, &["--doc"])?)
}

/// Runs tests of the whole workspace, in the profile that ships, and counts them.
///
/// Always the whole workspace: for a part of it, cargo would choose other features of shared crates, and
/// compile them once more.
fn cargo_tests(workspace: &Workspace, which: &[&str]) -> Result<Tally> {
    let mut tests = crate::workspace::cargo();
    tests
        .args(["test", "--release", "--workspace", "--locked", "--no-fail-fast"])
        .args(which);
    tests.current_dir(&workspace.root);
    let ended = crate::command::run_to_end(&mut tests, COMPILE_LIMIT, crate::command::Show::Lines)?;
    Tally::of_cargo_test(&ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_that_ships_is_in_its_place_after_each_step() {
        for step in STEPS
            .iter()
            .filter(|step| step.needs.contains(&Need::ConformanceServer))
        {
            assert_eq!(step.needs.last(), Some(&Need::Programs), "{}", step.name);
        }
    }

    #[test]
    fn every_test_program_of_the_whole_server_is_a_step() {
        for (package, program) in Workspace::find().unwrap().test_programs {
            let whole_server = WHOLE_SERVER_TESTS.contains(&package.as_str());
            let known = !whole_server || STEPS.iter().any(|step| step.name == program);
            assert!(known, "no step runs the test program {program}");
        }
    }

    #[test]
    fn names_are_unique_and_plain() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(
                step.name.bytes().all(|byte| byte.is_ascii_lowercase()),
                "{}",
                step.name
            );
            assert!(
                STEPS[..index].iter().all(|earlier| earlier.name != step.name),
                "{} twice",
                step.name
            );
        }
    }
}
