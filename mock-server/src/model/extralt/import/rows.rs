//! The rows of a file as they are found: kept or counted, within bounds.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::row::{Fault, capture_of, settled};
use super::{About, Content, KEPT_MAX, ROWS_MAX};

/// What was found so far.
#[derive(Debug)]
pub(super) struct Rows {
    about: About,
    rows: Vec<Box<str>>,
    kept: u64,
    seen: u64,
    /// Of each fault how often it was met, and where first.
    faults: [(u64, u64); Fault::ALL.len()],
    problem: Option<Box<str>>,
}

impl Rows {
    pub(super) fn new(about: About) -> Self {
        Self { about, rows: Vec::new(), kept: 0, seen: 0, faults: Default::default(), problem: None }
    }

    /// Whether nothing more of the file matters.
    pub(super) fn is_over(&self) -> bool {
        self.problem.is_some()
    }

    /// The file cannot be read on.
    pub(super) fn broken(&mut self, problem: String) {
        if self.problem.is_none() {
            self.rows = Vec::new();
            self.problem = Some(problem.into());
        }
    }

    /// A row that is no product at all.
    pub(super) fn unusable(&mut self, place: u64, fault: Fault) {
        if self.has_room() {
            self.reject(place, &[fault]);
        }
    }

    /// A row, as an object.
    pub(super) fn object(&mut self, place: u64, object: Map<String, Value>) {
        if !self.has_room() {
            return;
        }
        let row = settled(object);
        if let Err(faults) = capture_of(&row, &self.about, self.seen) {
            return self.reject(place, &faults);
        }
        let row = Value::Object(row).to_string();
        self.kept += (row.len() + size_of::<Box<str>>()) as u64;
        if self.kept > KEPT_MAX {
            return self.broken(format!("The rows of the file take more than {KEPT_MAX} bytes"));
        }
        self.rows.push(row.into());
    }

    fn has_room(&mut self) -> bool {
        self.seen += u64::from(self.problem.is_none());
        if self.seen > ROWS_MAX {
            self.broken(format!("The file has more than {ROWS_MAX} rows"));
        }
        self.problem.is_none()
    }

    fn reject(&mut self, place: u64, faults: &[Fault]) {
        for fault in faults {
            let (count, first) = &mut self.faults[*fault as usize];
            if *count == 0 {
                *first = place;
            }
            *count += 1;
        }
    }

    /// All that was found. `place` is the word for where a row is.
    pub(super) fn finish(self, place: &str) -> Content {
        let problem = match self.problem {
            Some(problem) => Some(problem),
            None if self.seen == 0 => Some("The file has no rows".into()),
            None if self.rows.is_empty() => Some(faulty(self.seen, &self.faults, place).into()),
            None => None,
        };
        let rejected = self.seen - self.rows.len() as u64;
        Content { rows: self.rows.into(), rejected, problem, about: self.about }
    }
}

/// Why none of so many rows can be used.
fn faulty(seen: u64, faults: &[(u64, u64)], place: &str) -> String {
    let mut text = match seen {
        1 => "The only row of the file cannot be used".to_owned(),
        _ => format!("None of the file's {seen} rows can be used"),
    };
    let mut separator = ": ";
    for (fault, (count, first)) in Fault::ALL.iter().zip(faults).filter(|(_, (count, _))| *count > 0) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{} in {count} (first in {place} {first})", fault.words());
        separator = ", ";
    }
    text
}
