//! Whom connections trust, and what their failures mean.

use std::{error::Error as StdError, io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;

use super::failure::Transport;

/// Whose certificates are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust<'a> {
    /// Nobody's: nothing is encrypted, so that a container without any roots works.
    Nobody,
    /// Those that this machine believes.
    Machine,
    /// Those signed by one of these, in PEM, and no others.
    Only(&'a [u8]),
}

/// Why a client could not be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SetUpError {
    /// This machine's root certificates could not be loaded.
    MachineRoots { reason: String },
    /// The certificates that were given are none.
    GivenRoots { reason: String },
    /// The HTTP client could not be made.
    HttpClient { reason: String },
}

/// Makes the TLS settings of a client: whose certificates it believes, and ring's cryptography.
pub(crate) fn tls(trust: Trust<'_>) -> Result<ClientConfig, SetUpError> {
    let no_roots = |error: rustls::Error| SetUpError::MachineRoots {
        reason: error.to_string(),
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(no_roots)?;
    let builder = match trust {
        Trust::Nobody => builder.with_root_certificates(RootCertStore::empty()),
        Trust::Machine => builder.with_platform_verifier().map_err(no_roots)?,
        Trust::Only(pem) => builder.with_root_certificates(roots(pem)?),
    };
    Ok(builder.with_no_client_auth())
}

fn roots(pem: &[u8]) -> Result<RootCertStore, SetUpError> {
    let failed = |reason: String| SetUpError::GivenRoots { reason };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| failed(format!("is not PEM: {error}")))?;
        store
            .add(certificate)
            .map_err(|error| failed(format!("holds a certificate that is none: {error}")))?;
    }
    if store.is_empty() {
        return Err(failed("holds no certificate".to_owned()));
    }
    Ok(store)
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Says why there is no connection.
pub(super) fn not_connected(error: &(dyn StdError + 'static)) -> Transport {
    if let Some(failure) = tls_failure(error) {
        return failure;
    }
    if causes(error).any(|cause| cause.to_string() == "dns error") {
        return Transport::NameNotResolved;
    }
    match causes(error)
        .find_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind)
    {
        Some(io::ErrorKind::ConnectionRefused) => Transport::Refused,
        Some(io::ErrorKind::TimedOut) => Transport::ConnectTimeout,
        _ => Transport::NotConnected {
            reason: describe(error),
        },
    }
}

/// Says how a connection failed that stood.
pub(super) fn broken(error: &hyper::Error) -> Transport {
    tls_failure(error).unwrap_or_else(|| Transport::Broken {
        reason: describe(error),
    })
}

fn tls_failure(error: &(dyn StdError + 'static)) -> Option<Transport> {
    Some(match find_tls(error)? {
        rustls::Error::InvalidCertificate(reason) => Transport::Certificate {
            reason: bounded(&reason.to_string()),
        },
        other => Transport::TlsHandshake {
            reason: bounded(&other.to_string()),
        },
    })
}

/// The error and everything below it.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| (**cause).source())
}

/// Finds a TLS error.
fn find_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref().or_else(|| tls_within(cause.downcast_ref()?)))
}

/// Looks into an `io::Error`, whose payload `source` steps over; it may be another one.
fn tls_within(error: &io::Error) -> Option<&rustls::Error> {
    let payload = error.get_ref()?;
    payload
        .downcast_ref()
        .or_else(|| tls_within(payload.downcast_ref()?))
}

/// Words for the root of an error: neither address nor credential, and not long.
fn describe(error: &(dyn StdError + 'static)) -> String {
    let root = causes(error).last().map(ToString::to_string).unwrap_or_default();
    bounded(&root)
}

fn bounded(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(200)
        .collect()
}
