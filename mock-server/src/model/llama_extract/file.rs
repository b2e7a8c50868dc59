//! Files: what a client has uploaded, or may upload.

use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::blobs::Blob;
use crate::clock::VirtualTime;

/// A file's number in its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// The largest file, in bytes (page "Limitations": 100 MB).
pub const FILE_MAX: usize = 100 * 1024 * 1024;

/// The longest name, in characters (v1, `File`).
pub const NAME_MAX: usize = 3_000;

/// The facts recorded when a file was announced.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRecord {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: Arc<str>,
    /// What its client calls it elsewhere.
    pub external_id: Option<Arc<str>>,
    /// What it is for, one of v2's words.
    pub purpose: Option<Box<str>>,
    /// How many bytes it was said to have.
    pub announced: Option<u64>,
    /// What else its client said of it, by v1's names.
    pub said: Map<String, Value>,
    /// When.
    pub created: VirtualTime,
    /// What is in it, if that came along.
    pub content: Option<Blob>,
}

/// A file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// What was decided.
    pub record: Arc<FileRecord>,
    /// What is in it, once that has arrived.
    pub content: Option<Blob>,
    /// When it last changed.
    pub updated: VirtualTime,
}

impl File {
    /// A file that has just been announced.
    pub fn new(record: &Arc<FileRecord>) -> Self {
        Self { record: Arc::clone(record), content: record.content.clone(), updated: record.created }
    }

    /// How many bytes it has: those that arrived, or those that were announced.
    pub fn size(&self) -> Option<u64> {
        self.content.as_ref().map(Blob::len).or(self.record.announced)
    }

    /// What follows the last dot of its name, in lower case; `None` if nothing does.
    pub fn extension(&self) -> Option<String> {
        let (stem, extension) = self.record.name.rsplit_once('.')?;
        let is_one =
            !stem.is_empty() && !extension.is_empty() && extension.len() <= 16 && extension.is_ascii();
        is_one.then(|| extension.to_ascii_lowercase())
    }
}
