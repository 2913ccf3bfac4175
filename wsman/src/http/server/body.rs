//! Reading the bodies of requests, no more of them than allowed and no longer than allowed.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

/// How much of a body that nobody wants is read, so that the client gets round to reading the answer.
const DISCARDED_LEN: usize = 512 * 1024;
/// How long that may take.
const DISCARDED_FOR: Duration = Duration::from_secs(5);

/// Reads a whole body; otherwise gives the status to answer, after which the connection has to be closed.
pub(super) async fn read(
    body: Incoming,
    max_len: usize,
    limit: Duration,
) -> Result<Bytes, StatusCode> {
    if body.size_hint().lower() > max_len as u64 {
        discard(body).await;
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match timeout(limit, Limited::new(body, max_len).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Reads a body and forgets it. Gives whether all of it is gone, so that the connection can go on.
pub(super) async fn discard(body: Incoming) -> bool {
    let mut body = Limited::new(body, DISCARDED_LEN);
    let all = async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return false;
            }
        }
        true
    };
    timeout(DISCARDED_FOR, all).await.unwrap_or(false)
}
