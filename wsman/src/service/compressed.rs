//! The shells whose streams are compressed.

use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::shell::{
    CreateResponse, ReceiveResponse, Send as SendInput, ShellId, StreamData, read_blocks,
    store_blocks,
};
use crate::soap::{ErrorCode, Fault};

/// What the description of such a shell says.
const COMPRESSION_MODE: &str = "XpressCompression";

/// More shells than this at once are not compressed: what is remembered of those that nobody deletes has a bound.
const MOST: usize = 65_536;

/// Takes compression off what comes in and puts it onto what goes out, so that no service knows of it.
#[derive(Debug, Default)]
pub(super) struct Compressed {
    shells: Mutex<HashSet<ShellId>>,
}

impl Compressed {
    /// A shell is there. If its client has `asked` for compression, says so in the answer and remembers the shell.
    ///
    /// A server that says `NoCompression` has refused, and so has one that does not describe its shell. An id may come
    /// back after its shell has died of silence, which nobody tells us.
    pub(super) fn begin(&self, asked: bool, created: &mut CreateResponse) {
        let (Some(id), Some(shell)) = (created.shell_id(), &mut created.shell) else {
            return;
        };
        let mut shells = self.lock();
        shells.remove(&id);
        if asked && shells.len() < MOST {
            shell.compression_mode = Some(COMPRESSION_MODE.to_owned());
            shells.insert(id);
        }
    }

    /// The shell is gone.
    pub(super) fn end(&self, shell: &ShellId) {
        self.lock().remove(shell);
    }

    /// Makes input what it was, up to `limit` bytes.
    pub(super) fn expand(
        &self,
        shell: &ShellId,
        input: &mut SendInput,
        limit: usize,
    ) -> Result<(), Box<Fault>> {
        if !self.lock().contains(shell) {
            return Ok(());
        }
        let mut left = limit;
        let expanded = mem::take(&mut input.streams).into_iter().map(|stream| {
            let data = read_blocks(&stream.data, left).map_err(|error| {
                let reason = format!("The input cannot be decompressed: {error}. ");
                Box::new(Fault::new(ErrorCode::INVALID_PARAMETER, reason))
            })?;
            left -= data.len();
            let data = data.into();
            Ok(StreamData { data, ..stream })
        });
        input.streams = expanded.collect::<Result<_, Box<Fault>>>()?;
        Ok(())
    }

    /// Makes output what the client expects.
    pub(super) fn store(&self, shell: &ShellId, received: &mut ReceiveResponse) {
        if !self.lock().contains(shell) {
            return;
        }
        let streams = mem::take(&mut received.streams).into_iter();
        received.streams = streams
            .map(|stream| StreamData {
                data: store_blocks(&stream.data),
                ..stream
            })
            .collect();
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<ShellId>> {
        // Nothing that holds the lock can leave the set half changed.
        self.shells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
