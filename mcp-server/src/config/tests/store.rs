//! `[store]`: how PostgreSQL is logged in to, and what is refused.

use super::*;

fn postgres(lines: &str) -> Case {
    Case::file(&format!("[store]\nkind = \"postgres\"\n{lines}\n"))
}

#[test]
fn user_and_password_may_be_files_of_their_own() {
    let url = "postgres://db.example.com:5432/ledger?sslmode=verify-full";
    for (lines, username_file) in [
        (
            format!("url = \"{url}\"\nusername_file = \"/run/user\"\npassword_file = \"/run/password\""),
            Some("/run/user".into()),
        ),
        (
            "url = \"postgresql://gate@db/ledger\"\npassword_file = \"/run/password\"".to_owned(),
            None,
        ),
    ] {
        let location = postgres(&lines).load().config.store.location;
        let Some(Location::Postgres(Login::Account {
            username_file: found,
            password_file,
            ..
        })) = location
        else {
            panic!("{location:?} for\n{lines}")
        };
        assert_eq!((found, password_file), (username_file, "/run/password".into()));
    }
}

#[test]
fn half_a_login_two_logins_and_a_password_in_the_open_are_refused() {
    let files = "username_file = \"/run/user\"\npassword_file = \"/run/password\"";
    for (lines, part) in [
        (
            format!("url_file = \"/run/url\"\nurl = \"postgres://db/ledger\"\n{files}"),
            "`store.url` is set besides `url_file`; keep `url_file`",
        ),
        (
            "url_file = \"/run/url\"\npassword_file = \"/run/password\"".to_owned(),
            "`store.password_file` is set besides `url_file`",
        ),
        (
            files.to_owned(),
            "`store.url` is missing; write postgres://host/name",
        ),
        (
            "url = \"postgres://db/ledger\"\npassword_file = \"/run/password\"".to_owned(),
            "`store.username_file` is missing; name a file that holds the user",
        ),
        (
            "url = \"postgres://db/ledger\"\nusername_file = \"/run/user\"".to_owned(),
            "`store.password_file` is missing; name a file that holds the password",
        ),
        (
            format!("url = \"postgres://gate@db/ledger\"\n{files}"),
            "`store.url` names a user besides `username_file`; keep one of them",
        ),
        (
            format!("url = \"postgres://gate:s3cret@db/ledger\"\n{files}"),
            "`store.url` holds a password; write it into a file",
        ),
        (
            format!("url = \"mysql://db/ledger\"\n{files}"),
            "`store.url` is no URL of PostgreSQL; write it as postgres://",
        ),
        (
            format!("url = \"postgres:///ledger\"\n{files}"),
            "`store.url` names no host",
        ),
        (format!("url = \"db\"\n{files}"), "`store.url` is no URL"),
        (
            format!("url = \"postgres://db/ledger\"\n{files}\npasword_file = \"x\""),
            "did you mean `password_file`?",
        ),
    ] {
        let problems = postgres(&lines).problems();
        assert!(problems.contains(part), "{part} in {problems} for\n{lines}");
        assert!(!problems.contains("s3cret"), "{problems}");
    }
}
