//! A server that cannot start says why, where, and what to do, with the exit code that scripts read.

use std::{path::Path, process::Output};

use tests::server_under_test::{command, folder_with};

/// Runs the program to its end.
async fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = command(folder);
    command
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(std::process::Stdio::null());
    let run = tokio::time::timeout(std::time::Duration::from_secs(30), command.output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = run.expect("it ends by itself").expect("it can be started");
    assert_eq!(
        String::from_utf8_lossy(&stdout),
        "",
        "standard output is not for complaints"
    );
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[tokio::test]
async fn mistakes_in_the_file_are_named_with_line_key_and_suggestion() {
    for (toml, parts) in [
        (
            "[server]\nlissten = \"127.0.0.1:0\"\n",
            &["mcp-server.toml", ":2", "lissten", "listen"][..],
        ),
        (
            "[server]\nlisten = \"here\"\n",
            &["mcp-server.toml", ":2", "server.listen", "here"],
        ),
        (
            "[server]\nlisten = 5\n",
            &["mcp-server.toml", ":2", "server.listen"],
        ),
        ("[server\n", &["mcp-server.toml", ":1"]),
        (
            "[queue]\ncapacity = 3\n",
            &["mcp-server.toml", ":2", "queue.capacity", "111"],
        ),
        (
            "[queue]\ndeadline = \"50\"\n",
            &["mcp-server.toml", ":2", "queue.deadline"],
        ),
        (
            "[server]\nlisten = \"0.0.0.0:0\"\n",
            &["server.listen", "authentication", "127.0.0.1"],
        ),
        (
            "[[backends]]\nname = \"a\"\nkind = \"azur\"\n",
            &["mcp-server.toml", ":3", "kind", "azure"],
        ),
        (
            "[[backends]]\nname = \"a\"\nkind = \"azure\"\nendpoint = \"http://example.com\"\ndeployment = \"d\"\napi_key_env = \"HOME\"\n",
            &["mcp-server.toml", ":4", "endpoint", "https://"],
        ),
        (
            "[[backends]]\nname = \"a\"\nkind = \"azure\"\nendpoint = \"https://example.com\"\ndeployment = \"d\"\napi_key_file = \"none.key\"\n",
            &["mcp-server.toml", ":6", "api_key_file", "none.key"],
        ),
        (
            "[[backends]]\nname = \"a\"\nkind = \"local\"\n[[models]]\nname = \"default\"\nchain = [\"b\"]\n",
            &["mcp-server.toml", ":6", "chain", "\"b\""],
        ),
    ] {
        let folder = folder_with(toml);
        let (code, text) = run(folder.path(), &["serve", "--config", "mcp-server.toml"], &[]).await;
        assert_eq!(code, Some(2), "{toml}: {text}");
        for part in parts {
            assert!(text.contains(part), "{part:?} in {text}, for {toml}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_or_no_text_is_named() {
    let folder = folder_with("");
    let (code, text) = run(folder.path(), &["serve", "--config", "elsewhere.toml"], &[]).await;
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("elsewhere.toml"), "{text}");
    std::fs::write(folder.path().join("binary.toml"), [0xff, 0xfe, 0x00]).expect("written");
    let (code, text) = run(folder.path(), &["serve", "--config", "binary.toml"], &[]).await;
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("binary.toml"), "{text}");
    let (code, text) = run(folder.path(), &["serve", "--config", "."], &[]).await;
    assert_eq!(code, Some(2), "a folder is no file: {text}");
}

#[tokio::test]
async fn mistakes_in_the_environment_are_named_too() {
    let folder = folder_with("");
    for (name, value, part) in [
        ("MCP_SERVER__SERVER__LISTEN", "here", "MCP_SERVER__SERVER__LISTEN"),
        ("MCP_SERVER__SERVER__LISSTEN", "127.0.0.1:0", "LISSTEN"),
        (
            "AZURE_OPENAI_ENDPOINT",
            "https://example.openai.azure.com",
            "AZURE_OPENAI_API_KEY",
        ),
        ("TOKIO_WORKER_THREADS", "many", "--threads"),
        ("TOKIO_WORKER_THREADS", "0", "--threads"),
    ] {
        let (code, text) = run(
            folder.path(),
            &["serve", "--config", "mcp-server.toml"],
            &[(name, value)],
        )
        .await;
        assert_eq!(code, Some(2), "{name}: {text}");
        assert!(text.contains(part), "{name}: {text}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    for (key, other) in [("listen", "metrics_listen"), ("metrics_listen", "listen")] {
        let folder = folder_with(&format!(
            "[server]\n{key} = \"{address}\"\n{other} = \"127.0.0.1:0\"\n"
        ));
        let (code, text) = run(folder.path(), &["serve", "--config", "mcp-server.toml"], &[]).await;
        assert_eq!(code, Some(1), "{text}");
        for part in [address.as_str(), "in use", &format!("server.{key}")] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }
}

#[tokio::test]
async fn wrong_arguments_are_wrong_usage() {
    let folder = folder_with("");
    for arguments in [
        &["serve", "--prot", "1"][..],
        &["serv"],
        &["serve", "--listen", "here"],
    ] {
        let (code, text) = run(folder.path(), arguments, &[]).await;
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(!text.is_empty());
    }
}

#[tokio::test]
async fn a_model_file_that_is_broken_is_refused_or_reported_as_failed() {
    let folder =
        folder_with("[[backends]]\nname = \"local\"\nkind = \"local\"\nmodel = \"./missing.gguf\"\n");
    let (code, text) = run(folder.path(), &["serve", "--config", "mcp-server.toml"], &[]).await;
    assert!(matches!(code, Some(1 | 2)), "{text}");
    assert!(text.contains("missing.gguf"), "{text}");
}
