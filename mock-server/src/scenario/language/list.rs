//! Lists, each of whose items has one shape.

use std::ops::Range;

use serde_json::{Value, json};

use super::Shape;
use super::reader::{Mistake, Reader, Step};
use crate::scenario::node::{Content, Node};

/// A list of what the inner shape reads.
pub(super) struct List<S> {
    pub(super) of: S,
    pub(super) max_items: usize,
}

/// An item of a list, with where it is.
pub(super) struct Item<T> {
    pub(super) value: T,
    pub(super) index: usize,
    pub(super) span: Range<usize>,
}

impl<S: Shape> Shape for List<S> {
    type Value = Vec<Item<S::Value>>;

    /// Wrong items are left out, so that what is right can still be checked against the rest.
    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let Content::List(items) = &node.content else {
            reader.mismatch(node, "a list", Some("begin each item with `- `".to_owned()));
            return None;
        };
        if items.len() > self.max_items {
            let mistake =
                Mistake::new(format!("this list has {} items, and may have {}", items.len(), self.max_items));
            reader.report(&node.span, mistake);
            return None;
        }
        let mut values = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let value = reader.within([Step::Index(index)], |reader| self.of.read(item, reader));
            values.extend(value.map(|value| Item { value, index, span: item.span.clone() }));
        }
        Some(values)
    }

    fn schema(&self) -> Value {
        json!({ "type": "array", "items": self.of.schema(), "maxItems": self.max_items })
    }
}
