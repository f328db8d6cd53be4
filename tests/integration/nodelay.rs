//! `TCP_NODELAY` on both sides: without it a small answer waits up to 40 ms for a delayed acknowledgement.
//!
//! No timing: the sockets of the running server are borrowed and asked.

use std::{fs, net::SocketAddr, os::fd::OwnedFd, path::Path};

use rustix::{
    net::{getpeername, getsockname, sockopt::tcp_nodelay},
    process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open},
};
use serde_json::json;
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    server_under_test::{ServerUnderTest, Settings},
};

/// Every socket of a process that is connected over TCP, and where its ends are.
fn connections(pid: u32) -> Vec<(SocketAddr, SocketAddr, OwnedFd)> {
    let process = Pid::from_raw(pid.try_into().expect("a pid")).expect("not zero");
    let process = pidfd_open(process, PidfdFlags::empty()).expect("our own child");
    let descriptors = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")).expect("readable");
    descriptors
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|descriptor| {
            let socket = pidfd_getfd(&process, descriptor, PidfdGetfdFlags::empty()).ok()?;
            let here = SocketAddr::try_from(getsockname(&socket).ok()?).ok()?;
            let there = SocketAddr::try_from(getpeername(&socket).ok()??).ok()?;
            Some((here, there, socket))
        })
        .collect()
}

fn port(url: &str) -> u16 {
    let authority = url.split('/').nth(2).expect("a URL");
    authority
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port")
}

#[tokio::test]
async fn both_sides_send_at_once() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let client = server.client();
    client.call("ask_assistant", json!({"question": "Hello?"})).await;

    let connections = connections(server.pid());
    let (callers, upstream) = (port(server.mcp_url()), port(&fake.endpoint()));
    for (side, found) in [
        (
            "callers",
            connections.iter().find(|(here, _, _)| here.port() == callers),
        ),
        (
            "Azure",
            connections.iter().find(|(_, there, _)| there.port() == upstream),
        ),
    ] {
        let (_, _, socket) = found.unwrap_or_else(|| panic!("no connection on the side of {side}"));
        assert!(
            tcp_nodelay(socket).expect("a TCP socket"),
            "TCP_NODELAY is missing on the side of {side}"
        );
    }
}
