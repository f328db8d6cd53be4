//! An authority of certificates, made at start: servers and clients, good ones and others.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

/// An authority that tests trust, or do not.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

/// What stands in a certificate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// DNS names; an address of this machine is one, too.
    pub dns: &'a [&'a str],
    /// A URI.
    pub uri: Option<&'a str>,
    /// The common name.
    pub common_name: Option<&'a str>,
    /// Whether it ended long ago.
    pub is_expired: bool,
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Panics
    /// Panics when the system has no random numbers.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names, no fault");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("a fresh key signs");
        Self { issuer }
    }

    /// Its certificate, in PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Certifies a new key.
    ///
    /// # Panics
    /// Panics on names that cannot stand in a certificate.
    pub fn certify(&self, wanted: Wanted<'_>) -> Certified {
        let names: Vec<String> = wanted.dns.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names of hosts");
        params.distinguished_name.remove(DnType::CommonName);
        if let Some(name) = wanted.common_name {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        if let Some(uri) = wanted.uri {
            let uri = uri.try_into().expect("a plain URI");
            params.subject_alt_names.push(SanType::URI(uri));
        }
        if wanted.is_expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a fresh key signs");
        Certified {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("random numbers")
}

/// Both versions of TLS that clients of today speak.
pub const ANY_VERSION: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

/// An HTTPS client that believes one authority, and may come with a certificate. It keeps no connection.
///
/// # Panics
/// Panics on what is no certificate.
pub fn https_client(believes: &Authority, comes_with: Option<&Certified>) -> reqwest::Client {
    let builder = https_builder(&believes.pem(), comes_with, &ANY_VERSION);
    builder.pool_max_idle_per_host(0).build().expect("a client")
}

/// An HTTPS client that believes these authorities, in PEM, and speaks these versions.
///
/// # Panics
/// Panics on what is no certificate.
pub fn https_builder(
    believes: &str,
    comes_with: Option<&Certified>,
    versions: &[&'static SupportedProtocolVersion],
) -> reqwest::ClientBuilder {
    let mut roots = RootCertStore::empty();
    for certificate in chain(believes) {
        roots.add(certificate).expect("a certificate");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("ring knows them")
        .with_root_certificates(roots);
    let tls = match comes_with {
        None => builder.with_no_client_auth(),
        Some(Certified { certificate, key }) => {
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
            let builder = builder.with_client_auth_cert(chain(certificate), key);
            builder.expect("they belong together")
        }
    };
    reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .timeout(std::time::Duration::from_secs(30))
}

fn chain(pem: &str) -> Vec<CertificateDer<'static>> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    certificates
        .map(|certificate| certificate.expect("PEM"))
        .collect()
}
