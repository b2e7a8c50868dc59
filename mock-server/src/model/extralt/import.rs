//! What was found in a file that was imported.

/// The content of an imported file: the rows that captures are made of, and what is wrong with the rest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Content {
    /// Every row that can be used, as compact JSON.
    pub rows: Box<[Box<str>]>,
    /// How many rows cannot.
    pub rejected: u64,
    /// Why the file as a whole cannot be used, if it cannot.
    pub problem: Option<Box<str>>,
}

impl Content {
    /// How many bytes are kept of it.
    pub fn bytes(&self) -> u64 {
        self.rows.iter().map(|row| (row.len() + size_of::<Box<str>>()) as u64).sum()
    }
}
