//! Ids and schemas of LlamaExtract.

use fixtures::samples::llama_extract::DataSchema;
use serde_json::{Value, json};

use crate::scenario::language::Shape;
use crate::scenario::language::json::Json;
use crate::scenario::language::reader::{Mistake, Reader, shortened};
use crate::scenario::language::text::plain_text;
use crate::scenario::node::{Content, Node};

/// An id: its clients refuse one that is no UUID.
pub(super) struct Uuid;

impl Shape for Uuid {
    type Value = uuid::Uuid;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<uuid::Uuid> {
        let text = plain_text(node, "an id", reader)?;
        let id = uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
        if id.is_none() {
            let mistake = Mistake::new(format!("`{}` is no id", shortened(text)))
                .help("ids are UUIDs, as in `0b8f6a52-93c4-4d17-8e2a-61f7d0c5b938`");
            reader.report(&node.span, mistake);
        }
        id
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" })
    }
}

/// A schema that data can be made for.
pub(super) struct Schema;

impl Shape for Schema {
    type Value = DataSchema;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<DataSchema> {
        if !matches!(node.content, Content::Map(_)) {
            let help =
                "write a JSON Schema, as in `{ type: object, properties: { total: { type: number } } }`";
            reader.mismatch(node, "a schema", Some(help.to_owned()));
            return None;
        }
        let value = Json.read(node, reader)?;
        match DataSchema::read(&value) {
            Ok(schema) => Some(schema),
            Err(problem) => {
                let mistake = Mistake::new(problem.to_string());
                reader.report(&node.span, mistake.help("it is a schema as clients send it as `data_schema`"));
                None
            }
        }
    }

    fn schema(&self) -> Value {
        json!({ "type": "object" })
    }
}
