//! A JSON array, cut into its items as it arrives. Only where an item ends is found here; whether it is JSON is found by
//! parsing it.

use serde_json::Value;

use super::ROW_MAX;
use super::lines::plain;
use super::row::Fault;
use super::rows::Rows;

/// A file of which a part was read.
#[derive(Debug)]
pub(super) struct Array {
    stage: Stage,
    /// What has arrived of the item that is being read, and how deep in it and in a string of it that is.
    item: Vec<u8>,
    depth: usize,
    text: Text,
    /// How many items were read to their end.
    ended: u64,
    line: u64,
    /// The line in which the item begins that is being read.
    begun: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Within,
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

impl Default for Array {
    fn default() -> Self {
        Self {
            stage: Stage::Before,
            item: Vec::new(),
            depth: 0,
            text: Text::Outside,
            ended: 0,
            line: 1,
            begun: 1,
        }
    }
}

impl Array {
    pub(super) fn feed(&mut self, bytes: &[u8], rows: &mut Rows) {
        for byte in bytes {
            if rows.is_over() {
                return;
            }
            self.byte(*byte, rows);
            self.line += u64::from(*byte == b'\n');
        }
    }

    pub(super) fn finish(self, rows: &mut Rows) {
        if self.stage == Stage::Within {
            let (at, line) = (self.ended + 1, self.line);
            rows.broken(format!("line {line}: the file ends in item {at}, before the list of products does"));
        }
    }

    fn byte(&mut self, byte: u8, rows: &mut Rows) {
        let line = self.line;
        match self.stage {
            Stage::Before if byte == b'[' => self.stage = Stage::Within,
            Stage::Before if !is_space(byte) => rows.broken(format!(
                "line {line}: the file is no JSON array of products; one product a line belongs into a .jsonl file"
            )),
            Stage::After if !is_space(byte) => {
                rows.broken(format!("line {line}: there is something behind the end of the list of products"));
            }
            Stage::Before | Stage::After => {}
            Stage::Within => self.within(byte, rows),
        }
    }

    fn within(&mut self, byte: u8, rows: &mut Rows) {
        match (self.text, byte) {
            (Text::Outside, b'"') => self.text = Text::Inside,
            (Text::Inside, b'\\') => self.text = Text::Escaped,
            (Text::Inside, b'"') | (Text::Escaped, _) => {
                self.text = if self.text == Text::Escaped { Text::Inside } else { Text::Outside };
            }
            (Text::Inside, _) => {}
            (Text::Outside, b',' | b']') if self.depth == 0 => {
                let is_last = byte == b']';
                // Nothing but space between the brackets is an empty array.
                if !(is_last && self.ended == 0 && self.item.is_empty()) {
                    self.end(rows);
                }
                if is_last {
                    self.stage = Stage::After;
                }
                return;
            }
            (Text::Outside, b'{' | b'[') => self.depth += 1,
            (Text::Outside, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            (Text::Outside, _) => {}
        }
        if self.item.is_empty() {
            if is_space(byte) {
                return;
            }
            self.begun = self.line;
        }
        if self.item.len() >= ROW_MAX {
            let (at, line) = (self.ended + 1, self.begun);
            return rows.broken(format!("line {line}: item {at} has more than {ROW_MAX} bytes"));
        }
        self.item.push(byte);
    }

    fn end(&mut self, rows: &mut Rows) {
        self.ended += 1;
        let (at, line) = (self.ended, self.begun);
        if self.item.is_empty() {
            let line = self.line;
            return rows.broken(format!("line {line}: there is nothing where item {at} should be"));
        }
        match serde_json::from_slice(&self.item) {
            Ok(Value::Object(object)) => rows.object(at, object),
            Ok(_) => rows.unusable(at, Fault::NotObject),
            Err(error) => {
                let line = line + (error.line() as u64).saturating_sub(1);
                rows.broken(format!("line {line}: item {at} is not JSON: {}", plain(&error)));
            }
        }
        self.item.clear();
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}
