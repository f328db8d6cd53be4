//! Client certificates: which names stand in one, and for whom they act.
//!
//! Whether a certificate is genuine was decided by TLS; here it only has to be somebody.

use std::path::PathBuf;

use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use super::refusal::{Cause, Refusal};
use super::{Principal, Proof, Scopes};

/// Who comes with a certificate.
#[derive(Debug, Clone)]
pub struct Config {
    /// The certificates, in PEM, of the authorities that are believed. Read again when it changes.
    pub ca_file: PathBuf,
    /// Whether a connection without a certificate is refused at once.
    pub required: bool,
    /// For whom certificates act.
    pub clients: Vec<Client>,
}

/// A name in certificates, and for whom it acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// A DNS name or a URI of the subject's alternative names; the common name where there is neither.
    pub name: String,
    /// The tenant.
    pub tenant: String,
    /// What it may do.
    pub scopes: Scopes,
}

/// The names in a certificate that clients are known by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Reads them. What cannot be read has none.
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        let Ok(certificate) = EndEntityCert::try_from(certificate) else {
            return Self::default();
        };
        let alternative = certificate.valid_dns_names().chain(certificate.valid_uri_names());
        let mut names: Vec<_> = alternative.map(str::to_owned).collect();
        // Who may choose a common name need not be allowed the same as an alternative name.
        if names.is_empty() {
            names.extend(common_name(certificate.subject()).map(str::to_owned));
        }
        Self(names)
    }

    #[cfg(test)]
    pub(super) fn for_test(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Case means something in URIs, and nothing in other names.
    fn contain(&self, wanted: &str) -> bool {
        let is_uri = wanted.contains(':');
        self.0
            .iter()
            .any(|name| name == wanted || (!is_uri && name.eq_ignore_ascii_case(wanted)))
    }
}

/// Finds the one client that a certificate stands for.
pub(super) fn principal(names: &Names, clients: &[Client]) -> Result<Principal, Refusal> {
    let mut meant = clients.iter().filter(|client| names.contain(&client.name));
    match (meant.next(), meant.next()) {
        (Some(client), None) => Ok(Principal::new(
            &client.tenant,
            &client.name,
            Proof::Certificate,
            client.scopes,
        )),
        // Two could be meant: whichever was taken, it would be a guess.
        _ => Err(Refusal::Invalid(Cause::UnmappedCertificate)),
    }
}

const SET: u8 = 0x31;
const SEQUENCE: u8 = 0x30;
const OID: u8 = 0x06;
const TEXTS: [u8; 3] = [0x0c, 0x13, 0x16];
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// The common name in a distinguished name: a sequence of sets of pairs.
fn common_name(mut subject: &[u8]) -> Option<&str> {
    while let Some((SET, mut pairs)) = element(&mut subject) {
        while let Some((SEQUENCE, mut pair)) = element(&mut pairs) {
            let (kind, value) = (element(&mut pair)?, element(&mut pair)?);
            if kind == (OID, &COMMON_NAME) && TEXTS.contains(&value.0) {
                return std::str::from_utf8(value.1).ok();
            }
        }
    }
    None
}

/// Takes one element of DER off the front: its tag, and what is in it.
fn element<'d>(input: &mut &'d [u8]) -> Option<(u8, &'d [u8])> {
    let (&[tag, first], rest) = input.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => {
            let (&[length], rest) = rest.split_first_chunk()?;
            (usize::from(length), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *input = rest;
    Some((tag, content))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(name: &str, tenant: &str) -> Client {
        Client {
            name: name.to_owned(),
            tenant: tenant.to_owned(),
            scopes: Scopes::all(),
        }
    }

    #[test]
    fn a_certificate_stands_for_one_client_or_for_none() {
        let clients = [client("a.example", "acme"), client("spiffe://x/b", "bolt")];
        let tenant = |names: &[&str]| {
            let names = Names(names.iter().map(|&name| name.to_owned()).collect());
            principal(&names, &clients)
                .map(|principal| principal.tenant().to_owned())
                .ok()
        };
        assert_eq!(tenant(&["z.example", "A.Example"]).as_deref(), Some("acme"));
        assert_eq!(tenant(&["SPIFFE://x/b"]), None);
        assert_eq!(tenant(&["spiffe://x/b"]).as_deref(), Some("bolt"));
        assert_eq!(tenant(&["spiffe://x/b", "a.example"]), None);
        assert_eq!(tenant(&["b.example"]), None);
        assert_eq!(tenant(&[]), None);
    }

    #[test]
    fn a_common_name_is_found_behind_other_parts() {
        let subject =
            b"\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02DE\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03erp";
        assert_eq!(common_name(subject), Some("erp"));
        assert_eq!(common_name(&subject[..13]), None);
        assert_eq!(common_name(b""), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_of_names_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = common_name(&bytes);
            prop_assert_eq!(Names::of(&CertificateDer::from(bytes)), Names::default());
        }
    }
}
