//! The sessions that are at the endpoint, whose they are, and when they are given up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;
use wsman::shell::{BufferMode, ShellId};

use super::config::EndpointConfig;
use super::session::SessionHandle;

/// One session and what is known of it beside its pool.
pub(super) struct Entry {
    pub(super) shell_id: ShellId,
    pub(super) name: Option<String>,
    pub(super) resource_uri: String,
    pub(super) owner: String,
    pub(super) locale: Option<String>,
    pub(super) data_locale: Option<String>,
    pub(super) created: Instant,
    pub(super) handle: SessionHandle,
    contact: Mutex<Contact>,
}

/// Who is connected and when they were last heard of.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    /// What the client calls its session; only the same may reconnect.
    pub(super) session_id: Option<String>,
    pub(super) client: String,
    pub(super) idle_timeout: Duration,
    pub(super) buffer_mode: BufferMode,
    /// When a request last began or ended.
    last: Instant,
    /// Requests under way.
    requests: usize,
    /// When a client's connection broke in the middle of a request, unless it came back.
    lost: Option<Instant>,
}

impl Entry {
    pub(super) fn new(
        shell_id: ShellId,
        resource_uri: String,
        owner: String,
        handle: SessionHandle,
        contact: (Option<String>, String, Duration, BufferMode),
    ) -> Self {
        let now = Instant::now();
        let (session_id, client, idle_timeout, buffer_mode) = contact;
        Self {
            shell_id,
            name: None,
            resource_uri,
            owner,
            locale: None,
            data_locale: None,
            created: now,
            handle,
            contact: Mutex::new(Contact {
                session_id,
                client,
                idle_timeout,
                buffer_mode,
                last: now,
                requests: 0,
                lost: None,
            }),
        }
    }

    pub(super) fn contact(&self) -> MutexGuard<'_, Contact> {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long nobody has asked for anything.
    pub(super) fn inactivity(&self) -> Duration {
        let contact = self.contact();
        if contact.requests > 0 {
            Duration::ZERO
        } else {
            contact.last.elapsed()
        }
    }

    /// Whether a client holds the session, as far as can be told.
    pub(super) fn is_connected(&self, config: &EndpointConfig) -> bool {
        if self.handle.is_disconnected() {
            return false;
        }
        let contact = self.contact();
        if contact.requests > 0 {
            return true;
        }
        let lost = contact
            .lost
            .is_some_and(|since| since.elapsed() >= config.takeover_after);
        !lost && contact.last.elapsed() < config.silence_after
    }

    fn is_expired(&self) -> bool {
        let contact = self.contact();
        contact.requests == 0 && contact.last.elapsed() >= contact.idle_timeout
    }
}

/// A request that is under way at a session. Forgotten before it was answered, it tells that its
/// client's connection broke.
pub(super) struct Visit {
    entry: Arc<Entry>,
    answered: bool,
}

impl Visit {
    pub(super) fn begin(entry: Arc<Entry>) -> Self {
        let mut contact = entry.contact();
        contact.requests += 1;
        contact.lost = None;
        contact.last = Instant::now();
        drop(contact);
        Self {
            entry,
            answered: false,
        }
    }

    pub(super) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The answer is on its way.
    pub(super) fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut contact = self.entry.contact();
        contact.requests = contact.requests.saturating_sub(1);
        contact.last = Instant::now();
        if !self.answered {
            contact.lost = Some(Instant::now());
        }
    }
}

/// All sessions.
#[derive(Default)]
pub(super) struct Registry {
    sessions: Mutex<HashMap<Uuid, Arc<Entry>>>,
}

/// Why there can be no further session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// The id is taken.
    Exists,
    /// The user has as many as one may have.
    UserQuota,
    /// The endpoint has as many as it may have.
    Quota,
}

impl Registry {
    pub(super) fn add(
        &self,
        id: Uuid,
        entry: Entry,
        config: &EndpointConfig,
    ) -> Result<Arc<Entry>, Refusal> {
        let mut sessions = self.lock();
        if sessions.contains_key(&id) {
            return Err(Refusal::Exists);
        }
        if sessions.len() >= config.max_sessions {
            return Err(Refusal::Quota);
        }
        let own = sessions
            .values()
            .filter(|other| other.owner == entry.owner)
            .count();
        if own >= config.max_sessions_per_user {
            return Err(Refusal::UserQuota);
        }
        let entry = Arc::new(entry);
        sessions.insert(id, Arc::clone(&entry));
        Ok(entry)
    }

    /// The session, if it is this user's.
    pub(super) fn find(&self, id: Uuid, owner: &str) -> Option<Arc<Entry>> {
        self.lock()
            .get(&id)
            .filter(|entry| entry.owner == owner)
            .cloned()
    }

    pub(super) fn of_user(&self, owner: &str) -> Vec<Arc<Entry>> {
        let mut found: Vec<_> = self
            .lock()
            .values()
            .filter(|entry| entry.owner == owner)
            .cloned()
            .collect();
        found.sort_by_key(|entry| entry.created);
        found
    }

    pub(super) fn remove(&self, id: Uuid) {
        self.lock().remove(&id);
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Takes out the sessions whose idle time is over, and those that have ended.
    pub(super) fn take_over_due(&self) -> Vec<Arc<Entry>> {
        let mut due = Vec::new();
        self.lock().retain(|_, entry| {
            if entry.handle.is_closed() && entry.inactivity() > CLOSED_KEPT {
                return false;
            }
            if entry.is_expired() {
                due.push(Arc::clone(entry));
                return false;
            }
            true
        });
        due
    }

    pub(super) fn take_all(&self) -> Vec<Arc<Entry>> {
        self.lock().drain().map(|(_, entry)| entry).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Entry>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a session that ended by itself stays known, for its client to hear of the end.
const CLOSED_KEPT: Duration = Duration::from_secs(5);
