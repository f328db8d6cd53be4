//! An issuer of access tokens: signs with keys made at start, publishes them, changes them, and misbehaves when told to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use num_bigint::BigUint;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

/// Whom tokens are for, unless a test says otherwise.
pub const RESOURCE: &str = "https://mcp.example.com/mcp";

/// A running issuer. Ends when dropped.
#[derive(Debug)]
pub struct TokenIssuer {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
    _serving: AbortOnDropHandle<()>,
}

/// What the issuer says when it is asked for its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Its keys.
    Well,
    /// HTTP 500.
    Failing,
    /// That its keys are at another address, where they are.
    Redirecting,
    /// Nothing, for longer than anybody waits.
    Silent,
    /// More than anybody reads.
    Endless,
}

#[derive(Debug)]
struct Shared {
    keys: Mutex<Vec<SigningKey>>,
    mood: Mutex<Mood>,
    fetches: AtomicUsize,
    changes: AtomicUsize,
}

/// A private key and the name it is published by.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Its `kid`.
    pub id: String,
    pair: Arc<Pair>,
}

#[derive(Debug)]
enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(Arc<RsaKeyPair>),
}

impl TokenIssuer {
    /// Starts it on a free port, with an elliptic, an Edwards and an RSA key.
    ///
    /// # Panics
    /// Panics when there is no free port.
    pub async fn start() -> Self {
        let keys = vec![
            SigningKey::ecdsa("ec-0"),
            SigningKey::ed("ed-0"),
            SigningKey::rsa("rsa-0"),
        ];
        let shared = Arc::new(Shared {
            keys: Mutex::new(keys),
            mood: Mutex::new(Mood::Well),
            fetches: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/jwks", get(publish))
            .route(
                "/elsewhere",
                get(|State(shared): State<Arc<Shared>>| async move { key_set(&shared) }),
            )
            .with_state(Arc::clone(&shared));
        let (address, serving) = crate::serve(router).await.expect("a free port");
        Self {
            address,
            shared,
            _serving: serving,
        }
    }

    /// The `iss` of its tokens.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its keys are.
    pub fn jwks_url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// Its keys, as a file would hold them.
    pub fn jwks(&self) -> Value {
        published(&self.shared)
    }

    /// How it takes questions from now on.
    pub fn become_(&self, mood: Mood) {
        *lock(&self.shared.mood) = mood;
    }

    /// How often its keys were asked for.
    pub fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }

    /// Signs with a new elliptic key from now on, and no longer publishes the old one.
    pub fn rotate(&self) {
        let number = self.shared.changes.fetch_add(1, Ordering::SeqCst) + 1;
        lock(&self.shared.keys)[0] = SigningKey::ecdsa(&format!("ec-{number}"));
    }

    /// The key that it signs with: `ES256`, `EdDSA`, else RSA.
    pub fn key(&self, algorithm: &str) -> SigningKey {
        let index = match algorithm {
            "ES256" => 0,
            "EdDSA" => 1,
            _ => 2,
        };
        lock(&self.shared.keys)[index].clone()
    }

    /// The claims of a good token of tenant `acme` that allows everything, changed by `changes`; a null removes one.
    pub fn claims(&self, changes: &Value) -> Value {
        let now = now();
        let mut claims = json!({
            "iss": self.issuer(), "aud": RESOURCE, "sub": "alice", "tenant_id": "acme", "iat": now, "exp": now + 600,
            "scope": "tools:read tools:call chat operate",
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        if let Value::Object(claims) = &mut claims {
            claims.retain(|_, value| !value.is_null());
        }
        claims
    }

    /// A token signed with the elliptic key.
    pub fn token(&self, changes: &Value) -> String {
        self.token_with("ES256", changes)
    }

    /// A token signed so.
    pub fn token_with(&self, algorithm: &str, changes: &Value) -> String {
        let key = self.key(algorithm);
        let header = json!({"typ": "at+jwt", "alg": algorithm, "kid": key.id});
        key.sign(&header, &self.claims(changes))
    }
}

impl SigningKey {
    /// An elliptic key of anybody's.
    ///
    /// # Panics
    /// Panics when the system has no random numbers.
    pub fn ecdsa(id: &str) -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("random numbers");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("just made");
        Self::new(id, Pair::Ecdsa(pair))
    }

    fn ed(id: &str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("random numbers");
        Self::new(
            id,
            Pair::Ed(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("just made")),
        )
    }

    /// All issuers of a test program share one: it takes a second to make.
    fn rsa(id: &str) -> Self {
        static PAIR: OnceLock<Arc<RsaKeyPair>> = OnceLock::new();
        let pair = PAIR.get_or_init(|| Arc::new(RsaKeyPair::from_der(&rsa_key()).expect("just made")));
        Self::new(id, Pair::Rsa(Arc::clone(pair)))
    }

    fn new(id: &str, pair: Pair) -> Self {
        Self {
            id: id.to_owned(),
            pair: Arc::new(pair),
        }
    }

    /// Signs any header and any claims, whether they are in order or not.
    ///
    /// # Panics
    /// Panics when the system has no random numbers.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let (bytes, random) = (message.as_bytes(), SystemRandom::new());
        let signature = match &*self.pair {
            Pair::Ecdsa(pair) => pair
                .sign(&random, bytes)
                .expect("random numbers")
                .as_ref()
                .to_vec(),
            Pair::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding: &dyn ring::signature::RsaEncoding = if header["alg"] == "PS256" {
                    &RSA_PSS_SHA256
                } else {
                    &RSA_PKCS1_SHA256
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, bytes, &mut signature)
                    .expect("random numbers");
                signature
            }
        };
        format!("{message}.{}", encode(signature))
    }

