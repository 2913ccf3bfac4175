//! What a pipeline has brought and nobody has taken yet.
//!
//! The driver puts things in and never waits; whoever reads takes them out and tells the driver
//! when there is room again. Between the two marks the transport is told to hold the pipeline
//! back, so a slow reader makes the server wait instead of this queue grow.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use psrp_codec::{Encoded, PipelineId};
use runspace::OutputStream;
use tokio::sync::{Notify, mpsc};

use crate::Error;

/// Bytes of waiting output above which the pipeline is held back.
const HIGH_MARK: usize = 1024 * 1024;
/// Things waiting above which it is held back, however small they are.
const HIGH_COUNT: usize = 1024;

/// How a pipeline ended, as its reader is told.
#[derive(Debug)]
pub(crate) enum End {
    /// It completed.
    Completed,
    /// It was stopped.
    Stopped,
    /// It failed, with the server's record of why if it gave one.
    Failed(Option<Box<psrp_codec::ErrorRecord>>),
    /// The session was disconnected; the pipeline goes on at the server.
    Disconnected,
    /// The session was lost.
    Lost(Error),
}

/// One thing that a pipeline brought.
#[derive(Debug)]
pub(crate) struct Brought {
    pub(crate) stream: OutputStream,
    pub(crate) value: Option<Encoded>,
}

/// The two ends share this.
#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    more: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Brought>,
    bytes: usize,
    held: bool,
    end: Option<End>,
    /// The reader is gone: nothing is kept any more.
    abandoned: bool,
}

/// The driver's end.
#[derive(Debug)]
pub(crate) struct Inlet(Arc<Shared>);

/// The reader's end. Dropping it tells the driver that nobody wants the rest.
#[derive(Debug)]
pub(crate) struct Outlet {
    shared: Arc<Shared>,
    pipeline: PipelineId,
    wishes: mpsc::UnboundedSender<Wish>,
    ended: bool,
}

/// What a reader wants of the driver. At most a few are ever under way for each pipeline.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wish {
    /// There is room again.
    Resume(PipelineId),
    /// Nobody reads this pipeline any more.
    Abandon(PipelineId),
}

/// A new queue for `pipeline`.
pub(crate) fn outlet(pipeline: PipelineId, wishes: mpsc::UnboundedSender<Wish>) -> (Inlet, Outlet) {
    let shared = Arc::new(Shared {
        queue: Mutex::default(),
        more: Notify::new(),
    });
    let inlet = Inlet(Arc::clone(&shared));
    (
        inlet,
        Outlet {
            shared,
            pipeline,
            wishes,
            ended: false,
        },
    )
}

impl Inlet {
    /// Puts something in; tells whether the pipeline must be held back from now on.
    #[must_use]
    pub(crate) fn put(&self, item: Brought) -> bool {
        let mut queue = lock(&self.0.queue);
        if queue.abandoned {
            return false;
        }
        queue.bytes += size(&item);
        queue.items.push_back(item);
        let over = queue.bytes > HIGH_MARK || queue.items.len() > HIGH_COUNT;
        let hold = over && !queue.held;
        queue.held |= over;
        drop(queue);
        self.0.more.notify_one();
        hold
    }

    /// Whether the pipeline is to be held back until its reader has caught up.
    pub(crate) fn is_held(&self) -> bool {
        lock(&self.0.queue).held
    }

    /// Nothing more comes.
    pub(crate) fn end(&self, end: End) {
        let mut queue = lock(&self.0.queue);
        queue.end.get_or_insert(end);
        drop(queue);
        self.0.more.notify_one();
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        // The driver is gone without a word: a reader must not wait for ever.
        self.end(End::Lost(Error::new(
            crate::ErrorKind::InvalidState,
            "the session was dropped while the pipeline ran",
        )));
    }
}

impl Outlet {
    pub(crate) const fn pipeline(&self) -> PipelineId {
        self.pipeline
    }

    /// The next thing, or how it ended. Cancel-safe. After the end it waits for ever.
    pub(crate) async fn take(&mut self) -> Result<Brought, End> {
        loop {
            let more = self.shared.more.notified();
            {
                let mut queue = lock(&self.shared.queue);
                if let Some(item) = queue.items.pop_front() {
                    queue.bytes -= size(&item);
                    let low = queue.bytes <= HIGH_MARK / 2 && queue.items.len() <= HIGH_COUNT / 2;
                    if queue.held && low {
                        queue.held = false;
                        let _driver_gone = self.wishes.send(Wish::Resume(self.pipeline));
                    }
                    return Ok(item);
                }
                if let Some(end) = queue.end.take() {
                    self.ended = true;
                    return Err(end);
                }
            }
            more.await;
        }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let mut queue = lock(&self.shared.queue);
        queue.abandoned = true;
        queue.items.clear();
        let ended = self.ended || queue.end.is_some();
        drop(queue);
        if !ended {
            let _driver_gone = self.wishes.send(Wish::Abandon(self.pipeline));
        }
    }
}

fn size(item: &Brought) -> usize {
    item.value
        .as_ref()
        .map_or(0, |value| value.as_bytes().len())
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use uuid::Uuid;

    use super::*;

    fn pair() -> (Inlet, Outlet, mpsc::UnboundedReceiver<Wish>) {
        let (wishes, wished) = mpsc::unbounded_channel();
        let pipeline = PipelineId::new(Uuid::from_u128(1)).unwrap();
        let (inlet, outlet) = outlet(pipeline, wishes);
        (inlet, outlet, wished)
    }

    fn item(len: usize) -> Brought {
        let value = Encoded::new(Bytes::from(vec![b' '; len]));
        Brought {
            stream: OutputStream::Output,
            value: Some(value),
        }
    }

    #[tokio::test]
    async fn a_slow_reader_holds_the_pipeline_back_once_and_lets_it_go_once() {
        let (inlet, mut outlet, mut wished) = pair();
        let mut holds = 0;
        for _ in 0..20 {
            holds += usize::from(inlet.put(item(100_000)));
        }
        assert_eq!(holds, 1);
        for _ in 0..20 {
            outlet.take().await.unwrap();
        }
        assert!(matches!(wished.try_recv(), Ok(Wish::Resume(_))));
        assert!(wished.try_recv().is_err());
    }

    #[tokio::test]
    async fn what_came_is_read_before_the_end_and_a_dropped_driver_is_an_end() {
        let (inlet, mut outlet, _wished) = pair();
        assert!(!inlet.put(item(1)));
        drop(inlet);
        assert!(outlet.take().await.is_ok());
        assert!(matches!(outlet.take().await, Err(End::Lost(_))));
    }

    #[tokio::test]
    async fn a_reader_that_leaves_early_says_so_and_one_that_saw_the_end_does_not() {
        let (_inlet, outlet, mut wished) = pair();
        drop(outlet);
        assert!(matches!(wished.try_recv(), Ok(Wish::Abandon(_))));

        let (inlet, mut outlet, mut wished) = pair();
        inlet.end(End::Completed);
        assert!(matches!(outlet.take().await, Err(End::Completed)));
        drop(outlet);
        assert!(wished.try_recv().is_err());
    }
}
