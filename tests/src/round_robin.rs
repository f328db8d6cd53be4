//! A load balancer without memory: each connection goes to the next server that accepts it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Stands in front of servers until dropped.
#[derive(Debug)]
pub struct RoundRobin {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl RoundRobin {
    /// Begins to pass connections on to these, one after the other.
    ///
    /// # Panics
    /// Panics when there is no free port.
    pub async fn start(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let servers = Arc::new(servers);
        let accepting = tokio::spawn(async move {
            let turn = Arc::new(AtomicUsize::new(0));
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, Arc::clone(&servers), Arc::clone(&turn)));
            }
        });
        Self { address, accepting }
    }

    /// The URL of `/mcp` behind it.
    pub fn mcp_url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}

impl Drop for RoundRobin {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(mut client: TcpStream, servers: Arc<Vec<SocketAddr>>, turn: Arc<AtomicUsize>) {
    let _ = client.set_nodelay(true);
    for _ in 0..servers.len() {
        let next = turn.fetch_add(1, Ordering::Relaxed) % servers.len();
        if let Ok(mut server) = TcpStream::connect(servers[next]).await {
            let _ = server.set_nodelay(true);
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}
