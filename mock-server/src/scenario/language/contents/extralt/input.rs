//! Ids, countries and languages of Extralt.

use serde_json::{Value, json};

use crate::scenario::contents::extralt::ID_MAX;
use crate::scenario::language::Shape;
use crate::scenario::language::reader::{Mistake, Reader, shortened};
use crate::scenario::language::text::plain_text;
use crate::scenario::node::Node;

/// An id. The documented ones have more of a form, which no client may rely on, so that clients can be shown the ids
/// that their own tests know.
pub(super) struct Id;

impl Shape for Id {
    type Value = String;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let id = plain_text(node, "an id", reader)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=ID_MAX).contains(&id.len()) && id.bytes().all(fits) {
            return Some(id.to_owned());
        }
        let mistake = Mistake::new(format!("`{}` cannot be an id", shortened(id)))
            .help(format!("an id has 1 to {ID_MAX} letters, digits, `-` or `_`, as in `your-robot-id`"));
        reader.report(&node.span, mistake);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": format!("^[A-Za-z0-9_-]{{1,{ID_MAX}}}$") })
    }
}

/// A code of two letters, all large or all small.
pub(super) struct Letters {
    what: &'static str,
    large: bool,
}

impl Letters {
    /// A country, as ISO 3166 has it.
    pub(super) const COUNTRY: Self = Self { what: "a country", large: true };
    /// A language, as ISO 639 has it.
    pub(super) const LANGUAGE: Self = Self { what: "a language", large: false };
}

impl Shape for Letters {
    type Value = Box<str>;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Box<str>> {
        let code = plain_text(node, self.what, reader)?;
        let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        let right = if self.large { code.to_ascii_uppercase() } else { code.to_ascii_lowercase() };
        if is_code && right == code {
            return Some(code.into());
        }
        let mistake = Mistake::new(format!("`{}` is not {}", shortened(code), self.what));
        let example =
            if self.large { "two capital letters, as in `US`" } else { "two small letters, as in `en`" };
        reader.report(
            &node.span,
            if is_code {
                mistake.help(format!("did you mean `{right}`?"))
            } else {
                mistake.help(format!("write {example}"))
            },
        );
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": if self.large { "^[A-Z]{2}$" } else { "^[a-z]{2}$" } })
    }
}
