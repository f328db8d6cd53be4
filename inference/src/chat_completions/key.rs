//! The credential of a server: where it comes from, and whether it can stand in a header.

use http::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::BackendError;

/// Where an API key comes from; asked for each attempt, so that a changed file takes effect.
pub trait KeySource: Send + Sync + 'static {
    /// The key as it is now: hidden, and wiped at its end. Blanks and line ends around it are cut off.
    ///
    /// # Errors
    /// Says why there is none, without any part of a key.
    fn key(&self) -> Result<SecretString, String>;

    /// Where the key comes from, without any part of it: servers of equal names and endpoints share one
    /// credential. `None` when that cannot be told.
    fn name(&self) -> Option<String> {
        None
    }
}

/// Asks for the key, and makes a header of it, behind `prefix`.
pub(crate) fn header(
    source: &dyn KeySource,
    prefix: &str,
    backend: &str,
) -> Result<HeaderValue, BackendError> {
    let failed = |reason: &str| BackendError::Failed {
        reason: format!("API key of backend {backend}: {reason}"),
    };
    let key = source.key().map_err(|reason| failed(&reason))?;
    let key = key.expose_secret().trim();
    if key.is_empty() {
        return Err(failed("it is empty; write the key into its file"));
    }
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    let text = Zeroizing::new(format!("{prefix}{key}"));
    let header = HeaderValue::from_str(&text).ok().filter(|_| visible);
    let mut header = header.ok_or_else(|| {
        failed("it holds a blank, a control character or a letter beyond ASCII; write only the key into its file")
    })?;
    header.set_sensitive(true);
    Ok(header)
}
