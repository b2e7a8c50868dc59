//! A file on its way in: its first bytes tell what it is, if nothing else has.

use super::array::Array;
use super::csv::Csv;
use super::lines::Lines;
use super::rows::Rows;
use super::{About, Content, FileKind};

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// How much is looked at to tell what a file is, in bytes from the first that is no space.
const LOOKED_AT: usize = 8;
/// How much space there may be before that.
const SPACE_MAX: usize = 1024;

/// Reads a file in pieces, cut anywhere.
#[derive(Debug)]
pub struct Reader {
    /// Taken while the first bytes are not decided about.
    head: Option<Vec<u8>>,
    kind: Option<FileKind>,
    form: Option<Form>,
    rows: Rows,
}

#[derive(Debug)]
enum Form {
    Csv(Box<Csv>),
    Json(Array),
    Lines(Lines),
}

impl Reader {
    /// A file of this kind, or of one that is told by its beginning.
    pub fn new(kind: Option<FileKind>, about: About) -> Self {
        Self { head: Some(Vec::new()), kind, form: None, rows: Rows::new(about) }
    }

    /// The next bytes.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while let Some(head) = self.head.as_mut() {
            let Some((first, rest)) = bytes.split_first() else { return };
            head.push(*first);
            bytes = rest;
            if is_enough(head, self.kind) {
                self.decide();
            }
        }
        self.read(bytes);
    }

    /// What was in the file, and of what kind it is; `None` if it is of none that can be read.
    pub fn finish(mut self) -> Option<(FileKind, Content)> {
        if self.head.is_some() {
            self.decide();
        }
        let kind = self.kind?;
        if !self.rows.is_over() {
            match self.form {
                Some(Form::Csv(csv)) => csv.finish(&mut self.rows),
                Some(Form::Json(array)) => array.finish(&mut self.rows),
                Some(Form::Lines(lines)) => lines.finish(&mut self.rows),
                None => {}
            }
        }
        Some((kind, self.rows.finish(kind.place())))
    }

    fn decide(&mut self) {
        let head = self.head.take().unwrap_or_default();
        let head = head.strip_prefix(BOM).unwrap_or(&head);
        self.kind = self.kind.or_else(|| of_bytes(head));
        self.form = self.kind.map(|kind| match kind {
            FileKind::Csv => Form::Csv(Box::default()),
            FileKind::Json => Form::Json(Array::default()),
            FileKind::Lines => Form::Lines(Lines::default()),
        });
        self.read(head);
    }

    fn read(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.rows.is_over() {
            return;
        }
        match self.form.as_mut() {
            Some(Form::Csv(csv)) => csv.feed(bytes, &mut self.rows),
            Some(Form::Json(array)) => array.feed(bytes, &mut self.rows),
            Some(Form::Lines(lines)) => lines.feed(bytes, &mut self.rows),
            None => {}
        }
        if self.rows.is_over() {
            // Whatever it holds of a row is not wanted any more.
            self.form = None;
        }
    }
}

/// Whether these first bytes suffice to begin to read.
fn is_enough(head: &[u8], kind: Option<FileKind>) -> bool {
    if head.len() < BOM.len() && BOM.starts_with(head) {
        return false;
    }
    let text = head.strip_prefix(BOM).unwrap_or(head);
    let space = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    kind.is_some() || space >= SPACE_MAX || text.len() - space >= LOOKED_AT
}

/// What a file is that begins like this. One with control characters is no text; a file without anything in it can be
/// called anything.
fn of_bytes(head: &[u8]) -> Option<FileKind> {
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    if !head.iter().all(is_text) {
        return None;
    }
    Some(match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => FileKind::Json,
        Some(b'{') => FileKind::Lines,
        _ => FileKind::Csv,
    })
}
