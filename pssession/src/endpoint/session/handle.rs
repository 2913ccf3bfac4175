//! How transports reach a session.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use psrp_codec::PipelineId;
use runspace::{BufferMode, ServerInput, Target};
use tokio::sync::oneshot;

use super::{Answer, OpenRequest, Received, Request, SessionHandle};

impl SessionHandle {
    /// Hands the session an input and waits for what becomes of it.
    pub(crate) async fn input(&self, input: ServerInput) -> Answer {
        let (reply, answer) = oneshot::channel();
        if self
            .requests
            .send(Request::Input { input, reply })
            .await
            .is_err()
        {
            return Answer::Gone;
        }
        answer.await.unwrap_or(Answer::Gone)
    }

    /// Hands the session all of `pieces` or, when this is dropped before they are in its queue,
    /// none of them.
    pub(crate) async fn send(&self, pieces: Vec<ServerInput>) -> Answer {
        let (reply, answer) = oneshot::channel();
        let request = Request::Send { pieces, reply };
        if self.requests.send(request).await.is_err() {
            return Answer::Gone;
        }
        answer.await.unwrap_or(Answer::Gone)
    }

    /// Waits for what a target has to say. Nothing is taken when this is dropped: not even what
    /// was on its way here already.
    pub(crate) async fn receive(&self, target: Target, max_len: usize) -> Option<Received> {
        let (reply, answer) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let open = OpenRequest {
            max_len,
            reply,
            taken: Arc::clone(&taken),
        };
        self.requests
            .send(Request::Receive { target, open })
            .await
            .ok()?;
        let received = answer.await.ok();
        taken.store(true, Ordering::Release);
        received
    }

    pub(crate) async fn set_buffer_mode(&self, mode: BufferMode) {
        // A session that is gone buffers nothing.
        let _gone = self.requests.send(Request::BufferMode(mode)).await;
    }

    pub(crate) async fn expire(&self) {
        let _gone = self.requests.send(Request::Expire).await;
    }

    pub(crate) fn is_disconnected(&self) -> bool {
        self.shared.disconnected.load(Ordering::Acquire)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire) || self.requests.is_closed()
    }

    /// The pipelines that are in it.
    pub(crate) fn pipelines(&self) -> Vec<PipelineId> {
        self.shared
            .pipelines
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}
