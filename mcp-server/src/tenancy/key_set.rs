//! The public keys of one issuer, as its JWKS says them.

use std::time::Instant;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// An issuer has a handful of keys, and a few more while it changes them.
const KEYS_MAX: usize = 64;

/// Keys that were read at one moment.
pub(super) struct KeySet {
    keys: Vec<Key>,
    read: Instant,
    /// Grows with each set: what was verified with an older one is verified anew.
    version: u64,
}

struct Key {
    id: Option<String>,
    curve: Option<EllipticCurve>,
    /// What the issuer says it is for; any algorithm of its family, if nothing.
    algorithm: Option<KeyAlgorithm>,
    decoding: DecodingKey,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a JWKS. Keys that cannot verify signatures are left out, whatever else they are for.
    ///
    /// # Errors
    /// It is no JWKS, or no key of it can verify.
    pub(super) fn parse(bytes: &[u8], version: u64) -> Result<Self, String> {
        let jwks: Jwks = serde_json::from_slice(bytes).map_err(|error| format!("is no key set: {error}"))?;
        if jwks.keys.len() > KEYS_MAX {
            return Err(format!("has {} keys, more than {KEYS_MAX}", jwks.keys.len()));
        }
        let keys: Vec<_> = jwks.keys.into_iter().filter_map(key).collect();
        if keys.is_empty() {
            return Err("has no key that could verify a signature".to_owned());
        }
        Ok(Self {
            keys,
            read: Instant::now(),
            version,
        })
    }

    pub(super) fn read(&self) -> Instant {
        self.read
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key that a token names. One that names none means the only key there is for its algorithm.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| key.fits(algorithm) && id.is_none_or(|id| key.id.as_deref() == Some(id)));
        let first = fitting.next()?;
        (id.is_some() || fitting.next().is_none()).then_some(&first.decoding)
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let curve = match algorithm {
            Algorithm::ES256 => Some(EllipticCurve::P256),
            Algorithm::ES384 => Some(EllipticCurve::P384),
            Algorithm::EdDSA => Some(EllipticCurve::Ed25519),
            _ => None,
        };
        self.decoding.family() == algorithm.family()
            && self.curve == curve
            && self.algorithm.is_none_or(|said| said == algorithm.into())
    }
}

fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let is_for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let curve = match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(parameters) => Some(parameters.curve.clone()),
        AlgorithmParameters::OctetKeyPair(parameters) => Some(parameters.curve.clone()),
        _ => None,
    };
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    // A shared secret that stands in public is none.
    let is_public = decoding.family() != AlgorithmFamily::Hmac;
    (is_for_signatures && is_public).then_some(Key {
        id: jwk.common.key_id,
        curve,
        algorithm: jwk.common.key_algorithm,
        decoding,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_found_by_name_and_kind_and_secrets_are_left_out() {
        let rsa = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r", "use": "sig"});
        let pss = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "p", "alg": "PS256"});
        let ec = json!({"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB", "kid": "e"});
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "AQAB", "kid": "d"});
        let strangers = [
            json!({"kty": "oct", "k": "AQAB", "kid": "o"}),
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "enc", "use": "enc"}),
            json!({"kty": "NEW", "kid": "x"}),
            json!(7),
        ];
        let keys: Vec<_> = [rsa, pss, ec, ed].into_iter().chain(strangers.clone()).collect();
        let set = KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), 1).unwrap();
        assert_eq!(set.len(), 4);
        for (id, algorithm, found) in [
            (Some("r"), Algorithm::RS256, true),
            (Some("r"), Algorithm::PS256, true),
            (Some("p"), Algorithm::PS256, true),
            (Some("p"), Algorithm::RS256, false),
            (Some("r"), Algorithm::ES256, false),
            (Some("r"), Algorithm::HS256, false),
            (Some("o"), Algorithm::HS256, false),
            (Some("enc"), Algorithm::RS256, false),
            (Some("e"), Algorithm::ES256, true),
            (Some("e"), Algorithm::ES384, false),
            (Some("d"), Algorithm::EdDSA, true),
            (Some("gone"), Algorithm::ES256, false),
            (None, Algorithm::ES256, true),
            // Two could be meant.
            (None, Algorithm::PS256, false),
        ] {
            assert_eq!(set.find(id, algorithm).is_some(), found, "{id:?} {algorithm:?}");
        }
        for text in ["", "[]", "{}", "{\"keys\":[]}"] {
            assert!(KeySet::parse(text.as_bytes(), 1).is_err(), "{text}");
        }
        assert!(KeySet::parse(json!({ "keys": strangers }).to_string().as_bytes(), 1).is_err());
    }
}
