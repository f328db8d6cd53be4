//! One connection: to a single server, or to a cluster.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, Pipeline, RedisFuture, Value};

use super::login::{Login, Shown};
use super::{Config, servers};
use crate::SetUpError;

/// Cheap to clone; clones share the socket, and do not wait for each other.
#[derive(Clone)]
pub(super) enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// Checks that certificates and keys can be used, without connecting to anything.
pub(super) fn check(config: &Config, login: &Login) -> Result<(), SetUpError> {
    let servers = servers::read(config, &login.at_hand()?)?;
    let Some(certificates) = servers::read_certificates(config)? else {
        return Ok(());
    };
    for server in servers {
        Client::build_with_tls(server, certificates.clone()).map_err(|error| SetUpError {
            field: "shared.ca_file, or the client's certificate and key,",
            reason: format!("cannot be used: {error}"),
            fix: "name files in PEM, and a key that belongs to its certificate",
        })?;
    }
    Ok(())
}

impl Connection {
    /// Connects, and shows this. The reason of a failure is for the log: no secrets are in it.
    pub(super) async fn open(config: &Config, shown: &Shown) -> Result<Self, String> {
        let mut servers = servers::read(config, shown).map_err(|error| error.to_string())?;
        let certificates = servers::read_certificates(config).map_err(|error| error.to_string())?;
        let opened = if config.cluster {
            let mut builder = ClusterClient::builder(servers)
                .connection_timeout(config.connect_timeout)
                .response_timeout(config.timeout)
                .retries(1);
            if let Some(certificates) = certificates {
                builder = builder.certs(certificates);
            }
            open_cluster(builder).await
        } else {
            // There is one, or `servers::read` would have refused.
            let server = servers.remove(0);
            let client = match certificates {
                Some(certificates) => Client::build_with_tls(server, certificates),
                None => Client::open(server),
            };
            open_single(client, config).await
        };
        opened.map_err(|error| error.to_string())
    }
}

async fn open_cluster(builder: redis::cluster::ClusterClientBuilder) -> redis::RedisResult<Connection> {
    Ok(Connection::Cluster(
        builder.build()?.get_async_connection().await?,
    ))
}

async fn open_single(client: redis::RedisResult<Client>, config: &Config) -> redis::RedisResult<Connection> {
    let limits = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(config.connect_timeout))
        .set_response_timeout(Some(config.timeout));
    let client = client?;
    let connection = client
        .get_multiplexed_async_connection_with_config(&limits)
        .await?;
    Ok(Connection::Single(connection))
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
