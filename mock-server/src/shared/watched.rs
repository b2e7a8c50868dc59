//! What is known of the scenario file that a server follows while it is edited.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A scenario file and what became of its last version.
#[derive(Debug)]
pub struct Watched {
    file: String,
    mistakes: AtomicUsize,
}

impl Watched {
    /// A file that was good when it was first read.
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), mistakes: AtomicUsize::new(0) }
    }

    /// The file, as it was named.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How many mistakes stand in the version that was read last; none if it is the one that serves.
    pub fn mistakes(&self) -> usize {
        self.mistakes.load(Ordering::Relaxed)
    }

    /// Notes how many mistakes another version has.
    pub fn note(&self, mistakes: usize) {
        self.mistakes.store(mistakes, Ordering::Relaxed);
    }
}
