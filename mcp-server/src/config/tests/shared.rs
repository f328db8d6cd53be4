//! `[shared]`: what is read of it, and what is refused.

use super::*;

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
    ] {
        let problems = shared(&lines).problems();
        assert!(problems.contains(part), "{part} in {problems} for\n{lines}");
    }
}
