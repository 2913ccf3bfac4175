//! Listings that are taken in several parts.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::shell::EnumerationItem;
use crate::soap::{ErrorCode, Fault, XmlWriter};

/// The listings that are under way, by their contexts.
#[derive(Debug)]
pub(super) struct Enumerations {
    listings: Mutex<HashMap<String, Listing>>,
    idle: Duration,
    per_user: usize,
}

#[derive(Debug)]
struct Listing {
    user: String,
    resource_uri: String,
    items: VecDeque<EnumerationItem>,
    expires: Instant,
}

/// A part of a listing.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) context: String,
    pub(super) items: Vec<EnumerationItem>,
    pub(super) is_last: bool,
}

impl Enumerations {
    /// Listings that lapse when nobody has asked for `idle`, at most `per_user` for each user.
    pub(super) fn new(idle: Duration, per_user: usize) -> Self {
        Self {
            listings: Mutex::default(),
            idle,
            per_user,
        }
    }

    /// Begins a listing with its first page.
    pub(super) fn begin(
        &self,
        user: &str,
        resource_uri: &str,
        items: Vec<EnumerationItem>,
        first: PageSize,
    ) -> Result<Page, Box<Fault>> {
        let mut items = VecDeque::from(items);
        let page = first.take(&mut items)?;
        if items.is_empty() && first.elements > 0 {
            return Ok(Page {
                context: String::new(),
                items: page,
                is_last: true,
            });
        }
        let now = Instant::now();
        let mut listings = self.lock();
        listings.retain(|_, listing| listing.expires > now);
        if listings
            .values()
            .filter(|listing| listing.user == user)
            .count()
            >= self.per_user
        {
            let reason = "The user has too many enumerations under way. ";
            return Err(Box::new(Fault::new(ErrorCode::QUOTA_LIMIT, reason)));
        }
        let context = format!("uuid:{:X}", Uuid::new_v4().hyphenated());
        let listing = Listing {
            user: user.to_owned(),
            resource_uri: resource_uri.to_owned(),
            items,
            expires: now + self.idle,
        };
        listings.insert(context.clone(), listing);
        Ok(Page {
            context,
            items: page,
            is_last: false,
        })
    }

    /// The next page.
    pub(super) fn pull(
        &self,
        user: &str,
        resource_uri: &str,
        context: &str,
        size: PageSize,
    ) -> Result<Page, Box<Fault>> {
        let now = Instant::now();
        let mut listings = self.lock();
        listings.retain(|_, listing| listing.expires > now);
        let listing = listings
            .get_mut(context)
            .filter(|listing| listing.is_for(user, resource_uri));
        let listing = listing.ok_or_else(no_such_context)?;
        listing.expires = now + self.idle;
        let items = size.take(&mut listing.items)?;
        let is_last = listing.items.is_empty();
        if is_last {
            listings.remove(context);
        }
        Ok(Page {
            context: if is_last {
                String::new()
            } else {
                context.to_owned()
            },
            items,
            is_last,
        })
    }

    /// Forgets a listing.
    pub(super) fn release(
        &self,
        user: &str,
        resource_uri: &str,
        context: &str,
    ) -> Result<(), Box<Fault>> {
        let now = Instant::now();
        let mut listings = self.lock();
        listings.retain(|_, listing| listing.expires > now);
        if !listings
            .get(context)
            .is_some_and(|listing| listing.is_for(user, resource_uri))
        {
            return Err(no_such_context());
        }
        listings.remove(context);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Listing>> {
        // Nothing that holds the lock can leave the map half changed.
        self.listings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listing {
    fn is_for(&self, user: &str, resource_uri: &str) -> bool {
        self.user == user && self.resource_uri.eq_ignore_ascii_case(resource_uri)
    }
}

/// How much one page holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageSize {
    pub(super) elements: usize,
    pub(super) bytes: usize,
}

impl PageSize {
    fn take(
        self,
        items: &mut VecDeque<EnumerationItem>,
    ) -> Result<Vec<EnumerationItem>, Box<Fault>> {
        let (mut page, mut bytes) = (Vec::new(), 0);
        while page.len() < self.elements {
            let Some(item) = items.front() else { break };
            let mut writer = XmlWriter::default();
            item.write(&mut writer);
            bytes += writer.into_bytes().len();
            if bytes > self.bytes {
                if page.is_empty() {
                    let reason = "An item is larger than the MaxEnvelopeSize of the request. ";
                    return Err(Box::new(Fault::new(
                        ErrorCode::MAX_ENVELOPE_SIZE_EXCEEDED,
                        reason,
                    )));
                }
                break;
            }
            page.extend(items.pop_front());
        }
        Ok(page)
    }
}

fn no_such_context() -> Box<Fault> {
    let reason = "The enumeration context is not valid: it has expired or never was. ";
    Box::new(Fault::new(ErrorCode::INVALID_ENUMERATION_CONTEXT, reason))
}
