//! Which worlds want the attention of whoever sends webhooks: one that has endpoints says so when something has changed
//! in it, or its clock has passed the instant of an attempt.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use crate::world::World;

/// The worlds that want attention, each once.
#[derive(Debug, Default)]
pub struct Attention {
    wanted: Mutex<HashMap<u64, Weak<World>>>,
    bell: Notify,
    last: AtomicU64,
}

/// How one world asks for attention.
#[derive(Debug)]
pub(super) struct Line {
    number: u64,
    world: Weak<World>,
    attention: Arc<Attention>,
}

impl Attention {
    /// Resolves when a world wants attention; at once if one has wanted it since the last time.
    pub async fn wanted(&self) {
        self.bell.notified().await;
    }

    /// The worlds that have wanted attention since this was last asked, each with a number of its own.
    pub fn take(&self) -> HashMap<u64, Weak<World>> {
        std::mem::take(&mut self.locked())
    }

    /// A line for a world.
    pub(super) fn line(self: &Arc<Self>, world: &Arc<World>) -> Line {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        Line { number, world: Arc::downgrade(world), attention: Arc::clone(self) }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<u64, Weak<World>>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// The world wants attention.
    pub(super) fn ring(&self) {
        self.attention.locked().insert(self.number, Weak::clone(&self.world));
        self.attention.bell.notify_one();
    }
}
