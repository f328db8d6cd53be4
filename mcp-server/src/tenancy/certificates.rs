//! Client certificates: which names stand in one, and for whom they act.
//!
//! Whether a certificate is genuine was decided by TLS; here it only has to be somebody. Of the server's own, only
//! its end is read.

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

const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When a certificate ends, in seconds since 1970; `None` where that cannot be read.
pub(crate) fn expiry(certificate: &CertificateDer<'_>) -> Option<i64> {
    let mut input: &[u8] = certificate;
    let (_, mut certificate) = element(&mut input)?;
    let (_, mut signed) = element(&mut certificate)?;
    // Before it: a version that may be missing, the serial number, the algorithm, the issuer.
    let before = if signed.first() == Some(&VERSION) { 4 } else { 3 };
    for _ in 0..before {
        element(&mut signed)?;
    }
    let (_, mut validity) = element(&mut signed)?;
    element(&mut validity)?;
    let (kind, text) = element(&mut validity)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match (kind, text.len()) {
        (UTC_TIME, 12) => {
            let year: i64 = text[..2].parse().ok()?;
            // The standard's own rule for two digits.
            (if year < 50 { 2000 + year } else { 1900 + year }, &text[2..])
        }
        (GENERALIZED_TIME, 14) => (text[..4].parse().ok()?, &text[4..]),
        _ => return None,
    };
    let part = |at: usize| rest[at..at + 2].parse::<i64>().ok();
    let days = days_since_1970(year, part(0)?, part(2)?);
    Some(((days * 24 + part(4)?) * 60 + part(6)?) * 60 + part(8)?)
}

/// Counts days in years that begin with March, so that the day that leap years have more is their last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
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

    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        for ((year, month, day), days) in [
            ((1970, 1, 1), 0),
            ((1970, 3, 1), 59),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2026, 11, 25), 20_782),
            ((2100, 3, 1), 47_541),
        ] {
            assert_eq!(days_since_1970(year, month, day), days, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn the_end_of_a_certificate_is_read_in_either_form() {
        let certificate = |version: &[u8], end: &[u8]| {
            let wrap = |tag: u8, content: &[u8]| {
                [&[tag, u8::try_from(content.len()).expect("short")], content].concat()
            };
            let validity = wrap(SEQUENCE, &[b"\x17\x0d250101000000Z", end].concat());
            let signed = [version, b"\x02\x01\x07", b"\x30\x00", b"\x30\x00", &validity].concat();
            CertificateDer::from(wrap(SEQUENCE, &wrap(SEQUENCE, &signed)))
        };
        let version = b"\xa0\x03\x02\x01\x02";
        let utc = b"\x17\x0d261125220102Z";
        assert_eq!(expiry(&certificate(version, utc)), Some(1_795_644_062));
        assert_eq!(expiry(&certificate(b"", utc)), Some(1_795_644_062));
        let general = b"\x18\x0f20501125220102Z";
        assert_eq!(expiry(&certificate(version, general)), Some(2_553_026_462));
        for wrong in [
            &b"\x17\x0d26112522010\xffZ"[..],
            b"\x17\x0c26112522010Z",
            b"\x18\x0d261125220102Z",
            b"",
        ] {
            assert_eq!(expiry(&certificate(version, wrong)), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_of_names_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = common_name(&bytes);
            let _ = expiry(&CertificateDer::from(bytes.clone()));
            prop_assert_eq!(Names::of(&CertificateDer::from(bytes)), Names::default());
        }
    }
}
