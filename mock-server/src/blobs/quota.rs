//! How much may be kept: bytes by world, open files by process. What is held is given back when its holder is dropped,
//! wherever an upload ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::{FILES_MAX, NotKept, WORLD_MAX};

/// What the files of one world may take. Clones count together.
#[derive(Debug, Clone)]
pub struct Quota(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    most: u64,
    kept: AtomicU64,
}

impl Quota {
    /// A quota of this many bytes.
    pub fn new(most: u64) -> Self {
        Self(Arc::new(Counter { most, kept: AtomicU64::new(0) }))
    }

    /// How many bytes are kept under it, those of uploads that are arriving included.
    pub fn kept(&self) -> u64 {
        self.0.kept.load(Ordering::Relaxed)
    }

    pub(super) fn hold(&self) -> Hold {
        Hold { quota: self.clone(), bytes: 0 }
    }
}

/// The quota of a world: [`WORLD_MAX`].
impl Default for Quota {
    fn default() -> Self {
        Self::new(WORLD_MAX)
    }
}

/// What one file takes of a quota.
#[derive(Debug)]
pub(super) struct Hold {
    quota: Quota,
    bytes: u64,
}

impl Hold {
    /// Takes so many more bytes.
    pub(super) fn more(&mut self, bytes: u64) -> Result<(), NotKept> {
        let Counter { most, kept } = &*self.quota.0;
        let taken = kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |kept| {
            kept.checked_add(bytes).filter(|kept| kept <= most)
        });
        taken.map_err(|_| NotKept::QuotaFull(*most))?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.quota.0.kept.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Open files are the whole process's to have, whichever server in it opens them.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// One of the [`FILES_MAX`] files that may be open.
#[derive(Debug)]
pub(super) struct Place(());

impl Place {
    pub(super) fn take() -> Result<Self, NotKept> {
        let taken = OPEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| {
            (open < FILES_MAX).then_some(open + 1)
        });
        taken.map(|_| Self(())).map_err(|_| NotKept::TooManyFiles(FILES_MAX))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}
