//! Mistakes in a scenario, and how they are shown: to people as a good compiler would, to programs as JSON.

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

/// The most mistakes that are kept; the number of the others is.
pub const MAX_DIAGNOSTICS: usize = 50;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The place in the document's structure, such as `runs[0].lifecycle.pending`; empty for the whole document.
    pub path: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The character of that line it begins at, from 1.
    pub column: usize,
    /// The bytes of the source it stands at, all on one line.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected at the place; empty when the message says it all.
    pub expected: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Another place that explains this one.
    pub related: Option<Related>,
}

/// A place that explains a mistake elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The bytes of the source it stands at, all on one line.
    pub span: Range<usize>,
    /// What it has to do with the mistake.
    pub message: String,
}

/// All mistakes of one document, in its order, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    /// What the document is called.
    pub name: String,
    /// The document.
    pub source: String,
    /// The mistakes; at most [`MAX_DIAGNOSTICS`].
    pub list: Vec<Diagnostic>,
    /// How many more there were.
    pub omitted: usize,
}

impl Diagnostics {
    /// How many mistakes there are, shown or not.
    pub fn count(&self) -> usize {
        self.list.len() + self.omitted
    }

    /// The text for people: for each mistake the place, the source line with a caret, and what to do. With `color` it
    /// carries escape sequences for a terminal; it ends with a newline.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(TERM_WIDTH);
        let mut text = String::new();
        for diagnostic in &self.list {
            text.push_str(&renderer.render(&[self.group(diagnostic)]));
            text.push_str("\n\n");
        }
        if self.omitted > 0 {
            text.push_str(&format!("... and {} more\n\n", self.omitted));
        }
        // One empty line stands between mistakes, none after the last.
        text.pop();
        text
    }

    fn group<'s>(&'s self, diagnostic: &'s Diagnostic) -> Group<'s> {
        let excerpt = Excerpt::around(&self.source, diagnostic);
        let label = (!diagnostic.expected.is_empty()).then_some(diagnostic.expected.as_str());
        let mut snippet = Snippet::source(excerpt.text)
            .path(self.name.as_str())
            .line_start(excerpt.first_line)
            .annotation(AnnotationKind::Primary.span(excerpt.place(&diagnostic.span)).label(label));
        if let Some(related) = &diagnostic.related {
            let place = excerpt.place(&related.span);
            snippet = snippet.annotation(AnnotationKind::Context.span(place).label(related.message.as_str()));
        }
        let group = Level::ERROR.primary_title(diagnostic.message.as_str()).element(snippet);
        match &diagnostic.help {
            Some(help) => group.element(Level::HELP.message(help.as_str())),
            None => group,
        }
    }

    /// The same for programs: `{"errors": [{path, line, column, message, expected?, help?}], "omitted": n}`.
    pub fn to_json(&self) -> Value {
        let errors: Vec<Value> = self.list.iter().map(Diagnostic::to_json).collect();
        json!({ "errors": errors, "omitted": self.omitted })
    }
}

/// The width that lines are cut to fit: wider than most terminals, so that only absurd lines lose their ends.
const TERM_WIDTH: usize = 160;

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

impl Diagnostic {
    fn to_json(&self) -> Value {
        let mut value = json!({
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "message": self.message,
        });
        if !self.expected.is_empty() {
            value["expected"] = json!(self.expected);
        }
        if let Some(help) = &self.help {
            value["help"] = json!(help);
        }
        value
    }
}

/// The lines of the source that a diagnostic needs. The renderer works through all it is given, and a document of
/// many mistakes would make it do so many times.
struct Excerpt<'s> {
    text: &'s str,
    start: usize,
    first_line: usize,
}

impl<'s> Excerpt<'s> {
    fn around(source: &'s str, diagnostic: &Diagnostic) -> Self {
        let spans = [Some(&diagnostic.span), diagnostic.related.as_ref().map(|related| &related.span)];
        let first = spans.iter().flatten().map(|span| span.start).min().unwrap_or(0);
        let last = spans.iter().flatten().map(|span| span.end).max().unwrap_or(0);
        let start = source[..first].rfind('\n').map_or(0, |newline| newline + 1);
        let end = source[last..].find('\n').map_or(source.len(), |newline| last + newline);
        Self { text: &source[start..end], start, first_line: 1 + newlines(&source[..start]) }
    }

    fn place(&self, span: &Range<usize>) -> Range<usize> {
        span.start - self.start..span.end - self.start
    }
}

/// The line and column, both from 1, of a byte that begins a character.
pub(super) fn position(source: &str, byte: usize) -> (usize, usize) {
    let before = &source[..byte];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (1 + newlines(before), 1 + before[line_start..].chars().count())
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}
