//! Broken servers that nobody thought of: every documented success answer without one of its required members, with a
//! value of another type, or with a word outside a closed list. Whoever wrote the checks did not choose them.

use std::collections::BTreeSet;

use fixtures::contract::Contract;
use serde_json::{Value, json};

use super::edit::{Condition, Edit};
use super::pointer::escaped;

/// A broken server that follows from a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// Stable name: operation, place, and what is wrong there.
    pub id: String,
    /// How it is broken.
    pub edit: Edit,
}

/// A word that no list has.
const UNKNOWN_WORD: &str = "no-such-word";

/// Every one of them, in the order of the document.
pub fn all(contract: &Contract) -> Vec<Generated> {
    let root = contract.document();
    let mut generated = Vec::new();
    for operation in contract.operations() {
        for status in operation.statuses().filter(|status| (200..300).contains(status)) {
            let place = format!(
                "/paths/{}/{}/responses/{status}",
                escaped(operation.path()),
                operation.method().as_str().to_ascii_lowercase()
            );
            let Some(answer) = root.pointer(&place).map(|answer| resolved(root, answer)) else { continue };
            let Some(schema) = answer.pointer("/content/application~1json/schema") else { continue };
            let mut walk = Walk { root, places: Vec::new() };
            walk.node(schema, "", 0);
            for place in walk.places {
                let on = Condition {
                    operation: vec![operation.id().to_owned()],
                    status: Some(status),
                    ..Condition::default()
                };
                generated.extend(place.mutants(operation.id(), status, &on));
            }
        }
    }
    generated
}

/// A place in an answer, and what the schemas say of it whatever else is the case.
#[derive(Debug, Default)]
struct Place {
    pointer: String,
    required: bool,
    types: BTreeSet<String>,
    closed: bool,
}

struct Walk<'a> {
    root: &'a Value,
    places: Vec<Place>,
}

/// Schemas nest no deeper than this; those that refer to themselves end here.
const DEEPEST: usize = 24;

impl Walk<'_> {
    /// Goes through a schema that holds at `pointer`. What holds only under a condition is left to chance.
    fn node(&mut self, schema: &Value, pointer: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        if let Some(reference) = schema.get("$ref") {
            let target = referred(self.root, reference).clone();
            self.node(&target, pointer, depth + 1);
        }
        for branch in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.node(branch, pointer, depth + 1);
        }
        for part in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(part).and_then(Value::as_array) {
                self.either(branches, pointer, depth + 1);
            }
        }
        let at = self.place(pointer);
        match schema.get("type") {
            Some(Value::String(one)) => at.types.extend([one.clone()]),
            Some(Value::Array(several)) => {
                at.types.extend(several.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            _ => {}
        }
        let words = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let words: Vec<&Value> = words.iter().chain(schema.get("const")).collect();
        if !words.is_empty() {
            at.closed |= words.iter().any(|word| word.is_string());
            at.types.extend(words.iter().map(|word| type_of(word).to_owned()));
        }
        let required = schema.get("required").and_then(Value::as_array);
        for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let child = format!("{pointer}/{}", escaped(name));
            let needed = required.is_some_and(|names| names.iter().any(|it| it == name));
            self.place(&child).required |= needed;
            self.node(inner, &child, depth + 1);
        }
        if let Some(items) = schema.get("items") {
            self.node(items, &format!("{pointer}/*"), depth + 1);
        }
    }

    /// Of branches that will each do, only what all of them say can be broken.
    fn either(&mut self, branches: &[Value], pointer: &str, depth: usize) {
        let places = branches.iter().map(|branch| {
            let mut walk = Walk { root: self.root, places: Vec::new() };
            walk.node(branch, pointer, depth);
            walk.places
        });
        let common = places.reduce(|all, next| {
            let both = all.into_iter().filter_map(|mut place| {
                let other = next.iter().find(|other| other.pointer == place.pointer)?;
                // Whatever has no type may have any.
                let typed = !place.types.is_empty() && !other.types.is_empty();
                place.types.extend(other.types.iter().filter(|_| typed).cloned());
                if !typed {
                    place.types.clear();
                }
                place.required &= other.required;
                place.closed &= other.closed;
                Some(place)
            });
            both.collect()
        });
        for found in common.unwrap_or_default() {
            let place = self.place(&found.pointer);
            place.required |= found.required;
            place.closed |= found.closed;
            place.types.extend(found.types);
        }
    }

    fn place(&mut self, pointer: &str) -> &mut Place {
        let known = self.places.iter().position(|place| place.pointer == pointer);
        let at = known.unwrap_or_else(|| {
            self.places.push(Place { pointer: pointer.to_owned(), ..Place::default() });
            self.places.len() - 1
        });
        &mut self.places[at]
    }
}

