//! Values that are one of several forms, each with a name: `completed`, or `failed: { at: 60% }`. As with
//! [`Fields`], one function reads and describes.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::Shape;
use super::fields::{Fields, Object, as_clause, report_repeated};
use super::reader::{Mistake, Reader, Step};
use super::text::unknown_name;
use crate::scenario::node::{Content, Node};
use crate::scenario::suggest::listed;

/// A value in one of the forms that `read` asks for.
pub(super) struct OneOf<F> {
    /// What the value is, with its article, as in "an outcome".
    pub(super) what: &'static str,
    /// Asks for each form, whatever it finds; at most one is there. It must not return before it has asked for all.
    pub(super) read: F,
}

/// A value that is being read or described.
pub(super) struct Forms<'a, 's> {
    mode: Mode<'a, 's>,
}

enum Mode<'a, 's> {
    Read {
        reader: &'a mut Reader<'s>,
        name: &'a str,
        /// Where the name stands.
        span: &'a Range<usize>,
        /// What is written under the name; nothing if the name stands alone.
        body: Option<&'a Node>,
        known: Vec<&'static str>,
    },
    Describe {
        names: Vec<&'static str>,
        bodies: Map<String, Value>,
    },
}

impl<T, F: Fn(&mut Forms<'_, '_>) -> Option<T>> Shape for OneOf<F> {
    type Value = T;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<T> {
        let (name, span, body) = match &node.content {
            Content::Text(name) => (name.as_str(), &node.span, None),
            Content::Map(entries) => match entries.as_slice() {
                [(key, body)] if let Some(name) = key.as_name() => (name, &key.span, Some(body)),
                _ => {
                    report_repeated(entries, reader);
                    let found = match entries.len() {
                        0 => "none".to_owned(),
                        _ => listed(entries.iter().filter_map(|(key, _)| key.as_text())),
                    };
                    let mistake =
                        Mistake::new(format!("expected {} with a single name, found {found}", self.what));
                    reader.report(&node.span, mistake);
                    return None;
                }
            },
            _ => {
                reader.mismatch(node, self.what, None);
                return None;
            }
        };
        let mut forms = Forms { mode: Mode::Read { reader, name, span, body, known: Vec::new() } };
        let value = (self.read)(&mut forms);
        if let Mode::Read { reader, known, .. } = forms.mode
            && !known.contains(&name)
        {
            reader.report(span, unknown_name(self.what, name, known.iter().copied(), &[]));
        }
        value
    }

    fn schema(&self) -> Value {
        let mut forms = Forms { mode: Mode::Describe { names: Vec::new(), bodies: Map::new() } };
        (self.read)(&mut forms);
        let Mode::Describe { names, bodies } = forms.mode else { return Value::Null };
        let bodies = json!({
            "type": "object",
            "properties": bodies,
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        });
        json!({ "anyOf": [{ "enum": names }, bodies] })
    }
}

impl Forms<'_, '_> {
    /// Whether the value is this name, which stands alone.
    pub(super) fn bare(&mut self, form: &'static str) -> bool {
        match &mut self.mode {
            Mode::Describe { names, .. } => {
                names.push(form);
                false
            }
            Mode::Read { reader, name, span, body, known } => {
                known.push(form);
                if *name == form && body.is_some() {
                    let mistake = Mistake::new(format!("`{form}` has no settings"))
                        .help(format!("write `{form}` alone"));
                    reader.report(span, mistake);
                }
                *name == form
            }
        }
    }

    /// The value under this name, if it is this one, read as `shape`.
    pub(super) fn value<S: Shape>(&mut self, form: &'static str, doc: &str, shape: &S) -> Option<S::Value> {
        match &mut self.mode {
            Mode::Describe { bodies, .. } => {
                let mut schema = shape.schema();
                schema["description"] = json!(doc);
                bodies.insert(form.to_owned(), schema);
                None
            }
            Mode::Read { reader, name, span, body, known } => {
                known.push(form);
                if *name != form {
                    return None;
                }
                let Some(body) = body.filter(|body| !matches!(body.content, Content::Null)) else {
                    let mistake = Mistake::new(format!("`{form}` has no value"))
                        .help(format!("give it one: {}", as_clause(doc)));
                    reader.report(span, mistake);
                    return None;
                };
                reader.within([Step::key(form)], |reader| shape.read(body, reader))
            }
        }
    }

    /// The value, if it is this name with a map of settings. The name alone stands for an empty map.
    pub(super) fn object<T, F: Fn(&mut Fields<'_, '_>) -> Option<T>>(
        &mut self,
        form: &'static str,
        doc: &str,
        object: &Object<F>,
    ) -> Option<T> {
        match &mut self.mode {
            Mode::Describe { names, bodies } => {
                let mut schema = object.schema();
                if schema.get("required").is_none() {
                    names.push(form);
                }
                schema["description"] = json!(doc);
                bodies.insert(form.to_owned(), schema);
                None
            }
            Mode::Read { reader, name, span, body, known } => {
                known.push(form);
                if *name != form {
                    return None;
                }
                reader.within([Step::key(form)], |reader| match body {
                    None => object.read_entries(span, &[], reader),
                    Some(body) => match &body.content {
                        Content::Map(entries) => object.read_entries(span, entries, reader),
                        Content::Null => {
                            let mistake = Mistake::new(format!("`{form}` has no value"))
                                .help(format!("write `{form}` alone, or `{form}: {{}}`"));
                            reader.report(span, mistake);
                            None
                        }
                        _ => object.read(body, reader),
                    },
                })
            }
        }
    }
}
