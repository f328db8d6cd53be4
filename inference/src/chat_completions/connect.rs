//! How a connection is made: straight or by a proxy, encrypted where the address says so, and in time.

use std::{error::Error as StdError, time::Duration};

use http::{HeaderValue, Uri, uri::Scheme};
use hyper_rustls::HttpsConnector;
use hyper_util::client::{
    legacy::connect::{HttpConnector, proxy::Tunnel},
    proxy::matcher::Matcher,
};
use rustls::ClientConfig;
use tower::ServiceExt;

use super::{failure::Transport, head::Head, transport};

/// Finds a peer that vanished without a word.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// What carries the bytes of a connection.
pub(super) trait Carrier: hyper::rt::Read + hyper::rt::Write + Send + Unpin {}

impl<T: hyper::rt::Read + hyper::rt::Write + Send + Unpin> Carrier for T {}

type BoxError = Box<dyn StdError + Send + Sync>;
type Straight = HttpsConnector<HttpConnector>;

/// Makes connections to one server.
pub(super) struct Connector {
    way: Way,
    target: Uri,
    /// How long one may take, encryption included.
    limit: Duration,
}

enum Way {
    Straight(Straight),
    /// Through a proxy that hands on what it cannot read.
    Tunnel(HttpsConnector<Tunnel<Straight>>),
    /// By a proxy that reads the request, since nothing is encrypted.
    Proxy {
        to: Straight,
        proxy: Uri,
        authorization: Option<HeaderValue>,
    },
}

impl Connector {
    /// Finds the way to a server. Connects to nothing yet.
    pub(super) fn new(
        target: Uri,
        proxies: Option<&Matcher>,
        mut tls: ClientConfig,
        limit: Duration,
    ) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // Without it a small request waits up to 40 ms for the peer's delayed acknowledgement.
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(TCP_KEEPALIVE));
        let straight = Straight::from((tcp, tls.clone()));
        let proxy = proxies.and_then(|proxies| proxies.intercept(&target));
        let way = match proxy {
            None => Way::Straight(straight),
            Some(proxy) if target.scheme() == Some(&Scheme::HTTPS) => {
                let tunnel = Tunnel::new(proxy.uri().clone(), straight);
                let tunnel = match proxy.basic_auth() {
                    Some(authorization) => tunnel.with_auth(authorization.clone()),
                    None => tunnel,
                };
                Way::Tunnel(HttpsConnector::from((tunnel, tls)))
            }
            Some(proxy) => Way::Proxy {
                to: straight,
                proxy: proxy.uri().clone(),
                authorization: proxy.basic_auth().cloned(),
            },
        };
        Self { way, target, limit }
    }

    /// Has requests say what a proxy that reads them wants to see.
    pub(super) fn address(&self, head: &mut Head) {
        if let Way::Proxy { authorization, .. } = &self.way {
            head.by_proxy(authorization.clone());
        }
    }

    /// Makes a connection.
    pub(super) async fn connect(&self) -> Result<Box<dyn Carrier>, Transport> {
        match tokio::time::timeout(self.limit, self.reach()).await {
            Ok(Ok(carrier)) => Ok(carrier),
            Ok(Err(error)) => Err(transport::not_connected(&*error)),
            Err(_) => Err(Transport::ConnectTimeout),
        }
    }

    async fn reach(&self) -> Result<Box<dyn Carrier>, BoxError> {
        let target = self.target.clone();
        Ok(match &self.way {
            Way::Straight(to) => Box::new(to.clone().oneshot(target).await?),
            Way::Tunnel(to) => Box::new(to.clone().oneshot(target).await?),
            Way::Proxy { to, proxy, .. } => Box::new(to.clone().oneshot(proxy.clone()).await?),
        })
    }
}
