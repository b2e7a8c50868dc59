//! Values that are JSON, as they are.

use serde_json::{Map, Value, json};

use super::Shape;
use super::fields::report_repeated;
use super::reader::{Mistake, Reader};
use crate::scenario::node::{Content, Node};

/// Any JSON value.
pub(super) struct Json;

impl Shape for Json {
    type Value = Value;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
        report_keys(node, reader);
        Some(value(node))
    }

    fn schema(&self) -> Value {
        json!({})
    }
}

/// A JSON object, or a list of them.
pub(super) struct Records;

impl Shape for Records {
    type Value = Value;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
        let is_object = |node: &Node| matches!(node.content, Content::Map(_));
        let wrong = match &node.content {
            Content::List(items) => items.iter().find(|item| !is_object(item)),
            _ => Some(node).filter(|node| !is_object(node)),
        };
        if let Some(wrong) = wrong {
            let help = "write an object, as in `data: { total: 12.5 }`, or a list of objects".to_owned();
            reader.mismatch(wrong, "an object", Some(help));
            return None;
        }
        Json.read(node, reader)
    }

    fn schema(&self) -> Value {
        json!({ "anyOf": [{ "type": "object" }, { "type": "array", "items": { "type": "object" } }] })
    }
}

/// A JSON pointer (RFC 6901).
pub(super) struct Pointer;

impl Shape for Pointer {
    type Value = String;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let Content::Text(text) = &node.content else {
            let help = "a pointer begins with `/`, as in `/meta/progress`".to_owned();
            reader.mismatch(node, "a JSON pointer", Some(help));
            return None;
        };
        if is_pointer(text) {
            return Some(text.clone());
        }
        let mistake = Mistake::new("this is no JSON pointer").help(
            "a pointer begins with `/`, as in `/meta/progress` or `/data/0`; in a name `~` is `~0` and `/` is `~1`",
        );
        reader.report(&node.span, mistake);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": "^(/.*)?$" })
    }
}

/// Whether a text is a JSON pointer.
pub(super) fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/'))
        && text.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

/// A node as JSON. A key that is no text stands as the text it would be read from.
pub(super) fn value(node: &Node) -> Value {
    match &node.content {
        Content::Null => Value::Null,
        Content::Bool(flag) => json!(flag),
        Content::Int(number) => match (u64::try_from(*number), i64::try_from(*number)) {
            (Ok(number), _) => json!(number),
            (_, Ok(number)) => json!(number),
            _ => json!(*number as f64),
        },
        Content::Float(number) => json!(number),
        Content::Text(text) => json!(text),
        Content::List(items) => items.iter().map(value).collect(),
        Content::Map(entries) => {
            let members = entries.iter().map(|(key, inner)| {
                let name = key.as_name().map_or_else(|| value(key).to_string(), str::to_owned);
                (name, value(inner))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}

fn report_keys(node: &Node, reader: &mut Reader<'_>) {
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| report_keys(item, reader)),
        Content::Map(entries) => {
            report_repeated(entries, reader);
            entries.iter().for_each(|(_, inner)| report_keys(inner, reader));
        }
        Content::Null | Content::Bool(_) | Content::Int(_) | Content::Float(_) | Content::Text(_) => {}
    }
}
