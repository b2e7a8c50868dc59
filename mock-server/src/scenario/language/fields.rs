//! Maps with known keys. A function that asks [`Fields`] for each key describes the map: run over a document it reads,
//! run over nothing it draws the schema.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_json::{Map, Value, json};

use super::Shape;
use super::reader::{Mistake, Reader, Step, shortened};
use crate::scenario::node::{Content, Node};
use crate::scenario::suggest::{listed, nearest};

/// A map whose keys are those that `read` asks for.
pub(super) struct Object<F> {
    /// What the map is, with its article, as in "a run rule".
    pub(super) what: &'static str,
    /// Asks for each key, whatever it finds, and makes the value. It must not return before it has asked for all.
    pub(super) read: F,
}

/// A map that is being read or described.
pub(super) struct Fields<'a, 's> {
    what: &'static str,
    mode: Mode<'a, 's>,
}

enum Mode<'a, 's> {
    Read {
        reader: &'a mut Reader<'s>,
        /// Where to say that something is missing.
        owner: Range<usize>,
        entries: &'a [(Node, Node)],
        known: Vec<&'static str>,
        later: Vec<&'static str>,
        /// Keys of other places, each with what to write there.
        elsewhere: Vec<(&'static str, &'static str)>,
    },
    Describe {
        properties: Map<String, Value>,
        required: Vec<&'static str>,
    },
}

impl<T, F: Fn(&mut Fields<'_, '_>) -> Option<T>> Shape for Object<F> {
    type Value = T;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<T> {
        let Content::Map(entries) = &node.content else {
            reader.mismatch(node, &format!("{} (a map)", self.what), Some(self.keys()));
            return None;
        };
        self.read_entries(&node.span, entries, reader)
    }

    fn schema(&self) -> Value {
        let mode = Mode::Describe { properties: Map::new(), required: Vec::new() };
        let mut fields = Fields { what: self.what, mode };
        (self.read)(&mut fields);
        let Mode::Describe { properties, required } = fields.mode else { return Value::Null };
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }
}

impl<T, F: Fn(&mut Fields<'_, '_>) -> Option<T>> Object<F> {
    /// What can be written in its place.
    fn keys(&self) -> String {
        let schema = self.schema();
        let names = schema["properties"].as_object().into_iter().flat_map(Map::keys);
        let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        format!("write a map, with some of the keys {}", names.join(", "))
    }

    /// Reads the map from its entries; `owner` is where to say that one is missing.
    pub(super) fn read_entries(
        &self,
        owner: &Range<usize>,
        entries: &[(Node, Node)],
        reader: &mut Reader<'_>,
    ) -> Option<T> {
        report_repeated(entries, reader);
        let mode = Mode::Read {
            reader,
            owner: owner.clone(),
            entries,
            known: Vec::new(),
            later: Vec::new(),
            elsewhere: Vec::new(),
        };
        let mut fields = Fields { what: self.what, mode };
        let value = (self.read)(&mut fields);
        fields.report_unknown();
        value
    }
}

impl Fields<'_, '_> {
    /// The value of a key, if it is there and right. `doc` is a sentence for the schema.
    pub(super) fn optional<S: Shape>(
        &mut self,
        name: &'static str,
        doc: &str,
        shape: &S,
    ) -> Option<S::Value> {
        match &mut self.mode {
            Mode::Describe { properties, .. } => {
                let mut schema = shape.schema();
                schema["description"] = json!(doc);
                properties.insert(name.to_owned(), schema);
                None
            }
            Mode::Read { reader, entries, known, .. } => {
                known.push(name);
                let (key, value) = entries.iter().find(|(key, _)| is_named(key, name))?;
                reader.within([Step::key(name)], |reader| {
                    if matches!(value.content, Content::Null) {
                        let mistake = Mistake::new(format!("`{name}` has no value"))
                            .help("give it one, or leave the key out");
                        reader.report(&key.span, mistake);
                        return None;
                    }
                    shape.read(value, reader)
                })
            }
        }
    }

    /// The value of a key that may not be missing.
    pub(super) fn required<S: Shape>(
        &mut self,
        name: &'static str,
        doc: &str,
        shape: &S,
    ) -> Option<S::Value> {
        let value = self.optional(name, doc, shape);
        match &mut self.mode {
            Mode::Describe { required, .. } => required.push(name),
            Mode::Read { reader, owner, entries, .. } => {
                if !entries.iter().any(|(key, _)| is_named(key, name)) {
                    let mistake = Mistake::new(format!("{} needs `{name}`", self.what))
                        .help(format!("add `{name}`, {}", as_clause(doc)));
                    reader.report(owner, mistake);
                }
            }
        }
        value
    }

