//! Values that are texts or flags.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Shape;
use super::reader::{Mistake, Reader, shortened};
use crate::scenario::matcher::Glob;
use crate::scenario::node::{Content, Node};
use crate::scenario::suggest::{listed, nearest};

/// A text that is not empty and has at most `max_chars` characters, without the line end that folded YAML leaves.
pub(super) struct Text {
    pub(super) max_chars: usize,
    /// Whether it may hold control characters, line ends among them.
    pub(super) control: bool,
}

/// A text on one line, such as a name.
pub(super) const LINE: Text = Text { max_chars: 256, control: false };

impl Shape for Text {
    type Value = String;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let text = plain_text(node, "a text", reader)?.trim_end_matches(['\n', '\r']);
        let chars = text.chars().count();
        let mistake = if chars == 0 {
            Mistake::new("this text is empty").help("write something, or leave the key out")
        } else if chars > self.max_chars {
            Mistake::new(format!("this text has {chars} characters, and may have {}", self.max_chars))
        } else if !self.control && text.chars().any(char::is_control) {
            Mistake::new("this text holds a control character").help("keep it on one line, without escapes")
        } else {
            return Some(text.to_owned());
        };
        reader.report(&node.span, mistake);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// The text of a node that is one; other scalars are told to wear quotes.
pub(super) fn plain_text<'n>(node: &'n Node, expected: &str, reader: &mut Reader<'_>) -> Option<&'n str> {
    match &node.content {
        Content::Text(text) => Some(text),
        Content::Bool(_) | Content::Int(_) | Content::Float(_) => {
            let help = format!("write it in quotes: \"{}\"", reader.written(node));
            reader.mismatch(node, expected, Some(help));
            None
        }
        Content::Null | Content::List(_) | Content::Map(_) => {
            reader.mismatch(node, expected, None);
            None
        }
    }
}

/// One of some names.
pub(super) struct Choice<T: 'static> {
    /// What the name is of, with its article, as in "an API".
    pub(super) what: &'static str,
    pub(super) all: &'static [T],
    pub(super) name: fn(T) -> &'static str,
    /// Names that belong to the language and not to this version of the program.
    pub(super) later: &'static [&'static str],
}

impl<T: Copy> Choice<T> {
    fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.all.iter().map(|item| (self.name)(*item))
    }
}

impl<T: Copy> Shape for Choice<T> {
    type Value = T;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<T> {
        let Content::Text(text) = &node.content else {
            reader.mismatch(node, self.what, Some(format!("it is one of {}", listed(self.names()))));
            return None;
        };
        let found = self.all.iter().copied().find(|item| (self.name)(*item) == text);
        if found.is_none() {
            let mistake = unknown_name(self.what, text, self.names(), self.later);
            reader.report(&node.span, mistake);
        }
        found
    }

    fn schema(&self) -> Value {
        json!({ "enum": self.names().collect::<Vec<_>>() })
    }
}

/// The mistake of a name that is none of the known ones. `what` carries its article.
pub(super) fn unknown_name(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'static str> + Clone,
    later: &[&'static str],
) -> Mistake {
    if later.contains(&name) {
        return Mistake::new(format!("`{name}` is not supported by this version"))
            .expected("part of the language, to come")
            .help(format!("this version knows {}", listed(known)));
    }
    let mistake = Mistake::new(format!("`{}` is not {what}", shortened(name)));
    match nearest(name, known.clone().chain(later.iter().copied())) {
        Some(meant) => mistake.help(format!("did you mean `{meant}`?")),
        None => mistake.help(format!("it is one of {}", listed(known))),
    }
}

/// `true` or `false`.
pub(super) struct Flag;

impl Shape for Flag {
    type Value = bool;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<bool> {
        if let Content::Bool(value) = node.content {
            return Some(value);
        }
        let help = match &node.content {
            Content::Text(text) if matches!(text.to_ascii_lowercase().as_str(), "yes" | "on") => {
                Some("write `true`".to_owned())
            }
            Content::Text(text) if matches!(text.to_ascii_lowercase().as_str(), "no" | "off") => {
                Some("write `false`".to_owned())
            }
            _ => None,
        };
        reader.mismatch(node, "`true` or `false`", help);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "boolean" })
    }
}

/// A pattern with `*` and `?`.
pub(super) struct Pattern {
    pub(super) ignore_case: bool,
}

/// The longest pattern, in characters.
const MAX_PATTERN_CHARS: usize = 2048;

impl Shape for Pattern {
    type Value = Glob;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Glob> {
        let text = Text { max_chars: MAX_PATTERN_CHARS, control: true }.read(node, reader)?;
        Some(if self.ignore_case { Glob::ignoring_case(&text) } else { Glob::new(&text) })
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// An instant in RFC 3339, between [`Instant::FIRST`] and [`Instant::LAST`].
pub(super) struct Instant;

impl Instant {
    const FIRST: &'static str = "1970-01-01T00:00:00Z";
    const LAST: &'static str = "2200-01-01T00:00:00Z";
}

impl Shape for Instant {
    type Value = Timestamp;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Timestamp> {
        let text = match &node.content {
            Content::Text(text) => text.as_str(),
            _ => "",
        };
        let instant = text.parse::<Timestamp>().ok().filter(|_| is_rfc_3339(text));
        let Some(instant) = instant else {
            let help = "instants are RFC 3339, as in `2026-01-15T10:30:00Z`".to_owned();
            reader.mismatch(node, "an instant", Some(help));
            return None;
        };
        let [first, last] = [Self::FIRST, Self::LAST].map(|bound| bound.parse::<Timestamp>().ok());
        if first.is_some_and(|first| instant < first) || last.is_some_and(|last| instant > last) {
            let mistake = Mistake::new("this instant is out of range").expected(format!(
                "from {} to {}",
                Self::FIRST,
                Self::LAST
            ));
            reader.report(&node.span, mistake);
            return None;
        }
        Some(instant)
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

/// Whether the text has the outer form of RFC 3339. The library also reads other forms, a 60th second anywhere, and
/// offsets of more than a day.
fn is_rfc_3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let two_digits = |start: usize, below: &str| {
        text.get(start..start + 2)
            .is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()) && part < below)
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let zone =
        text.get(19..).unwrap_or_default().trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let zone_start = text.len() - zone.len();
    two_digits(0, ":")
        && two_digits(2, ":")
        && [5, 8, 11, 14, 17].into_iter().all(|start| two_digits(start, "60"))
        && marks.iter().all(|(place, mark)| bytes.get(*place) == Some(mark))
        && (zone == "Z"
            || zone.len() == 6
                && two_digits(zone_start + 1, "24")
                && bytes.get(zone_start + 3) == Some(&b':')
                && two_digits(zone_start + 4, "60"))
}
