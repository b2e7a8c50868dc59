//! What is expected, and what came instead, for people.

use std::fmt::{self, Write};

use serde_json::Value;

use crate::expectations::{Condition, Expectation, On};

/// How much of a value is shown, in characters.
pub const VALUE_MAX: usize = 200;

impl fmt::Display for On {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api => formatter.write_str("api"),
            Self::Version => formatter.write_str("version"),
            Self::Operation => formatter.write_str("operation"),
            Self::Method => formatter.write_str("method"),
            Self::Status => formatter.write_str("status"),
            Self::Account => formatter.write_str("account"),
            Self::Kind => formatter.write_str("kind"),
            Self::Host => formatter.write_str("host"),
            Self::Query => formatter.write_str("query"),
            Self::Run(None) => formatter.write_str("run"),
            Self::Run(Some(name)) => write!(formatter, "run.{name}"),
            Self::Header(name) => write!(formatter, "header.{name}"),
            Self::Request(place) if place.starts_with('/') => write!(formatter, "request{place}"),
            Self::Request(name) => write!(formatter, "request.{name}"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.on, value(&self.expected))
    }
}

/// A value as it is shown: what is long loses its end.
pub fn value(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A value that is short enough to be given as it is, or else its beginning.
pub fn shortened(it: Value) -> Value {
    let text = value(&it);
    match it {
        Value::String(long) if text.ends_with('…') && long.chars().count() > VALUE_MAX => {
            let start: String = long.chars().take(VALUE_MAX).collect();
            Value::String(format!("{start}…"))
        }
        Value::Array(_) | Value::Object(_) if text.ends_with('…') => Value::String(text),
        it => it,
    }
}

impl Expectation {
    /// What is expected: `exactly 2 requests with operation "catalog.crawl.create"`.
    pub fn sentence(&self) -> String {
        let one = (self.count.at_least, self.count.at_most);
        let noun = if matches!(one, (1, None | Some(1)) | (0, Some(1))) { "request" } else { "requests" };
        let mut text =
            if one == (0, Some(0)) { format!("no {noun}") } else { format!("{} {noun}", self.count) };
        for (index, condition) in self.conditions.iter().enumerate() {
            let before = match index {
                0 => " with ",
                last if last + 1 == self.conditions.len() => " and ",
                _ => ", ",
            };
            // Writing into a string does not fail.
            let _ = write!(text, "{before}{condition}");
        }
        text
    }
}