impl Place {
    fn mutants(&self, operation: &str, status: u16, on: &Condition) -> Vec<Generated> {
        let name = |kind: &str| format!("{operation} {status} {kind} {}", self.pointer);
        let mut mutants = Vec::new();
        if self.required {
            let edit = Edit { on: on.clone(), remove: vec![self.pointer.clone()], ..Edit::default() };
            mutants.push(Generated { id: name("without"), edit });
        }
        let other = [json!(7), json!("retyped"), json!(true), json!([]), json!({})];
        let wrong = other.into_iter().find(|value| !self.allows(value));
        if let Some(wrong) = wrong.filter(|_| !self.types.is_empty() && !self.pointer.is_empty()) {
            mutants.push(self.set(name("retyped"), on, wrong));
        }
        if self.closed {
            mutants.push(self.set(name("unknown-word"), on, json!(UNKNOWN_WORD)));
        }
        mutants
    }

    fn allows(&self, value: &Value) -> bool {
        let name = type_of(value);
        self.types.contains(name) || (name == "number" && self.types.contains("integer"))
    }

    fn set(&self, id: String, on: &Condition, value: Value) -> Generated {
        let set = [(self.pointer.clone(), value)].into_iter().collect();
        Generated { id, edit: Edit { on: on.clone(), set, ..Edit::default() } }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn resolved<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    value.get("$ref").map_or(value, |reference| referred(root, reference))
}

fn referred<'a>(root: &'a Value, reference: &Value) -> &'a Value {
    let pointer = reference.as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| root.pointer(pointer)).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_required_member_type_and_closed_list_has_one() {
        let contract = Contract::find("catalog", "v2").expect("it is known");
        let generated = all(contract);
        let ids: Vec<_> = generated.iter().map(|it| it.id.as_str()).collect();
        for expected in [
            "catalog.crawl.get 200 without /execution_id",
            "catalog.crawl.get 200 retyped /meta/stop_date",
            "catalog.crawl.get 200 unknown-word /status",
            "catalog.extract.list 200 without /data/*/created_at",
            "catalog.crawl.create 202 retyped /meta/credits_used",
            "catalog.extract.list 200 retyped /data/*/created_at",
        ] {
            assert!(ids.contains(&expected), "{expected} is not in {ids:#?}");
        }
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
        assert!(!ids.contains(&"catalog.crawl.get 200 without /meta/result"), "it is not always there");
        let one_reading = "catalog.agentic-search.get 200 without /meta/result/products_requested";
        assert!(!ids.contains(&one_reading), "a search may do without it");
    }

    #[test]
    fn a_value_of_another_type_is_none_the_schema_allows() {
        let place = |types: &[&str]| Place {
            pointer: "/x".into(),
            types: types.iter().map(|name| (*name).to_owned()).collect(),
            ..Place::default()
        };
        let wrong = |types: &[&str]| {
            let mutants = place(types).mutants("o", 200, &Condition::default());
            mutants.first().map(|it| it.edit.set["/x"].clone())
        };
        assert_eq!(wrong(&["string", "null"]), Some(json!(7)));
        assert_eq!(wrong(&["integer"]), Some(json!("retyped")));
        assert_eq!(wrong(&["number", "string"]), Some(json!(true)));
        assert_eq!(wrong(&[]), None);
    }
}
