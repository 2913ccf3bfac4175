//! What a pipeline has brought and nobody has taken yet.
//!
//! The driver puts things in and never waits; whoever reads takes them out, and thereby tells the
//! driver when to ask the server for more. Unless it reads ahead, that is when everything has been
//! taken and the reader has come back for the next: whoever asks a server for more confirms what
//! came before, and the server forgets it. So what a reader has not finished with can still be
//! had from the server when this process dies. With read-ahead there are marks: a slow reader
//! makes the server wait instead of this queue grow.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use psrp_codec::{Encoded, PipelineId};
use runspace::OutputStream;
use tokio::sync::{Notify, mpsc};

use crate::Error;

/// Bytes of waiting output above which nothing is read ahead.
const HIGH_MARK: usize = 1024 * 1024;
/// Things waiting above which nothing is read ahead, however small they are.
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
    /// More has been asked for since something came last.
    asked: bool,
    /// The reader has taken something and not come back for the next.
    unfinished: bool,
    /// More is asked for although not everything has been taken.
    reads_ahead: bool,
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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// Ask for more.
    More(PipelineId),
    /// Nobody reads this pipeline any more.
    Abandon(PipelineId),
    /// The reader knows that the pipeline has ended, or does not want to: it is of no more use.
    Finished(PipelineId),
}

