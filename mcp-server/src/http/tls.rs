//! TLS 1.3 and client certificates: files that are read again when they change, without a refused handshake.
//!
//! Each handshake takes the settings of its moment whole: certificate, key, and who is believed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::telemetry::CertificateExpiry;
use crate::tenancy::certificates::{Names, expiry};
use crate::tenancy::{Cause, Refusal};

/// How long a client certificate counts as verified on an open connection.
const VERIFIED_FOR: Duration = Duration::from_secs(5);

/// Where certificates are.
#[derive(Debug, Clone)]
pub struct Config {
    /// The server's certificate and those that lead to its authority, in PEM.
    pub certificate_file: PathBuf,
    /// Its private key, in PEM.
    pub key_file: PathBuf,
    /// Who may come with a certificate.
    pub clients: Option<Clients>,
    /// Where the certificate in use says how long it is valid.
    pub expiry: CertificateExpiry,
}

/// Which client certificates are believed.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The certificates of their authorities, in PEM.
    pub ca_file: PathBuf,
    /// Whether a connection without one is refused.
    pub required: bool,
}

/// The settings of the moment.
pub(super) struct Tls {
    config: Config,
    current: RwLock<Arc<Current>>,
}

struct Current {
    server: Arc<ServerConfig>,
    clients: Option<Arc<dyn ClientCertVerifier>>,
}

/// A file that cannot be used.
#[derive(Debug)]
pub(super) struct Unusable {
    pub(super) field: &'static str,
    pub(super) reason: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}

impl Tls {
    /// Reads all files.
    pub(super) fn load(config: Config) -> Result<Self, Unusable> {
        let current = RwLock::new(Arc::new(read(&config)?));
        Ok(Self { config, current })
    }

    /// Reads all files again; what was read last stays if one of them does not fit.
    pub(super) fn reload(&self) -> Result<(), String> {
        let current = read(&self.config).map_err(|error| error.to_string())?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
        Ok(())
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        let Config {
            certificate_file,
            key_file,
            clients,
            expiry: _,
        } = &self.config;
        let ca_file = clients.iter().map(|clients| &clients.ca_file);
        [certificate_file, key_file]
            .into_iter()
            .chain(ca_file)
            .cloned()
            .collect()
    }

    /// For the handshake that begins now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current().server))
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn still_believes(&self, chain: &[CertificateDer<'_>]) -> bool {
        let current = self.current();
        let (Some(verifier), Some((first, rest))) = (&current.clients, chain.split_first()) else {
            return false;
        };
        verifier.verify_client_cert(first, rest, UnixTime::now()).is_ok()
    }
}

/// The certificate that a connection came with.
pub(super) struct PeerCertificate {
    names: Names,
    chain: Vec<CertificateDer<'static>>,
    verified: Mutex<Instant>,
    tls: Arc<Tls>,
}

impl PeerCertificate {
    /// One that a handshake has just verified.
    pub(super) fn new(chain: &[CertificateDer<'_>], tls: Arc<Tls>) -> Option<Self> {
        Some(Self {
            names: Names::of(chain.first()?),
            chain: chain
                .iter()
                .map(|certificate| certificate.clone().into_owned())
                .collect(),
            verified: Mutex::new(Instant::now()),
            tls,
        })
    }

    /// Whom it names. It may have expired, or lost its authority, since the connection began.
    pub(super) fn names(&self) -> Result<&Names, Refusal> {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.elapsed() >= VERIFIED_FOR {
            if !self.tls.still_believes(&self.chain) {
                return Err(Refusal::Invalid(Cause::StaleCertificate));
            }
            *verified = Instant::now();
        }
        Ok(&self.names)
    }
}

fn read(config: &Config) -> Result<Current, Unusable> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificates = certificates("server.tls.certificate_file", &config.certificate_file)?;
    let key_unusable = |reason: String| Unusable {
        field: "server.tls.key_file",
        reason: format!("is {}, which {reason}", config.key_file.display()),
    };
    let pem = zeroize::Zeroizing::new(
        std::fs::read(&config.key_file).map_err(|error| key_unusable(format!("cannot be read: {error}")))?,
    );
    let key = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| key_unusable("holds no private key in PEM".to_owned()))?;
    let clients = config
        .clients
        .as_ref()
        .map(|clients| client_verifier(clients, &provider))
        .transpose()?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| key_unusable(format!("cannot be used: {error}")))?;
    let builder = match &clients {
        Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
        None => builder.with_no_client_auth(),
    };
    let expires = certificates.first().and_then(expiry);
    let mut server = builder
        .with_single_cert(certificates, key)
        .map_err(|error| key_unusable(format!("does not belong to the certificate: {error}")))?;
    if clients.is_some() {
        // A resumed session would not show its certificate again.
        server.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
    }
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.expiry.set(expires);
    Ok(Current {
        server: Arc::new(server),
        clients,
    })
}

fn client_verifier(
    clients: &Clients,
    provider: &Arc<rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, Unusable> {
    const FIELD: &str = "auth.client_certificates.ca_file";
    let unusable = |reason: String| Unusable {
        field: FIELD,
        reason: format!("is {}, which cannot be used: {reason}", clients.ca_file.display()),
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(FIELD, &clients.ca_file)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let builder = if clients.required {
        builder
    } else {
        builder.allow_unauthenticated()
    };
    builder.build().map_err(|error| unusable(error.to_string()))
}

fn certificates(field: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let unusable = |reason: String| Unusable {
        field,
        reason: format!("is {}, which {reason}", path.display()),
    };
    let pem = std::fs::read(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(unusable("holds no certificate in PEM".to_owned())),
    }
}
