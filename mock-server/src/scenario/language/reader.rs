//! What is known while a document is read: its text, the place, and the mistakes so far.

use std::fmt::Write;
use std::ops::Range;

use crate::scenario::diagnostic::{Diagnostic, Diagnostics, MAX_DIAGNOSTICS, Related, position};
use crate::scenario::node::{Content, Node};

/// The longest piece of the source that a message repeats, in characters.
const QUOTED_CHARS: usize = 40;

/// The reading of one document.
pub(in crate::scenario) struct Reader<'s> {
    source: &'s str,
    path: Vec<Step>,
    mistakes: Vec<Found>,
}

/// A mistake and where it was found. Lines and columns take time to count, so that waits until it is known which
/// mistakes are kept.
struct Found {
    span: Range<usize>,
    path: String,
    mistake: Mistake,
}

impl Found {
    fn order(&self) -> (usize, usize, &str) {
        (self.span.start, self.span.end, &self.mistake.message)
    }

    fn placed(self, source: &str) -> Diagnostic {
        let span = one_line(source, &self.span);
        let (line, column) = position(source, span.start);
        let Mistake { message, expected, help, related } = self.mistake;
        let related = related.map(|related| Related { span: one_line(source, &related.span), ..related });
        Diagnostic { path: self.path, line, column, span, message, expected, help, related }
    }
}

/// A step into the document.
#[derive(Clone)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    pub(super) fn key(name: &str) -> Self {
        Self::Key(name.to_owned())
    }
}

/// A mistake that is about to be reported.
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) help: Option<String>,
    pub(super) related: Option<Related>,
}

impl Mistake {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), expected: String::new(), help: None, related: None }
    }

    /// What was expected, to stand beside the caret.
    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn related(mut self, span: &Range<usize>, message: impl Into<String>) -> Self {
        self.related = Some(Related { span: span.clone(), message: message.into() });
        self
    }
}

impl<'s> Reader<'s> {
    pub(in crate::scenario) fn new(source: &'s str) -> Self {
        Self { source, path: Vec::new(), mistakes: Vec::new() }
    }

    /// Reads something some steps further into the document.
    pub(super) fn within<T>(
        &mut self,
        steps: impl IntoIterator<Item = Step>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let depth = self.path.len();
        self.path.extend(steps);
        let value = read(self);
        self.path.truncate(depth);
        value
    }

    pub(super) fn report(&mut self, span: &Range<usize>, mistake: Mistake) {
        let path = self.path_text();
        self.mistakes.push(Found { span: span.clone(), path, mistake });
    }

    /// Reports a value that is something else than the `expected`.
    pub(super) fn mismatch(&mut self, node: &Node, expected: &str, help: Option<String>) {
        let mut mistake = Mistake::new(format!("expected {expected}, found {}", self.found(node)));
        mistake.help = help;
        self.report(&node.span, mistake);
    }

    /// How a message names a value.
    pub(super) fn found(&self, node: &Node) -> String {
        match &node.content {
            Content::Null => "nothing".to_owned(),
            Content::Bool(value) => format!("`{value}`"),
            Content::Int(_) | Content::Float(_) => format!("the number {}", self.written(node)),
            Content::Text(text) => format!("the text `{}`", shortened(text)),
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
        }
    }

    /// A scalar as it stands in the source.
    pub(super) fn written(&self, node: &Node) -> String {
        shortened(self.source.get(node.span.clone()).unwrap_or_default().trim())
    }

    /// How many mistakes there are so far.
    pub(super) fn mistakes(&self) -> usize {
        self.mistakes.len()
    }

    /// What was read, or the mistakes in the order of the document. A value that is missing is a mistake, whether or
    /// not one was reported.
    pub(in crate::scenario) fn finish<T>(mut self, name: &str, value: Option<T>) -> Result<T, Diagnostics> {
        if let Some(value) = value.filter(|_| self.mistakes.is_empty()) {
            return Ok(value);
        }
        if self.mistakes.is_empty() {
            self.report(&(0..0), Mistake::new("this cannot be read"));
        }
        self.mistakes.sort_by(|a, b| a.order().cmp(&b.order()));
        // What an alias repeats is wrong once, however often it is read.
        self.mistakes.dedup_by(|a, b| a.order() == b.order());
        let omitted = self.mistakes.len().saturating_sub(MAX_DIAGNOSTICS);
        self.mistakes.truncate(MAX_DIAGNOSTICS);
        Err(Diagnostics {
            name: name.to_owned(),
            source: self.source.to_owned(),
            list: self.mistakes.into_iter().map(|found| found.placed(self.source)).collect(),
            omitted,
        })
    }

    fn path_text(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Index(index) => {
                    let _ = write!(text, "[{index}]");
                }
                Step::Key(key) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(&shortened(key));
                }
            }
        }
        text
    }
}

/// The part of a span that is on its first line, at character boundaries. A span without length becomes that of the
/// character it stands at.
fn one_line(source: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor_char(source, span.start);
    let rest = &source[start..];
    let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let end = floor_char(source, span.end.clamp(start, start + line));
    if end > start {
        return start..end;
    }
    start..start + rest[..line].chars().next().map_or(0, char::len_utf8)
}

fn floor_char(source: &str, byte: usize) -> usize {
    source.floor_char_boundary(byte.min(source.len()))
}

/// A text cut to what a message can bear, on one line.
pub(super) fn shortened(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = chars.by_ref().take(QUOTED_CHARS).collect();
    if chars.next().is_some() {
        short.push_str("...");
    }
    short
}