    /// Its public half.
    pub fn jwk(&self) -> Value {
        match &*self.pair {
            Pair::Ecdsa(pair) => {
                // Uncompressed: a 4, then both coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "x": encode(x), "y": encode(y)})
            }
            Pair::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": self.id, "x": encode(pair.public_key())})
            }
            Pair::Rsa(pair) => {
                let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "kid": self.id, "n": encode(public.n), "e": encode(public.e)})
            }
        }
    }

    /// Its public half as bytes: what a confused server might take for a shared secret.
    pub fn public_bytes(&self) -> Vec<u8> {
        match &*self.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public().as_ref().to_vec(),
        }
    }
}

/// A token signed with a shared secret.
pub fn hmac_token(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    let tag = ring::hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", encode(tag))
}

/// A token signed with nothing.
pub fn unsigned_token(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", encode(header.to_string()), encode(claims.to_string()))
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// An RSA key of 2,048 bits, as PKCS #1 writes it down: ring signs with such a key, and makes none.
fn rsa_key() -> Vec<u8> {
    let one = BigUint::from(1_u8);
    let exponent = BigUint::from(65_537_u32);
    let (p, q, d) = loop {
        let (p, q) = (prime(), prime());
        // The private exponent exists unless the public one divides a factor.
        if let Some(d) = exponent.modinv(&((&p - &one) * (&q - &one)))
            && p > q
        {
            break (p, q, d);
        }
    };
    let coefficient = q.modinv(&p).expect("different primes");
    let (dp, dq) = (&d % (&p - &one), &d % (&q - &one));
    let integers = [BigUint::ZERO, &p * &q, exponent, d, p, q, dp, dq, coefficient];
    let body: Vec<u8> = integers
        .iter()
        .flat_map(|integer| der(0x02, &signed(integer)))
        .collect();
    der(0x30, &body)
}

/// A prime of 1,024 bits, the two highest set: the product of two has 2,048.
fn prime() -> BigUint {
    let small: Vec<u32> = (3..2000)
        .step_by(2)
        .filter(|n| (3..*n).all(|m| n % m != 0))
        .collect();
    loop {
        let mut bytes = [0; 128];
        SystemRandom::new().fill(&mut bytes).expect("random numbers");
        bytes[0] |= 0xc0;
        bytes[127] |= 1;
        let candidate = BigUint::from_bytes_be(&bytes);
        if small.iter().all(|n| &candidate % *n != BigUint::ZERO) && is_prime(&candidate) {
            return candidate;
        }
    }
}

/// By Miller and Rabin. Of random numbers so large, hardly any deceives even one witness.
fn is_prime(candidate: &BigUint) -> bool {
    let one = BigUint::from(1_u8);
    let before = candidate - &one;
    let twos = before.trailing_zeros().unwrap_or_default();
    [2_u8, 3, 5, 7, 11].into_iter().all(|witness| {
        let mut power = BigUint::from(witness).modpow(&(&before >> twos), candidate);
        if power == one || power == before {
            return true;
        }
        (1..twos).any(|_| {
            power = &power * &power % candidate;
            power == before
        })
    })
}

/// The bytes of a number that is not negative.
fn signed(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let sign = bytes.first().is_some_and(|first| first & 0x80 != 0);
    sign.then_some(0).into_iter().chain(bytes).collect()
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len())
        .expect("keys are short")
        .to_be_bytes();
    let head = match content.len() {
        0..=0x7f => vec![tag, length[1]],
        0x80..=0xff => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [&head, content].concat()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn publish(State(shared): State<Arc<Shared>>) -> Response {
    shared.fetches.fetch_add(1, Ordering::SeqCst);
    let mood = *lock(&shared.mood);
    match mood {
        Mood::Well => key_set(&shared),
        Mood::Failing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Redirecting => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Mood::Silent => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            StatusCode::OK.into_response()
        }
        Mood::Endless => (StatusCode::OK, " ".repeat(1024 * 1024)).into_response(),
    }
}

fn key_set(shared: &Shared) -> Response {
    axum::Json(published(shared)).into_response()
}

fn published(shared: &Shared) -> Value {
    let keys: Vec<_> = lock(&shared.keys).iter().map(SigningKey::jwk).collect();
    json!({ "keys": keys })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
