//! How this process is known to Azure, what of a text it shows there; and files written by chance.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

#[test]
fn a_workload_identity_is_read_from_the_file_and_from_what_aks_sets() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "header.payload.signature").unwrap();
    let token = token.display().to_string();
    let cluster = |case: Case| {
        case.environment("AZURE_CLIENT_ID", "client-1")
            .environment("AZURE_TENANT_ID", "tenant-1")
            .environment("AZURE_FEDERATED_TOKEN_FILE", &token)
    };
    let endpoint = |case: Case| {
        case.environment("AZURE_OPENAI_ENDPOINT", "https://example.openai.azure.com")
            .environment("AZURE_OPENAI_DEPLOYMENT", "gpt-4.1-mini")
    };
    let azure = "[[backends]]\nname = \"a\"\nkind = \"azure\"\nendpoint = \"https://x.openai.azure.com\"\ndeployment = \"d\"\n";
    let table = format!("{azure}[backends.workload_identity]\n");
    for (case, client) in [
        (cluster(endpoint(empty())), "client-1"),
        (cluster(Case::file(&table)), "client-1"),
        (
            cluster(Case::file(&format!("{table}client_id = \"mine\"\n"))),
            "mine",
        ),
    ] {
        let config = case.load().config;
        let BackendKind::Azure(azure) = &config.backends[0].kind else {
            panic!("azure goes first")
        };
        let AzureCredential::WorkloadIdentity(identity) = &azure.credential else {
            panic!("an identity: {:?}", azure.credential)
        };
        assert_eq!(
            (
                identity.client_id.as_str(),
                identity.tenant_id.as_str(),
                identity.authority.as_str()
            ),
            (client, "tenant-1", "https://login.microsoftonline.com/")
        );
    }
    for (text, parts) in [
        (
            table.clone(),
            &[
                "client_id",
                "AZURE_CLIENT_ID",
                "tenant_id",
                "AZURE_FEDERATED_TOKEN_FILE",
            ][..],
        ),
        (format!("{table}client_id = \"a/b\"\n"), &["is \"a/b\""]),
        (
            format!("{table}authority = \"http://login.example.com\"\n"),
            &["no place to show a token to"],
        ),
        (
            format!("{table}token_file = \"/nowhere/token\"\n"),
            &["/nowhere/token", "the cluster's token"],
        ),
        (
            format!("{table}secret = \"x\"\n"),
            &["`backends[0].workload_identity.secret` is no setting"],
        ),
        (
            azure.to_owned(),
            &["api_key_file", "[backends.workload_identity]"],
        ),
        (
            format!("{azure}api_key_file = {token:?}\n[backends.workload_identity]\n"),
            &["stands besides an API key"],
        ),
    ] {
        let problems = Case::file(&text).problems();
        for part in parts {
            assert!(problems.contains(part), "{part} in {problems}");
        }
    }
}

#[test]
fn redaction_is_on_and_tenants_add_to_it() {
    let config = empty().load().config;
    assert_eq!(config.redaction, tenancy::redaction::Config::default());
    assert!(config.redaction.default.enabled);

    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "4711-B\n").unwrap();
    let text = format!(
        "[tenancy.redaction]\nkinds = [\"card\"]\nlists = [{{ label = \"PART\", file = {list:?} }}]\n\
         [[tenants]]\nname = \"acme\"\nredaction = {{ lists = [{{ label = \"NAME\", file = {list:?} }}] }}\n\
         [[tenants]]\nname = \"bolt\"\nredaction = {{ enabled = false }}\n[[tenants]]\nname = \"cog\"\n"
    );
    let redaction = Case::file(&text).load().config.redaction;
    let labels = |policy: &tenancy::redaction::Policy| {
        policy
            .lists
            .iter()
            .map(|list| list.label.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(&redaction.named["acme"]), ["PART", "NAME"]);
    assert!(
        !redaction.named["acme"]
            .kinds
            .contains(tenancy::redaction::Kind::Email)
    );
    assert!(!redaction.named["bolt"].enabled);
    assert!(!redaction.named.contains_key("cog"));
    for (text, part) in [
        (
            "[tenancy.redaction]\nkinds = [\"name\"]\n",
            "names \"name\", which is no kind of value",
        ),
        (
            "[tenancy.redaction]\nkind = [\"card\"]\n",
            "did you mean `kinds`?",
        ),
        (
            "[tenancy.redaction]\nsecret_file = \"/nowhere\"\n",
            "32 random bytes",
        ),
        (
            "[tenancy.redaction]\nlists = [{ label = \"part\", file = \"x\" }]\n",
            "3 to 12 capital letters",
        ),
        (
            "[tenancy.redaction]\nlists = [{ label = \"PART\" }]\n",
            "name a file with one term a line",
        ),
        (
            "[tenancy.redaction]\nlists = [{ label = \"PART\", file = \"/nowhere\" }]\n",
            "cannot be read",
        ),
    ] {
        let problems = Case::file(text).problems();
        assert!(problems.contains(part), "{part} in {problems}");
    }
}

#[test]
fn no_debug_output_shows_a_secret() {
    let case = empty()
        .environment("AZURE_OPENAI_ENDPOINT", "https://example.openai.azure.com")
        .environment("AZURE_OPENAI_DEPLOYMENT", "gpt")
        .environment("AZURE_OPENAI_API_KEY", "S3CR3T-of-azure")
        .environment("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
        .environment(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer S3CR3T-of-collector",
        );
    let loaded = case.load();
    let shown = format!("{loaded:?} {loaded:#?} {:?}", loaded.shown);
    assert!(shown.contains("example.openai.azure.com"), "{shown}");
    assert!(!shown.contains("S3CR3T"), "{shown}");
    // A value that cannot be read is told without what it is, where it may be a credential.
    let wrong = empty()
        .environment("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
        .environment("OTEL_EXPORTER_OTLP_HEADERS", "S3CR3T");
    assert!(!wrong.problems().contains("S3CR3T"), "{}", wrong.problems());
}

proptest! {
    /// `docs/fuzzing.md` says how to run it for long.
    #[test]
    fn no_file_makes_the_reader_panic(
        sections in prop::collection::vec(prop::sample::select(vec![
            "[server]", "[queue]", "[[backends]]", "[backends.resilience]", "[[models]]", "[tenancy]", "[tenancy.redaction]",
            "[[tenants]]", "[auth.jwt]", "[[auth.jwt.issuers]]", "[server.tls]", "[routing]", "[backends.workload_identity]", "",
        ]), 0..6),
        lines in prop::collection::vec(
            prop_oneof![
                "(name|kind|listen|capacity|deadline|chain|model|kinds|lists|leaves|hedge|jwks_url|endpoint|slots) = (\"[a-z0-9:/.-]{0,12}\"|-?[0-9]{1,20}|true|\\[\\]|\\[\"a\", 1\\]|\\{ a = 1 \\}|1e400|1979-05-27)",
                "\\PC{0,30}",
            ],
            0..10,
        ),
    ) {
        let mut text = String::new();
        for (index, line) in lines.iter().enumerate() {
            text.push_str(sections.get(index).unwrap_or(&""));
            let _ = writeln!(text, "\n{line}");
        }
        let case = Case::file(&text);
        if let Err(Invalid(problems)) = load(&case.sources) {
            for problem in problems {
                prop_assert!(!problem.reason.is_empty() && !problem.fix.is_empty(), "{problem:?} of {text}");
            }
        }
    }
}
