//! A YAML document as a tree that remembers where everything stands, so that a later stage can report all mistakes
//! instead of the first.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A value and the bytes it stands at. Those of a list or a map are its first token's.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) content: Content,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    /// In the order of the file, with keys that occur twice.
    Map(Vec<(Node, Node)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        let (location, content) = (spanned.defined.span(), spanned.value);
        let start = offset(location.byte_offset());
        let mut span = start..start.saturating_add(offset(location.byte_len()));
        // In block style a list or a map begins with its first item, and has no bytes of its own.
        if span.is_empty() {
            let first = match &content {
                Content::List(items) => items.first(),
                Content::Map(entries) => entries.first().map(|(key, _)| key),
                Content::Null | Content::Bool(_) | Content::Int(_) | Content::Float(_) | Content::Text(_) => {
                    None
                }
            };
            span = first.map_or(span, |first| first.span.clone());
        }
        Ok(Self { span, content })
    }
}

/// A byte offset as the library counts it. A document too large for the platform has been refused long before.
fn offset(bytes: Option<u64>) -> usize {
    bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0)
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Int(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Int(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Content, E> {
        Ok(Content::Int(value))
    }

    /// A number beyond every limit of the language stays one, by being the greatest.
    fn visit_u128<E>(self, value: u128) -> Result<Content, E> {
        Ok(Content::Int(i128::try_from(value).unwrap_or(i128::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Content::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Content, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Content::Map(map))
    }
}

impl Node {
    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name it is as a key: a text, or the `null` that YAML takes for nothing.
    pub(super) fn as_name(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Null => Some("null"),
            Content::Bool(_) | Content::Int(_) | Content::Float(_) | Content::List(_) | Content::Map(_) => {
                None
            }
        }
    }
}
