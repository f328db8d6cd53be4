//! `[shared]`: what is read of it, and what is refused.

use super::*;
use crate::shared::Credential;

const IDENTITY: &str = "[shared.workload_identity]\ntenant_id = \"tenant-1\"\nclient_id = \"client-1\"\n";

#[test]
fn a_shared_state_is_read_and_what_cannot_be_one_is_refused() {
    let shared = |lines: &str| Case::file(&format!("[shared]\n{lines}\n"));
    assert!(empty().load().config.shared.is_none());
    let config = shared("urls = [\"redis://127.0.0.1:6379\"]").load().config;
    let config = config.shared.expect("it is configured");
    assert_eq!((config.prefix.as_str(), config.cluster), ("b2x", false));
    assert!(format!("{config:?}").contains("[hidden]"), "{config:?}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display();
    let certified = format!(
        "urls = [\"rediss://127.0.0.1\"]\nclient_certificate_file = \"{path}\"\nclient_key_file = \"{path}\"\nassumed_servers = 3"
    );
    let certified = shared(&certified).load().config.shared.expect("it is configured");
    assert!(certified.client_certificate.is_some() && certified.assumed_servers == 3);
    assert!(
        shared(&format!("url_file = \"{path}\"\npassword_file = \"{path}\""))
            .load()
            .config
            .shared
            .is_some()
    );
    for (lines, part) in [
        (String::new(), "`shared.urls` is missing"),
        (
            "urls = [\"redis://u:s3cret@127.0.0.1\"]".to_owned(),
            "`shared.urls` holds a password",
        ),
        (
            format!("urls = [\"redis://127.0.0.1\"]\nurl_file = \"{path}\""),
            "besides `url_file`",
        ),
        (
            "url_file = \"/nonexistent/redis\"".to_owned(),
            "`shared.url_file` cannot be read",
        ),
        (
            "urls = [\"redis://127.0.0.1\"]\nprefix = \"{b2x}\"".to_owned(),
            "`shared.prefix` is",
        ),
        (
            "urls = [\"redis://127.0.0.1\"]\ntimeout = \"10s\"".to_owned(),
            "`shared.timeout`",
        ),
        (
            format!("urls = [\"rediss://127.0.0.1\"]\nclient_certificate_file = \"{path}\""),
            "`shared.client_key_file` is missing",
        ),
        (
            format!("urls = [\"rediss://127.0.0.1\"]\nclient_key_file = \"{path}\""),
            "`shared.client_certificate_file` is missing",
        ),
        (
            "urls = [\"redis://127.0.0.1\"]\nassumed_servers = 0".to_owned(),
            "`shared.assumed_servers`",
        ),
        (
            "urls = [\"redis://127.0.0.1\"]\nclusters = true".to_owned(),
            "did you mean `cluster`?",
        ),
        ("urls = \"redis://127.0.0.1\"".to_owned(), "`shared.urls` is"),
        (
            format!(
                "urls = [\"rediss://127.0.0.1\"]\npassword_file = \"{path}\"\n{IDENTITY}token_file = \"{path}\""
            ),
            "`shared.workload_identity` stands besides `password_file`; keep one of them",
        ),
        (
            "urls = [\"rediss://127.0.0.1\"]\n[shared.workload_identity]".to_owned(),
            "`shared.workload_identity.client_id` is missing; write the application's id, or set AZURE_CLIENT_ID",
        ),
        (
            format!("urls = [\"rediss://127.0.0.1\"]\n{IDENTITY}token_file = \"/nonexistent/token\""),
            "`shared.workload_identity.token_file` cannot be read",
        ),
        (
            format!("urls = [\"rediss://127.0.0.1\"]\n{IDENTITY}scope = \"x\""),
            "`shared.workload_identity.scope` is no setting",
        ),
    ] {
        let problems = shared(&lines).problems();
        assert!(problems.contains(part), "{part} in {problems} for\n{lines}");
    }
}

#[test]
fn a_workload_identity_takes_the_place_of_the_password() {
    let token = tempfile::NamedTempFile::new().unwrap();
    let path = token.path().display().to_string();
    let urls = "[shared]\nurls = [\"rediss://b2xgate.westeurope.redis.azure.net:10000\"]\n";
    let written = Case::file(&format!("{urls}{IDENTITY}token_file = \"{path}\"\n"));
    let of_cluster = Case::file(&format!(
        "{urls}username = \"principal-1\"\n[shared.workload_identity]\n"
    ))
    .environment("AZURE_CLIENT_ID", "client-1")
    .environment("AZURE_TENANT_ID", "tenant-1")
    .environment("AZURE_FEDERATED_TOKEN_FILE", &path);
    for (case, username) in [(written, None), (of_cluster, Some("principal-1"))] {
        let shared = case.load().config.shared.expect("it is configured");
        assert_eq!(shared.username.as_deref(), username);
        let Some(Credential::WorkloadIdentity(identity)) = &shared.credential else {
            panic!("an identity: {:?}", shared.credential)
        };
        assert_eq!(
            (
                identity.client_id.as_str(),
                identity.tenant_id.as_str(),
                identity.authority.as_str()
            ),
            ("client-1", "tenant-1", "https://login.microsoftonline.com/")
        );
        assert_eq!(identity.token_file, token.path());
        crate::shared::check(&shared).expect("nobody is asked for a token");
    }
}
