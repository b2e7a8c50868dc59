//! Finds a world by its mark.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use crate::world::World;

const SHARDS: usize = 64;

/// The worlds of a server by their marks, spread over shards as they are by their keys.
#[derive(Debug)]
pub(super) struct Marks {
    shards: Vec<RwLock<HashMap<Box<str>, Weak<World>>>>,
    hasher: RandomState,
}

impl Marks {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), hasher: RandomState::new() }
    }

    pub(super) fn add(&self, world: &Arc<World>) {
        let mut shard = self.shard(world.mark()).write().unwrap_or_else(PoisonError::into_inner);
        shard.insert(world.mark().into(), Arc::downgrade(world));
    }

    pub(super) fn find(&self, mark: &str) -> Option<Arc<World>> {
        let shard = self.shard(mark).read().unwrap_or_else(PoisonError::into_inner);
        shard.get(mark)?.upgrade().filter(|world| !world.is_forgotten())
    }

    /// Forgets this world, and not one that its key may have got since: that has the same mark.
    pub(super) fn remove(&self, world: &Arc<World>) {
        let mut shard = self.shard(world.mark()).write().unwrap_or_else(PoisonError::into_inner);
        if shard.get(world.mark()).is_some_and(|kept| kept.as_ptr() == Arc::as_ptr(world)) {
            shard.remove(world.mark());
        }
    }

    fn shard(&self, mark: &str) -> &RwLock<HashMap<Box<str>, Weak<World>>> {
        let place = usize::try_from(self.hasher.hash_one(mark) % SHARDS as u64).unwrap_or(0);
        &self.shards[place]
    }
}
