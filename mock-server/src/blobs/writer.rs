//! Takes a file in as it arrives.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, RwLock};

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::facts::Traits;
use super::quota::{Hold, Place};
use super::{Blob, IN_MEMORY_MAX, Kept, NotKept, Quota, Spill, Stored};

/// A file on its way in. Dropped before [`Writer::finish`], it leaves nothing behind, and what it held of the quota is
/// free.
pub struct Writer {
    most: u64,
    length: u64,
    digest: Sha256,
    traits: Traits,
    hold: Hold,
    /// What has not been written to the disk: at most [`IN_MEMORY_MAX`] bytes.
    buffer: Vec<u8>,
    spill: Option<Spill>,
    /// Why it takes nothing any more.
    broken: Option<NotKept>,
}

impl Writer {
    /// For a file of at most `most` bytes, which count towards `quota`.
    pub fn new(quota: &Quota, most: u64) -> Self {
        Self {
            most,
            length: 0,
            digest: Sha256::new(),
            traits: Traits::default(),
            hold: quota.hold(),
            buffer: Vec::new(),
            spill: None,
            broken: None,
        }
    }

    /// How many bytes have arrived.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether nothing has arrived yet.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Takes in the next bytes. The disk is written to where blocking is allowed, [`IN_MEMORY_MAX`] bytes at a time.
    ///
    /// # Errors
    ///
    /// The file is too large, or there is no room for it. Nothing comes of it from there on.
    pub async fn append(&mut self, chunk: &[u8]) -> Result<(), NotKept> {
        let taken = match self.broken {
            Some(broken) => Err(broken),
            None => self.take(chunk).await,
        };
        self.broken = taken.err();
        taken
    }

    async fn take(&mut self, chunk: &[u8]) -> Result<(), NotKept> {
        // It is counted before it is looked at: whoever is dropped in between has nothing half done.
        let more = chunk.len() as u64;
        if more > self.most.saturating_sub(self.length) {
            return Err(NotKept::TooLarge(self.most));
        }
        self.hold.more(more)?;
        self.length += more;
        let mut rest = chunk;
        while !rest.is_empty() {
            if self.buffer.len() == IN_MEMORY_MAX {
                self.flush().await?;
            }
            let (piece, after) = rest.split_at(rest.len().min(IN_MEMORY_MAX - self.buffer.len()));
            self.digest.update(piece);
            self.traits.feed(piece);
            self.buffer.extend_from_slice(piece);
            rest = after;
        }
        Ok(())
    }

    /// Writes the buffer to the disk, on a thread that may wait for it.
    async fn flush(&mut self) -> Result<(), NotKept> {
        // Should this be dropped while the thread writes, there is nothing to go on with.
        self.broken = Some(NotKept::Disk(io::ErrorKind::Interrupted));
        let (mut buffer, spill) = (std::mem::take(&mut self.buffer), self.spill.take());
        let written = spawn_blocking(move || {
            let mut spill = match spill {
                Some(spill) => spill,
                None => Spill::new()?,
            };
            spill.file.write_all(&buffer).map_err(|error| NotKept::Disk(error.kind()))?;
            buffer.clear();
            Ok((buffer, spill))
        });
        let (buffer, spill) = written.await.map_err(|_| NotKept::Disk(io::ErrorKind::Other))??;
        (self.buffer, self.spill, self.broken) = (buffer, Some(spill), None);
        Ok(())
    }

    /// All of it has arrived.
    ///
    /// # Errors
    ///
    /// The rest of it cannot be written, or something of it was refused before.
    pub async fn finish(mut self) -> Result<Blob, NotKept> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        if self.spill.is_some() && !self.buffer.is_empty() {
            self.flush().await?;
        }
        let bytes = match self.spill {
            Some(spill) => Stored::Disk(Arc::new(spill)),
            None => Stored::Memory(self.buffer.into_boxed_slice().into()),
        };
        let Self { length, traits, hold, .. } = self;
        let digest = self.digest.finalize().into();
        let (bytes, hold) = (RwLock::new(bytes), Mutex::new(Some(hold)));
        Ok(Blob(Arc::new(Kept { bytes, length, digest, traits, hold })))
    }
}

impl Spill {
    fn new() -> Result<Self, NotKept> {
        let place = Place::take()?;
        let file = tempfile::tempfile().map_err(|error| NotKept::Disk(error.kind()))?;
        Ok(Self { file, _place: place })
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = formatter.debug_struct("Writer");
        writer.field("most", &self.most).field("len", &self.length).finish_non_exhaustive()
    }
}
