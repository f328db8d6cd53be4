//! Reading a request's body within its bounds of size and time.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::mcp::errors::Error;

/// Reads a whole body.
pub(super) async fn read(body: Body, limit_bytes: usize, limit: Duration) -> Result<Bytes, Error> {
    match tokio::time::timeout(limit, Limited::new(body, limit_bytes).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Error::BodyTooLarge { limit_bytes }),
        Ok(Err(_)) => Err(Error::BodyBroken),
        Err(_) => Err(Error::BodyTimeout { limit }),
    }
}
