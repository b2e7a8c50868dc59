//! Files that are imported: how one is read as it arrives, and what is kept of it.
//!
//! A file is never in memory as a whole. What is kept are the rows that can be used, each as compact JSON under the
//! names of `names`; a capture is made of one when it is looked at.

use std::sync::Arc;

mod array;
mod csv;
mod lines;
mod names;
mod reader;
mod row;
mod rows;

pub use reader::Reader;
pub use row::capture_of_row;

/// The largest file, in bytes. A larger one is refused.
pub const FILE_MAX: usize = 32 * 1024 * 1024;
/// The most rows of a file; one with more fails its validation, like one beyond the bounds below.
pub const ROWS_MAX: u64 = 100_000;
/// The longest row, in bytes.
pub const ROW_MAX: usize = 256 * 1024;
/// The most columns of a CSV file.
pub const COLUMNS_MAX: usize = 1_000;
/// How many bytes of rows are kept of a file.
pub const KEPT_MAX: u64 = 64 * 1024 * 1024;

/// The content of an imported file: the rows that captures are made of, and what is wrong with the rest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Content {
    /// Every row that can be used, as compact JSON.
    pub rows: Box<[Box<str>]>,
    /// How many rows cannot.
    pub rejected: u64,
    /// Why the file as a whole cannot be used, if it cannot.
    pub problem: Option<Box<str>>,
    /// What was said of all its rows at once.
    pub about: About,
}

impl Content {
    /// How many bytes are kept of it.
    pub fn bytes(&self) -> u64 {
        self.rows.iter().map(|row| (row.len() + size_of::<Box<str>>()) as u64).sum()
    }

    /// The same file if nothing of it can be used.
    pub(super) fn refused(self, problem: Box<str>) -> Self {
        let rejected = self.rejected + self.rows.len() as u64;
        Self { rows: Box::default(), rejected, problem: Some(problem), about: self.about }
    }

    /// The same file if every third row of it cannot be used.
    pub(super) fn thinned(self) -> Self {
        let before = self.rows.len();
        let rows: Box<[_]> =
            (1..).zip(self.rows).filter_map(|(at, row): (u64, _)| (at % 3 != 0).then_some(row)).collect();
        Self { rejected: self.rejected + (before - rows.len()) as u64, rows, ..self }
    }
}

/// What is said of a file beside its rows; it holds for each row that does not say so itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The country, two capital letters.
    pub country: Arc<str>,
    /// The language, two small letters.
    pub language: Arc<str>,
    /// The shop's host; empty if nobody has said.
    pub host: Arc<str>,
}

/// What holds where nothing was said (our choice).
impl Default for About {
    fn default() -> Self {
        Self { country: "US".into(), language: "en".into(), host: Arc::default() }
    }
}

/// The kinds of files that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Comma-separated values (RFC 4180) whose first line names the columns.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Lines,
}

impl FileKind {
    /// What a file of this name is by its ending; `None` if that says nothing.
    pub fn of_name(name: &str) -> Option<Self> {
        match ending(name)?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Lines),
            _ => None,
        }
    }

    /// What a file is called whose name nobody has said.
    pub fn usual_name(self) -> &'static str {
        match self {
            Self::Csv => "import.csv",
            Self::Json => "import.json",
            Self::Lines => "import.jsonl",
        }
    }

    /// The word for where a row is.
    fn place(self) -> &'static str {
        match self {
            Self::Csv | Self::Lines => "line",
            Self::Json => "item",
        }
    }
}

/// What stands behind the last dot of a file's name.
pub fn ending(name: &str) -> Option<&str> {
    let last = name.rsplit(['/', '\\']).next()?;
    last.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| !ending.is_empty())
}

#[cfg(test)]
mod tests;
