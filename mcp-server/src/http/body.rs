//! Reading a request's body within its bounds of size and time.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use crate::mcp::errors::Error;

/// How many times the bound is read, and thrown away, of a body that is too large: a client that is cut
/// off while it still sends may never see the refusal.
const PATIENCE: usize = 4;

/// Reads a whole body.
pub(super) async fn read(body: Body, limit_bytes: usize, limit: Duration) -> Result<Bytes, Error> {
    match tokio::time::timeout(limit, collect(body, limit_bytes)).await {
        Ok(collected) => collected,
        Err(_) => Err(Error::BodyTimeout { limit }),
    }
}

async fn collect(mut body: Body, limit_bytes: usize) -> Result<Bytes, Error> {
    let mut collected = BytesMut::new();
    let mut received_bytes = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::BodyBroken)?.into_data() else {
            continue;
        };
        received_bytes = received_bytes.saturating_add(data.len());
        if received_bytes <= limit_bytes {
            collected.extend_from_slice(&data);
        } else if received_bytes > limit_bytes.saturating_mul(PATIENCE) {
            break;
        }
    }
    if received_bytes > limit_bytes {
        return Err(Error::BodyTooLarge { limit_bytes });
    }
    Ok(collected.freeze())
}
