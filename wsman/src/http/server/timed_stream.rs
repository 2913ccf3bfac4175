//! A stream that gives up on peers that are too slow, by what the connection is doing.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::ServerLimits;

/// What a connection is doing; shared between the stream and whoever answers its requests.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    head_timeout: Duration,
    idle_timeout: Duration,
    write_timeout: Duration,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    authenticated: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Between requests.
    Idle,
    /// The first bytes of a request are in, but not all of its head.
    Head,
    /// A request is being answered. Its body has a limit of its own, its answer none: it may be a long poll.
    Busy,
}

impl Activity {
    pub(super) fn new(limits: &ServerLimits) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                phase: Phase::Idle,
                since: Instant::now(),
                authenticated: false,
            }),
            head_timeout: limits.head_timeout,
            idle_timeout: limits.idle_timeout,
            write_timeout: limits.write_timeout,
        })
    }

    /// A request begins; the connection is idle again when the guard is dropped.
    pub(super) fn busy(self: &Arc<Self>) -> BusyGuard {
        self.enter(Phase::Busy);
        BusyGuard(Arc::clone(self))
    }

    /// From now on the connection may wait longer for its next request.
    pub(super) fn set_authenticated(&self) {
        self.state().authenticated = true;
    }

    fn enter(&self, phase: Phase) {
        let mut state = self.state();
        state.phase = phase;
        state.since = Instant::now();
    }

    fn on_bytes(&self) {
        let mut state = self.state();
        if state.phase == Phase::Idle {
            state.phase = Phase::Head;
            state.since = Instant::now();
        }
    }

    /// When the stream gives up on more bytes.
    fn read_deadline(&self) -> Option<Instant> {
        let state = self.state();
        match state.phase {
            Phase::Idle if state.authenticated => Some(state.since + self.idle_timeout),
            // The same clock for a stranger's silence and for its first head: sending a byte now and then buys
            // nothing.
            Phase::Idle | Phase::Head => Some(state.since + self.head_timeout),
            Phase::Busy => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each field is valid by itself, whatever happened to another.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Activity::busy`].
pub(super) struct BusyGuard(Arc<Activity>);

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

/// Reads and writes that fail with [`io::ErrorKind::TimedOut`] when the peer is too slow.
pub(super) struct TimedStream<S> {
    inner: S,
    activity: Arc<Activity>,
    reading: Pin<Box<Sleep>>,
    writing: Pin<Box<Sleep>>,
    /// The last write could not go on, and `writing` says until when it may wait.
    stalled: bool,
}

impl<S> TimedStream<S> {
    pub(super) fn new(inner: S, activity: Arc<Activity>) -> Self {
        let now = Instant::now();
        Self {
            inner,
            activity,
            reading: Box::pin(sleep_until(now)),
            writing: Box::pin(sleep_until(now)),
            stalled: false,
        }
    }

    /// Passes a write on, or fails when none has got through for too long.
    fn watch_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = false;
            return written;
        }
        if !self.stalled {
            self.stalled = true;
            let deadline = Instant::now() + self.activity.write_timeout;
            self.writing.as_mut().reset(deadline);
        }
        ready!(self.writing.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        if let Poll::Ready(result) = Pin::new(&mut this.inner).poll_read(cx, buf) {
            if buf.filled().len() > before {
                this.activity.on_bytes();
            }
            return Poll::Ready(result);
        }
        let Some(deadline) = this.activity.read_deadline() else {
            return Poll::Pending;
        };
        if this.reading.deadline() != deadline {
            this.reading.as_mut().reset(deadline);
        }
        ready!(this.reading.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.watch_write(cx, written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.inner).poll_flush(cx);
        this.watch_write(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.watch_write(cx, shut)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.watch_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
