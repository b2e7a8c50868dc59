//! Comma-separated values, record by record. The parser reads whatever it is given; what keeps quotes from meaning
//! something is told apart here, because a file that is broken has to be called so.

use csv_core::{ReadRecordResult, Reader};
use serde_json::{Map, Value};

use super::names::canonical;
use super::row::Fault;
use super::rows::Rows;
use super::{COLUMNS_MAX, ROW_MAX};

/// How much room a record gets at first; it grows up to the bounds.
const ROOM: usize = 1024;
/// How many columns a record is first given room for.
const COLUMNS: usize = 32;

/// A file of which a part was read.
#[derive(Debug)]
pub(super) struct Csv {
    reader: Reader,
    quotes: Quotes,
    /// The fields of the record that is being read, one after another, and where each ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    length: usize,
    count: usize,
    /// What each column is called, if its name is known.
    columns: Option<Vec<Option<&'static str>>>,
}

impl Default for Csv {
    fn default() -> Self {
        let mut reader = Reader::new();
        // It takes a byte order mark away, but only if the first piece holds all of it, and ours is gone already: an empty
        // line, which it skips, keeps it from looking.
        let _ = reader.read_record(b"\n", &mut [0], &mut [0]);
        Self {
            reader,
            quotes: Quotes::default(),
            fields: vec![0; ROOM],
            ends: vec![0; COLUMNS],
            length: 0,
            count: 0,
            columns: None,
        }
    }
}

impl Csv {
    pub(super) fn feed(&mut self, mut bytes: &[u8], rows: &mut Rows) {
        while !bytes.is_empty() && !rows.is_over() {
            let read = self.step(bytes, rows);
            bytes = &bytes[read..];
        }
    }

    pub(super) fn finish(mut self, rows: &mut Rows) {
        if self.quotes.state == Quoting::Inside {
            return rows.broken(format!(
                "line {}: a quote is opened and never closed before the file ends",
                self.quotes.opened
            ));
        }
        // The end of the input is told by giving none, once more for each time that a record needed room.
        loop {
            let room = (self.fields.len(), self.ends.len());
            self.step(&[], rows);
            if room == (self.fields.len(), self.ends.len()) {
                return;
            }
        }
    }

    /// Reads up to the end of a record, and returns how many bytes that took.
    fn step(&mut self, bytes: &[u8], rows: &mut Rows) -> usize {
        let (fields, ends) = (&mut self.fields[self.length..], &mut self.ends[self.count..]);
        let (result, read, written, ended) = self.reader.read_record(bytes, fields, ends);
        self.length += written;
        self.count += ended;
        if let Err(line) = self.quotes.watch(&bytes[..read]) {
            rows.broken(format!(
                "line {line}: there is text behind a closing quote; a quote within a quoted field is written twice"
            ));
            return read;
        }
        let line = self.quotes.record;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull if self.fields.len() >= ROW_MAX => {
                rows.broken(format!("line {line}: the row has more than {ROW_MAX} bytes"));
            }
            ReadRecordResult::OutputFull => {
                let room = (self.fields.len() * 2).min(ROW_MAX);
                self.fields.resize(room, 0);
            }
            ReadRecordResult::OutputEndsFull if self.ends.len() >= COLUMNS_MAX => {
                rows.broken(format!("line {line}: the row has more than {COLUMNS_MAX} columns"));
            }
            ReadRecordResult::OutputEndsFull => {
                let room = (self.ends.len() * 2).min(COLUMNS_MAX);
                self.ends.resize(room, 0);
            }
            ReadRecordResult::Record => {
                self.record(line, rows);
                (self.length, self.count) = (0, 0);
            }
        }
        read
    }

    fn record(&mut self, line: u64, rows: &mut Rows) {
        let Ok(text) = std::str::from_utf8(&self.fields[..self.length]) else {
            return rows.broken(format!("line {line}: this is not UTF-8, which a file has to be written in"));
        };
        let ends = &self.ends[..self.count];
        let begins = std::iter::once(0).chain(ends.iter().copied());
        // A field ends within a character only if the record is no UTF-8 in the first place.
        let fields = begins.zip(ends).map(|(begin, end)| text.get(begin..*end).unwrap_or_default());
        let Some(columns) = &self.columns else {
            let columns: Vec<_> = fields.map(canonical).collect();
            if columns.iter().all(Option::is_none) {
                rows.broken(format!(
                    "line {line}: none of the columns that can be read is named here, such as title, image_url, \
                     price and currency; a comma separates two"
                ));
            }
            self.columns = Some(columns);
            return;
        };
        if columns.len() != ends.len() {
            return rows.unusable(line, Fault::Columns);
        }
        let mut object = Map::new();
        for (name, field) in columns.iter().zip(fields) {
            if let Some(name) = name.filter(|_| !field.trim().is_empty()) {
                object.entry(name).or_insert_with(|| Value::String(field.to_owned()));
            }
        }
        rows.object(line, object);
    }
}

/// Where a file is with its quotes and lines.
#[derive(Debug)]
struct Quotes {
    state: Quoting,
    line: u64,
    /// The line in which the latest record begins.
    record: u64,
    /// The line in which the latest quote was opened.
    opened: u64,
    /// Whether no byte of the next record was seen.
    between: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// At the beginning of a field.
    Begin,
    /// In a field without quotes; one in the middle of it is a character like others.
    Plain,
    /// Within quotes.
    Inside,
    /// Behind a quote within quotes: it closes them, or is the first of two.
    Closed,
}

impl Default for Quotes {
    fn default() -> Self {
        Self { state: Quoting::Begin, line: 1, record: 1, opened: 1, between: true }
    }
}

impl Quotes {
    /// The line of the first byte that cannot be there.
    fn watch(&mut self, bytes: &[u8]) -> Result<(), u64> {
        for byte in bytes {
            let ends = matches!(byte, b'\n' | b'\r') && self.state != Quoting::Inside;
            if self.between && !ends {
                self.between = false;
                self.record = self.line;
            }
            self.state = match (self.state, byte) {
                (Quoting::Inside, b'"') => Quoting::Closed,
                (Quoting::Inside, _) => Quoting::Inside,
                (_, b',' | b'\n' | b'\r') => Quoting::Begin,
                (Quoting::Begin, b'"') => {
                    self.opened = self.line;
                    Quoting::Inside
                }
                (Quoting::Closed, b'"') => Quoting::Inside,
                (Quoting::Closed, _) => return Err(self.line),
                (Quoting::Begin | Quoting::Plain, _) => Quoting::Plain,
            };
            self.between |= ends;
            self.line += u64::from(*byte == b'\n');
        }
        Ok(())
    }
}
