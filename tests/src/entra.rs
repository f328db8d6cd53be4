//! A directory that gives tokens to a workload identity, as Entra ID does: one token until told to give the next.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::json;
use tokio_util::task::AbortOnDropHandle;

/// Id of the directory.
pub const TENANT: &str = "11111111-2222-3333-4444-555555555555";
/// Id of the application.
pub const CLIENT: &str = "66666666-7777-8888-9999-000000000000";
/// What the cluster gives its pods.
pub const ASSERTION: &str = "header.of-the-cluster.signature";
/// A token is good for four seconds for whoever leaves a minute at its end alone.
const LIVES_SECONDS: u64 = 64;

/// A running directory. Ends when dropped.
#[derive(Debug)]
pub struct FakeEntra {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Shared {
    scope: String,
    principal: String,
    token: Mutex<String>,
    given: AtomicUsize,
    made: AtomicUsize,
    is_away: AtomicBool,
}

impl FakeEntra {
    /// Starts it on a free port. It gives tokens of this principal, for this scope.
    ///
    /// # Panics
    /// Panics when there is no free port.
    pub async fn start(principal: &str, scope: &str) -> Self {
        let shared = Arc::new(Shared {
            scope: scope.to_owned(),
            principal: principal.to_owned(),
            token: Mutex::new(token(principal, 0)),
            given: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
            is_away: AtomicBool::new(false),
        });
        let router = Router::new()
            .route(&format!("/{TENANT}/oauth2/v2.0/token"), post(give))
            .with_state(Arc::clone(&shared));
        let (address, serving) = crate::serve(router).await.expect("a free port");
        Self {
            address,
            shared,
            _serving: serving,
        }
    }

    /// Lines of a `workload_identity` table that asks here, with the cluster's token in the file `cluster.token`.
    pub fn lines(&self) -> String {
        format!(
            "authority = \"http://{}/\"\ntenant_id = \"{TENANT}\"\nclient_id = \"{CLIENT}\"\ntoken_file = \"cluster.token\"\n",
            self.address
        )
    }

    /// The token that it gives.
    pub fn token(&self) -> String {
        lock(&self.shared.token).clone()
    }

    /// A token that it does not give yet.
    pub fn next(&self) -> String {
        let number = self.shared.made.fetch_add(1, Ordering::SeqCst) + 1;
        token(&self.shared.principal, number)
    }

    /// Gives this token from now on.
    pub fn give(&self, token: &str) {
        token.clone_into(&mut lock(&self.shared.token));
    }

    /// Whether it fails from now on.
    pub fn be_away(&self, is_away: bool) {
        self.shared.is_away.store(is_away, Ordering::SeqCst);
    }

    /// How many tokens it gave.
    pub fn given(&self) -> usize {
        self.shared.given.load(Ordering::SeqCst)
    }
}

async fn give(State(shared): State<Arc<Shared>>, form: String) -> Response {
    if shared.is_away.load(Ordering::SeqCst) {
        return (StatusCode::SERVICE_UNAVAILABLE, "away").into_response();
    }
    // A form is written as the query of an address is.
    let form = Url::parse(&format!("http://form/?{form}")).expect("a form");
    let wanted = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("scope", &shared.scope),
        ("client_assertion", ASSERTION),
    ];
    let is_right = wanted.iter().all(|(name, value)| {
        form.query_pairs()
            .any(|pair| pair == ((*name).into(), (*value).into()))
    });
    if !is_right {
        let denied = json!({"error": "invalid_client", "error_description": "AADSTS700213: nobody of ours"});
        return (StatusCode::UNAUTHORIZED, Json(denied)).into_response();
    }
    shared.given.fetch_add(1, Ordering::SeqCst);
    let token = lock(&shared.token).clone();
    Json(json!({"token_type": "Bearer", "expires_in": LIVES_SECONDS, "access_token": token})).into_response()
}

/// Nobody here checks signatures: whoever is shown one knows all that are good.
fn token(principal: &str, number: usize) -> String {
    let claims = json!({"oid": principal, "jti": number.to_string()});
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"RS256","typ":"JWT"}"#),
        part(&claims.to_string()),
        part("signature")
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
