//! `TCP_NODELAY` on both sides: without it a small answer waits up to 40 ms for a delayed acknowledgement.
//!
//! No timing: the sockets of the running server are borrowed and asked.

use std::{
    fs, io,
    net::SocketAddr,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    path::Path,
};

use serde_json::json;
use socket2::SockRef;
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    server_under_test::{ServerUnderTest, Settings},
};

/// A descriptor that a system call returned.
#[expect(
    unsafe_code,
    reason = "there is no safe way to borrow a socket of another process"
)]
fn owned(returned: libc::c_long) -> io::Result<OwnedFd> {
    match i32::try_from(returned) {
        // SAFETY: the kernel has just opened it for us, and nobody else knows it.
        Ok(descriptor) if descriptor >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Every socket of a process that is connected over TCP, and where its ends are.
#[expect(
    unsafe_code,
    reason = "there is no safe way to borrow a socket of another process"
)]
fn connections(pid: u32) -> Vec<(SocketAddr, SocketAddr, OwnedFd)> {
    // SAFETY: takes and returns plain numbers.
    let process = owned(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) }).expect("our own child");
    let descriptors = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")).expect("readable");
    descriptors
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|descriptor| {
            // SAFETY: takes and returns plain numbers; `process` is open.
            let socket = unsafe { libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), descriptor, 0) };
            let socket = owned(socket).ok()?;
            let asked = SockRef::from(&socket);
            let here = asked.local_addr().ok()?.as_socket()?;
            let there = asked.peer_addr().ok()?.as_socket()?;
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
            SockRef::from(socket).tcp_nodelay().expect("a TCP socket"),
            "TCP_NODELAY is missing on the side of {side}"
        );
    }
}
