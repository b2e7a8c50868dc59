//! JSON lines: one object a line.

use serde_json::Value;

use super::ROW_MAX;
use super::row::Fault;
use super::rows::Rows;

/// A file of which a part was read.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What has arrived of the line that is being read.
    begun: Vec<u8>,
    /// How many lines were read to their end.
    ended: u64,
}

impl Lines {
    pub(super) fn feed(&mut self, bytes: &[u8], rows: &mut Rows) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            if rows.is_over() {
                return;
            }
            if self.begun.len() + piece.len() > ROW_MAX {
                return rows.broken(format!("line {}: it has more than {ROW_MAX} bytes", self.ended + 1));
            }
            self.begun.extend_from_slice(piece);
            if pieces.peek().is_some() {
                self.line(rows);
            }
        }
    }

    pub(super) fn finish(mut self, rows: &mut Rows) {
        self.line(rows);
    }

    fn line(&mut self, rows: &mut Rows) {
        self.ended += 1;
        let text = self.begun.trim_ascii();
        if !text.is_empty() {
            match serde_json::from_slice(text) {
                Ok(Value::Object(object)) => rows.object(self.ended, object),
                Ok(_) => rows.unusable(self.ended, Fault::NotObject),
                Err(error) => {
                    let line = self.ended;
                    let column = error.column();
                    rows.broken(format!(
                        "line {line}: this is not JSON, at column {column}: {}",
                        plain(&error)
                    ));
                }
            }
        }
        self.begun.clear();
    }
}

/// What an error says, without where.
pub(super) fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]).to_owned()
}