/// A new queue for `pipeline`.
pub(crate) fn outlet(
    pipeline: PipelineId,
    reads_ahead: bool,
    wishes: mpsc::UnboundedSender<Wish>,
) -> (Inlet, Outlet) {
    let queue = Queue {
        reads_ahead,
        ..Queue::default()
    };
    let shared = Arc::new(Shared {
        queue: Mutex::new(queue),
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

impl Queue {
    /// Whether it is time to ask for more.
    fn is_wanting(&self) -> bool {
        match self.reads_ahead {
            _ if self.abandoned => true,
            true => self.bytes <= HIGH_MARK && self.items.len() <= HIGH_COUNT,
            false => self.items.is_empty() && !self.unfinished,
        }
    }

    /// Whether it is time again after more was not asked for: not with every single thing that a
    /// reader takes.
    fn is_wanting_again(&self) -> bool {
        let low = self.bytes <= HIGH_MARK / 2 && self.items.len() <= HIGH_COUNT / 2;
        self.is_wanting() && (low || !self.reads_ahead)
    }
}

impl Inlet {
    /// Puts something in.
    pub(crate) fn put(&self, item: Brought) {
        let mut queue = lock(&self.0.queue);
        if queue.abandoned {
            return;
        }
        queue.bytes += size(&item);
        queue.items.push_back(item);
        drop(queue);
        self.0.more.notify_one();
    }

    /// All that an answer brought has been put in; tells whether to ask for the next at once. If
    /// not, the reader will.
    #[must_use]
    pub(crate) fn answered(&self) -> bool {
        let mut queue = lock(&self.0.queue);
        queue.asked = queue.is_wanting();
        queue.asked
    }

    /// Whether more has been asked for and nothing has come yet.
    pub(crate) fn is_asked(&self) -> bool {
        lock(&self.0.queue).asked
    }

    pub(crate) fn reads_ahead(&self) -> bool {
        lock(&self.0.queue).reads_ahead
    }

    /// From now on more is asked for before everything has been taken; tells whether to ask now.
    #[must_use]
    pub(crate) fn read_ahead(&self) -> bool {
        let mut queue = lock(&self.0.queue);
        queue.reads_ahead = true;
        let ask = !queue.asked && queue.is_wanting();
        queue.asked |= ask;
        ask
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

    /// Whether there is something to take at once.
    pub(crate) fn has_items(&self) -> bool {
        !lock(&self.shared.queue).items.is_empty()
    }

    /// Whether the end is all that is left to take.
    pub(crate) fn is_at_end(&self) -> bool {
        let queue = lock(&self.shared.queue);
        queue.items.is_empty() && queue.end.is_some()
    }

    /// The next thing, or how it ended; whoever calls this has finished with what it gave before.
    /// Cancel-safe. After the end it waits for ever.
    pub(crate) async fn take(&mut self) -> Result<Brought, End> {
        loop {
            let more = self.shared.more.notified();
            {
                let mut queue = lock(&self.shared.queue);
                queue.unfinished = false;
                let item = queue.items.pop_front();
                if let Some(item) = &item {
                    queue.bytes -= size(item);
                    queue.unfinished = true;
                } else if let Some(end) = queue.end.take() {
                    self.ended = true;
                    let _driver_gone = self.wishes.send(Wish::Finished(self.pipeline));
                    return Err(end);
                }
                if !queue.asked && queue.end.is_none() && queue.is_wanting_again() {
                    queue.asked = true;
                    let _driver_gone = self.wishes.send(Wish::More(self.pipeline));
                }
                if let Some(item) = item {
                    return Ok(item);
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
        let has_end = queue.end.is_some();
        drop(queue);
        if self.ended {
            return;
        }
        let wish = if has_end {
            Wish::Finished(self.pipeline)
        } else {
            Wish::Abandon(self.pipeline)
        };
        let _driver_gone = self.wishes.send(wish);
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

    fn pair(reads_ahead: bool) -> (Inlet, Outlet, mpsc::UnboundedReceiver<Wish>) {
        let (wishes, wished) = mpsc::unbounded_channel();
        let pipeline = PipelineId::new(Uuid::from_u128(1)).unwrap();
        let (inlet, outlet) = outlet(pipeline, reads_ahead, wishes);
        (inlet, outlet, wished)
    }

    fn item(len: usize) -> Brought {
        let value = Encoded::new(Bytes::from(vec![b' '; len]));
        Brought {
            stream: OutputStream::Output,
            value: Some(value),
        }
    }

    /// Takes while there is nothing to take.
    async fn come_back(outlet: &mut Outlet) {
        let waited = tokio::time::timeout(std::time::Duration::ZERO, outlet.take()).await;
        assert!(waited.is_err(), "{waited:?}");
    }

    #[tokio::test]
    async fn more_is_asked_for_once_all_was_taken_and_the_reader_came_back() {
        let (inlet, mut outlet, mut wished) = pair(false);
        let more = Wish::More(outlet.pipeline());
        assert!(wished.try_recv().is_err(), "nobody has read yet");
        come_back(&mut outlet).await;
        come_back(&mut outlet).await;
        assert_eq!(wished.try_recv(), Ok(more));
        inlet.put(item(1));
        inlet.put(item(1));
        assert!(!inlet.answered());
        outlet.take().await.unwrap();
        outlet.take().await.unwrap();
        assert!(wished.try_recv().is_err(), "the reader has the second one");
        come_back(&mut outlet).await;
        assert_eq!(wished.try_recv(), Ok(more));
        assert!(wished.try_recv().is_err());
    }

    #[tokio::test]
    async fn an_answer_with_nothing_to_take_is_followed_by_the_next() {
        let (inlet, mut outlet, mut wished) = pair(false);
        come_back(&mut outlet).await;
        wished.try_recv().unwrap();
        assert!(inlet.answered());
        // One who takes something between its arrival and the end of the answer still has it.
        inlet.put(item(1));
        outlet.take().await.unwrap();
        assert!(!inlet.answered());
    }

    #[tokio::test]
    async fn a_slow_reader_that_reads_ahead_is_waited_for_once() {
        let (inlet, mut outlet, mut wished) = pair(true);
        come_back(&mut outlet).await;
        wished.try_recv().unwrap();
        let mut asked = 0;
        for _ in 0..20 {
            inlet.put(item(100_000));
            asked += usize::from(inlet.answered());
        }
        assert_eq!(asked, 10, "as many as are within the mark");
        for _ in 0..20 {
            outlet.take().await.unwrap();
        }
        assert!(matches!(wished.try_recv(), Ok(Wish::More(_))));
        assert!(wished.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_reader_that_has_something_can_be_made_to_read_ahead() {
        let (inlet, mut outlet, mut wished) = pair(false);
        come_back(&mut outlet).await;
        wished.try_recv().unwrap();
        inlet.put(item(1));
        assert!(!inlet.answered());
        assert!(inlet.read_ahead());
        assert!(!inlet.read_ahead(), "it is asked already");
        inlet.put(item(1));
        assert!(inlet.answered());
    }

    #[tokio::test]
    async fn what_came_is_read_before_the_end_and_a_dropped_driver_is_an_end() {
        let (inlet, mut outlet, _wished) = pair(false);
        inlet.put(item(1));
        drop(inlet);
        assert!(outlet.has_items() && !outlet.is_at_end());
        assert!(outlet.take().await.is_ok());
        assert!(outlet.is_at_end());
        assert!(matches!(outlet.take().await, Err(End::Lost(_))));
    }

    #[tokio::test]
    async fn the_end_is_of_use_until_the_reader_has_it() {
        let (inlet, mut outlet, mut wished) = pair(false);
        inlet.put(item(1));
        inlet.end(End::Completed);
        outlet.take().await.unwrap();
        assert!(wished.try_recv().is_err(), "the reader has the last thing");
        assert!(matches!(outlet.take().await, Err(End::Completed)));
        assert_eq!(wished.try_recv(), Ok(Wish::Finished(outlet.pipeline())));
        drop(outlet);
        assert!(wished.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_reader_that_leaves_early_says_so() {
        let (inlet, outlet, mut wished) = pair(false);
        drop(outlet);
        assert!(matches!(wished.try_recv(), Ok(Wish::Abandon(_))));
        inlet.put(item(1));
        assert!(inlet.answered(), "what comes is passed over");

        let (inlet, outlet, mut wished) = pair(false);
        inlet.put(item(1));
        inlet.end(End::Completed);
        drop(outlet);
        assert!(matches!(wished.try_recv(), Ok(Wish::Finished(_))));
    }
}
