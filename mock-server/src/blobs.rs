//! The bytes of files that worlds keep: [`Writer`] takes one in as it arrives, [`Blob`] is what came of it.
//!
//! A file of up to [`IN_MEMORY_MAX`] bytes stays in memory. A larger one is in a temporary file without a name, which
//! the system takes back however the process ends. Whatever the size, an upload takes [`IN_MEMORY_MAX`] bytes of memory
//! and the chunk that is being looked at. What all files of a world may take is its [`Quota`].

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use sha2::{Digest, Sha256};

mod facts;
mod pages;
mod quota;
mod writer;

pub use facts::{Facts, ending_of};
pub use quota::Quota;
pub use writer::Writer;

use facts::Traits;
use quota::{Hold, Place};

/// The largest file that stays in memory, in bytes.
pub const IN_MEMORY_MAX: usize = 1024 * 1024;
/// What the files of a world may take, in bytes.
pub const WORLD_MAX: u64 = 1024 * 1024 * 1024;
/// The most files that are not in memory at a time, over all worlds of the process: each is an open file.
pub const FILES_MAX: usize = 512;
/// How much [`Blob::copy_to`] reads at a time, in bytes.
pub const PIECE: usize = 64 * 1024;

/// Why a file is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// It is larger than this many bytes.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// The files of its world would take more than this many bytes.
    #[error(
        "the files of this world take up to {0} bytes in all, and this one does not fit; delete some, or reset the \
         world with POST /_rehearsal/reset"
    )]
    QuotaFull(u64),
    /// As many files are kept on disk as may be open.
    #[error(
        "this server keeps up to {0} files larger than {IN_MEMORY_MAX} bytes at a time; delete some, or reset a world \
         with POST /_rehearsal/reset"
    )]
    TooManyFiles(usize),
    /// The system does not take it.
    #[error("the file could not be written to the folder for temporary files: {0}")]
    Disk(io::ErrorKind),
}

/// A file that has arrived. Clones share its bytes, which are free when the last one is gone, or one discards them.
/// Two are equal if their bytes are.
#[derive(Clone)]
pub struct Blob(Arc<Kept>);

struct Kept {
    bytes: RwLock<Stored>,
    length: u64,
    digest: [u8; 32],
    traits: Traits,
    hold: Mutex<Option<Hold>>,
}

#[derive(Clone)]
enum Stored {
    Memory(Bytes),
    Disk(Arc<Spill>),
    /// Nobody wants them any more.
    Gone,
}

/// A temporary file without a name.
#[derive(Debug)]
struct Spill {
    file: File,
    _place: Place,
}

impl Blob {
    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.0.length
    }

    /// Whether it has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.0.length == 0
    }

    /// The SHA-256 digest of its bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest
    }

    /// The same in hexadecimal digits.
    pub fn hex_digest(&self) -> String {
        hex(&self.0.digest)
    }

    /// What can be told of it by looking, if it is called `name`.
    pub fn facts(&self, name: &str) -> Facts {
        self.0.traits.facts(name, self.0.length)
    }

    /// All of its bytes, if they are in memory.
    pub fn in_memory(&self) -> Option<Bytes> {
        match self.stored() {
            Stored::Memory(bytes) => Some(bytes),
            Stored::Disk(_) | Stored::Gone => None,
        }
    }

    /// Lets go of its bytes, in every clone: what was known of them stays known. Who is at [`Blob::copy_to`] by then
    /// still gets all of them.
    pub fn discard(&self) {
        *self.0.bytes.write().unwrap_or_else(PoisonError::into_inner) = Stored::Gone;
        drop(self.0.hold.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn stored(&self) -> Stored {
        self.0.bytes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Up to `most` bytes from `offset` on: fewer only where it ends. Any number of readers may read at once, since
    /// there is no place that they share.
    ///
    /// This may wait for a disk: to be called where that is allowed, and under no lock.
    ///
    /// # Errors
    ///
    /// What the disk says; and that it is not found, once it was discarded.
    pub fn read_at(&self, offset: u64, most: usize) -> io::Result<Bytes> {
        self.stored().read_at(offset, self.piece_at(offset, most))
    }

    /// Writes all of it, [`PIECE`] by [`PIECE`], whoever discards it in the meantime. This may wait for a disk, as
    /// [`Blob::read_at`] may.
    ///
    /// # Errors
    ///
    /// What the disk says, or `out`; and that it is not found, if it was discarded before.
    pub fn copy_to(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let stored = self.stored();
        let mut offset = 0;
        while offset < self.0.length {
            let piece = stored.read_at(offset, self.piece_at(offset, PIECE))?;
            out.write_all(&piece)?;
            offset += piece.len() as u64;
        }
        Ok(())
    }

    /// How many of `most` bytes there are from `offset` on.
    fn piece_at(&self, offset: u64, most: usize) -> usize {
        usize::try_from(self.0.length.saturating_sub(offset)).unwrap_or(usize::MAX).min(most)
    }
}

impl Stored {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(start..start + length))
            }
            Self::Disk(spill) => {
                let mut bytes = vec![0; length];
                read_exact_at(&spill.file, &mut bytes, offset)?;
                Ok(bytes.into())
            }
            Self::Gone => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.len(), self.digest()) == (other.len(), other.digest())
    }
}

impl Eq for Blob {}

impl fmt::Debug for Blob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut blob = formatter.debug_struct("Blob");
        blob.field("len", &self.len()).field("digest", &self.hex_digest()).finish_non_exhaustive()
    }
}

impl Quota {
    /// Keeps what is in memory already, at most [`IN_MEMORY_MAX`] bytes of it.
    ///
    /// # Errors
    ///
    /// It is larger than that, or does not fit into the quota.
    pub fn keep(&self, bytes: Bytes) -> Result<Blob, NotKept> {
        if bytes.len() > IN_MEMORY_MAX {
            return Err(NotKept::TooLarge(IN_MEMORY_MAX as u64));
        }
        let mut hold = self.hold();
        hold.more(bytes.len() as u64)?;
        let mut traits = Traits::default();
        traits.feed(&bytes);
        let (length, digest) = (bytes.len() as u64, Sha256::digest(&bytes).into());
        let (bytes, hold) = (RwLock::new(Stored::Memory(bytes)), Mutex::new(Some(hold)));
        Ok(Blob(Arc::new(Kept { bytes, length, digest, traits, hold })))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[done..], offset + done as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => done += read,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
