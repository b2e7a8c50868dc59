//! Inboxes: where a server keeps the webhooks that it is sent itself, for a test that has no receiver of its own. They
//! are the server's and not a world's, because a sender has no key.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::clock::VirtualTime;

/// The most inboxes.
pub const INBOXES_MAX: usize = 100;
/// The most messages in one; the oldest go.
pub const MESSAGES_MAX: usize = 1_000;
/// The most bytes in one, headers included; the oldest go.
pub const BYTES_MAX: usize = 2 * 1024 * 1024;
/// The longest name.
pub const NAME_MAX: usize = 64;

/// What was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place among those of its inbox, from one on.
    pub number: u64,
    /// When, by the wall clock.
    pub at: VirtualTime,
    /// Its headers, as far as they are text.
    pub headers: Vec<(Box<str>, Box<str>)>,
    /// Its body.
    pub body: Bytes,
}

impl Message {
    /// The first header of this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(its, _)| **its == *name).map(|(_, value)| &**value)
    }

    fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        headers + self.body.len()
    }
}

/// One inbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// Oldest first.
    pub messages: VecDeque<Message>,
    /// How many it has received.
    pub received: u64,
    bytes: usize,
}

/// Every inbox of a server.
#[derive(Debug, Default)]
pub struct Inboxes(Mutex<BTreeMap<Box<str>, Inbox>>);

/// Why a message finds no inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInbox {
    /// The name cannot be one.
    Name,
    /// There are as many as the server keeps.
    TooMany,
}

/// Whether an inbox may be called so.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.len() <= NAME_MAX && name.bytes().all(plain)
}

impl Inboxes {
    /// Keeps what was received.
    pub fn receive(
        &self,
        name: &str,
        at: VirtualTime,
        headers: Vec<(Box<str>, Box<str>)>,
        body: Bytes,
    ) -> Result<(), NoInbox> {
        if !is_name(name) {
            return Err(NoInbox::Name);
        }
        let mut inboxes = self.lock();
        if inboxes.len() >= INBOXES_MAX && !inboxes.contains_key(name) {
            return Err(NoInbox::TooMany);
        }
        let inbox = inboxes.entry(name.into()).or_default();
        inbox.received += 1;
        let message = Message { number: inbox.received, at, headers, body };
        inbox.bytes += message.weight();
        inbox.messages.push_back(message);
        while inbox.messages.len() > MESSAGES_MAX || inbox.bytes > BYTES_MAX {
            let Some(oldest) = inbox.messages.pop_front() else { break };
            inbox.bytes -= oldest.weight();
        }
        Ok(())
    }

    /// What is in an inbox; an empty one if nothing was ever sent to it.
    pub fn read(&self, name: &str) -> Inbox {
        self.lock().get(name).cloned().unwrap_or_default()
    }

    /// Forgets an inbox.
    pub fn clear(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Box<str>, Inbox>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::MANUAL_START;

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_they_are_too_large() {
        let inboxes = Inboxes::default();
        let receive =
            |name: &str, length| inboxes.receive(name, MANUAL_START, Vec::new(), vec![b'x'; length].into());
        for _ in 0..=MESSAGES_MAX {
            receive("many", 1).unwrap();
        }
        let many = inboxes.read("many");
        assert_eq!((many.messages.len(), many.received, many.messages[0].number), (MESSAGES_MAX, 1_001, 2));
        for _ in 0..3 {
            receive("large", BYTES_MAX / 2).unwrap();
        }
        assert_eq!(inboxes.read("large").messages.len(), 2);
        inboxes.clear("large");
        assert_eq!(inboxes.read("large"), Inbox::default());
    }

    #[test]
    fn a_server_has_so_many_inboxes_with_plain_names() {
        let inboxes = Inboxes::default();
        let receive = |name: &str| inboxes.receive(name, MANUAL_START, Vec::new(), Bytes::new());
        for bad in ["", "a b", "ä", "a/b", &"x".repeat(NAME_MAX + 1)] {
            assert_eq!(receive(bad), Err(NoInbox::Name), "{bad}");
        }
        for number in 0..INBOXES_MAX {
            receive(&format!("a-{number}")).unwrap();
        }
        assert_eq!(receive("b"), Err(NoInbox::TooMany));
        receive("a-0").unwrap();
    }
}
