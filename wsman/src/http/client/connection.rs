//! One connection: requests after each other, driven by whoever waits for the answer.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;

use super::connector::Stream;
use super::conversation::Failure;
use crate::auth::{ClientContext, ConnectionSecurity};
use crate::exchange::{ExchangeError, ExchangeErrorKind};

/// The longest head of an answer. A last Negotiate token has at most 64 KiB before base64.
const MAX_HEAD_LEN: usize = 128 * 1024;

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// A connection and the authentication that belongs to it.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Moves the bytes while it is polled; `None` once the connection has ended.
    driver: Option<Driver>,
    pub(super) security: ConnectionSecurity,
    pub(super) context: Option<Box<dyn ClientContext>>,
    /// The context is complete and holds for the connection.
    pub(super) authenticated: bool,
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Connection {
    pub(super) async fn open(
        stream: Box<dyn Stream>,
        security: ConnectionSecurity,
    ) -> Result<Self, ExchangeError> {
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_LEN)
            .title_case_headers(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| {
                ExchangeError::new(ExchangeErrorKind::Connect, "the connection ended at once")
                    .with_source(error)
            })?;
        Ok(Self {
            sender,
            driver: Some(Box::pin(driver)),
            security,
            context: None,
            authenticated: false,
        })
    }

    /// Whether the connection can take a request: the answer before is complete and the server has not closed it.
    pub(super) async fn is_ready(&mut self) -> bool {
        // One look is enough: what the driver has to do between two requests it does without waiting.
        let driver = &mut self.driver;
        poll_fn(|cx| {
            if let Some(running) = driver
                && running.as_mut().poll(cx).is_ready()
            {
                *driver = None;
            }
            Poll::Ready(())
        })
        .await;
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Sends a request and reads the whole answer, at most `max_len` bytes of it.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        max_len: usize,
    ) -> Result<Answer, Failure> {
        let sending = self.sender.try_send_request(request);
        let response = match drive(&mut self.driver, sending).await {
            Some(Ok(response)) => response,
            Some(Err(mut failed)) => {
                let unsent = failed.take_message().is_some();
                let error = lost(failed.into_error());
                return Err(if unsent {
                    Failure::NotExecuted(error)
                } else {
                    Failure::Final(error)
                });
            }
            None => return Err(Failure::Final(cut_off())),
        };
        let (head, body) = response.into_parts();
        if body.size_hint().lower() > max_len as u64 {
            return Err(Failure::Final(too_large(max_len)));
        }
        let body = drive(&mut self.driver, Limited::new(body, max_len).collect())
            .await
            .ok_or_else(|| Failure::Final(cut_off()))?
            .map_err(|error| Failure::Final(body_error(error, max_len)))?
            .to_bytes();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }
}

/// Waits for `wanted` while the connection is driven; `None` when the connection ended without it.
async fn drive<F: Future>(driver: &mut Option<Driver>, wanted: F) -> Option<F::Output> {
    let mut wanted = pin!(wanted);
    poll_fn(|cx| {
        if let Poll::Ready(output) = wanted.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        if let Some(running) = driver
            && running.as_mut().poll(cx).is_ready()
        {
            // Why it ended is told to whoever waits for the answer, too.
            *driver = None;
        }
        // The driver may just have delivered, or ended for good.
        match wanted.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if driver.is_none() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn lost(error: hyper::Error) -> ExchangeError {
    if error.is_parse() {
        ExchangeError::new(ExchangeErrorKind::Protocol, "the answer is not HTTP").with_source(error)
    } else {
        ExchangeError::new(
            ExchangeErrorKind::ConnectionLost,
            "the connection broke before the answer was complete",
        )
        .with_source(error)
    }
}

fn cut_off() -> ExchangeError {
    ExchangeError::new(
        ExchangeErrorKind::ConnectionLost,
        "the server closed the connection before the answer was complete",
    )
}

fn too_large(max_len: usize) -> ExchangeError {
    ExchangeError::new(
        ExchangeErrorKind::TooLarge,
        format!("the answer is larger than {max_len} bytes"),
    )
}

fn body_error(error: Box<dyn StdError + Send + Sync>, max_len: usize) -> ExchangeError {
    if error.is::<LengthLimitError>() {
        return too_large(max_len);
    }
    match error.downcast::<hyper::Error>() {
        Ok(error) => lost(*error),
        Err(_) => cut_off(),
    }
}