    /// Keys that belong to the language and not to this version of the program.
    pub(super) fn later(&mut self, names: &[&'static str]) {
        if let Mode::Read { later, .. } = &mut self.mode {
            later.extend(names);
        }
    }

    /// A key that is easily looked for here and belongs somewhere else; `help` says where.
    pub(super) fn elsewhere(&mut self, name: &'static str, help: &'static str) {
        if let Mode::Read { elsewhere, .. } = &mut self.mode {
            elsewhere.push((name, help));
        }
    }

    /// Whether the map has the key, right or wrong.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// Whether the map has a key that nobody has asked for yet.
    pub(super) fn has_unknown(&self) -> bool {
        let Mode::Read { entries, known, later, .. } = &self.mode else { return false };
        let is_known = |name: &str| known.contains(&name) || later.contains(&name);
        entries.iter().any(|(key, _)| key.as_text().is_some_and(|name| !is_known(name)))
    }

    /// Where the value of a key stands.
    pub(super) fn span(&self, name: &str) -> Option<Range<usize>> {
        let (key, value) = self.entry(name)?;
        Some(if value.span.is_empty() { key.span.clone() } else { value.span.clone() })
    }

    /// Reports what is wrong with the whole map.
    pub(super) fn report_whole(&mut self, mistake: Mistake) {
        if let Mode::Read { reader, owner, .. } = &mut self.mode {
            reader.report(owner, mistake);
        }
    }

    /// Reports what is wrong with the value of a key in the light of others.
    pub(super) fn report(&mut self, name: &str, mistake: Mistake) {
        if let Some(span) = self.span(name) {
            self.report_at(vec![Step::key(name)], &span, mistake);
        }
    }

    /// Reports what is wrong with the map as a whole.
    pub(super) fn report_owner(&mut self, mistake: Mistake) {
        if let Mode::Read { reader, owner, .. } = &mut self.mode {
            reader.report(owner, mistake);
        }
    }

    /// Reports what is wrong at a place further inside, in the light of others.
    pub(super) fn report_at(&mut self, path: Vec<Step>, span: &Range<usize>, mistake: Mistake) {
        if let Mode::Read { reader, .. } = &mut self.mode {
            reader.within(path, |reader| reader.report(span, mistake));
        }
    }

    /// How many mistakes there are so far, anywhere in the document.
    pub(super) fn mistakes(&self) -> usize {
        match &self.mode {
            Mode::Read { reader, .. } => reader.mistakes(),
            Mode::Describe { .. } => 0,
        }
    }

    fn entry(&self, name: &str) -> Option<&(Node, Node)> {
        match &self.mode {
            Mode::Read { entries, .. } => entries.iter().find(|(key, _)| is_named(key, name)),
            Mode::Describe { .. } => None,
        }
    }

    fn report_unknown(self) {
        let Mode::Read { reader, entries, known, later, elsewhere, .. } = self.mode else { return };
        let mut reported = HashSet::new();
        for (key, _) in entries {
            let Some(name) = key.as_text() else { continue };
            if known.contains(&name) || !reported.insert(name) {
                continue;
            }
            let mistake = if later.contains(&name) {
                Mistake::new(format!("`{name}` is not supported by this version"))
                    .expected("part of the language, to come")
            } else {
                let mistake = Mistake::new(format!("{} has no key `{}`", self.what, shortened(name)));
                let place = elsewhere.iter().find(|(other, _)| *other == name);
                match (place, nearest(name, known.iter().chain(&later).copied())) {
                    (Some((_, help)), _) => mistake.help(*help),
                    (None, Some(meant)) => mistake.help(format!("did you mean `{meant}`?")),
                    (None, None) => mistake.help(format!("its keys are {}", listed(known.iter().copied()))),
                }
            };
            reader.within([Step::key(name)], |reader| reader.report(&key.span, mistake));
        }
    }
}

/// The entries of a map whose keys are free, of which `example` shows one.
pub(super) fn free_entries<'n>(
    node: &'n Node,
    what: &str,
    example: &str,
    reader: &mut Reader<'_>,
) -> Option<&'n [(Node, Node)]> {
    let Content::Map(entries) = &node.content else {
        reader.mismatch(node, what, Some(format!("write for example `{example}`")));
        return None;
    };
    report_repeated(entries, reader);
    Some(entries)
}

/// Reports keys that are no text, and keys that were there before.
pub(super) fn report_repeated(entries: &[(Node, Node)], reader: &mut Reader<'_>) {
    let mut seen: HashMap<&str, &Node> = HashMap::new();
    for (key, _) in entries {
        let Some(name) = key.as_text() else {
            let mistake = Mistake::new(format!("a key must be a text, not {}", reader.found(key)));
            reader.report(&key.span, mistake);
            continue;
        };
        if let Some(first) = seen.get(name) {
            let mistake = Mistake::new(format!("`{}` is given twice", shortened(name)))
                .related(&first.span, "first here");
            reader.within([Step::key(name)], |reader| reader.report(&key.span, mistake));
        } else {
            seen.insert(name, key);
        }
    }
}

fn is_named(key: &Node, name: &str) -> bool {
    key.as_text() == Some(name)
}

/// A sentence as the end of another one.
pub(super) fn as_clause(sentence: &str) -> String {
    let mut chars = sentence.trim_end_matches('.').chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}
