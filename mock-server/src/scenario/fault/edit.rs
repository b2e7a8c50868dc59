//! Edits of an answer's JSON, by JSON pointer.

use serde_json::{Map, Value, json};

/// One edit.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// The member or item is taken away.
    Remove(String),
    /// The value is another.
    Set(String, Value),
    /// The value is null.
    Null(String),
    /// The value has another type: numbers become texts, texts numbers, and so on.
    Retype(String),
    /// The member has another name, in the same place.
    Rename(String, String),
    /// A member is there that was not, or an item behind the last one (`/data/-`).
    Add(String, Value),
    /// The array, or the members of the object, stand in reverse order.
    Reverse(String),
}

impl Edit {
    /// The JSON pointer to the place it is about.
    pub fn pointer(&self) -> &str {
        match self {
            Self::Remove(at)
            | Self::Set(at, _)
            | Self::Null(at)
            | Self::Retype(at)
            | Self::Rename(at, _)
            | Self::Add(at, _)
            | Self::Reverse(at) => at,
        }
    }

    /// What is done there, in a word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Remove(_) => "remove",
            Self::Set(..) => "set",
            Self::Null(_) => "null",
            Self::Retype(_) => "retype",
            Self::Rename(..) => "rename",
            Self::Add(..) => "add",
            Self::Reverse(_) => "reverse",
        }
    }

    /// Edits `document`. Whether anything is different now; a place that is not there changes nothing.
    pub fn apply(&self, document: &mut Value) -> bool {
        match self {
            Self::Remove(at) => remove(document, at),
            Self::Set(at, value) => replace(document, at, |_| value.clone()),
            Self::Null(at) => replace(document, at, |_| Value::Null),
            Self::Retype(at) => replace(document, at, retyped),
            Self::Rename(at, to) => rename(document, at, to),
            Self::Add(at, value) => add(document, at, value),
            Self::Reverse(at) => document.pointer_mut(at).is_some_and(reverse),
        }
    }
}

/// A value of another JSON type that says about the same.
pub fn retyped(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(flag) => json!(flag.to_string()),
        Value::Number(number) => json!(number.to_string()),
        Value::String(text) => json!(text.len()),
        Value::Array(items) => {
            let keyed = items.iter().enumerate().map(|(index, item)| (index.to_string(), item.clone()));
            Value::Object(keyed.collect())
        }
        Value::Object(members) => Value::Array(members.values().cloned().collect()),
    }
}

/// The parent's pointer and the name of a member, unescaped; `None` for the whole document.
pub fn split(pointer: &str) -> Option<(&str, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    Some((parent, name.replace("~1", "/").replace("~0", "~")))
}

/// The index that a segment of a pointer is: digits without a zero in front (RFC 6901, section 4).
fn index(segment: &str) -> Option<usize> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    let plain = segment == "0" || !segment.starts_with('0');
    (digits && plain).then(|| segment.parse().ok()).flatten()
}

fn replace(document: &mut Value, at: &str, with: impl Fn(&Value) -> Value) -> bool {
    let Some(place) = document.pointer_mut(at) else { return false };
    let value = with(place);
    let differs = *place != value;
    *place = value;
    differs
}

fn remove(document: &mut Value, at: &str) -> bool {
    let Some((parent, name)) = split(at) else { return false };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => members.shift_remove(&name).is_some(),
        Some(Value::Array(items)) => match index(&name) {
            Some(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn rename(document: &mut Value, at: &str, to: &str) -> bool {
    let Some((parent, name)) = split(at) else { return false };
    let Some(Value::Object(members)) = document.pointer_mut(parent) else { return false };
    if !members.contains_key(&name) || name == to {
        return false;
    }
    // What has the new name already gives way.
    members.shift_remove(to);
    let renamed = |(key, value): (String, Value)| (if key == name { to.to_owned() } else { key }, value);
    *members = std::mem::take(members).into_iter().map(renamed).collect::<Map<_, _>>();
    true
}

fn add(document: &mut Value, at: &str, value: &Value) -> bool {
    let Some((parent, name)) = split(at) else { return false };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => members.insert(name, value.clone()).as_ref() != Some(value),
        Some(Value::Array(items)) => {
            let index = if name == "-" { Some(items.len()) } else { index(&name) };
            match index.filter(|index| *index <= items.len()) {
                Some(index) => {
                    items.insert(index, value.clone());
                    true
                }
                None => false,
            }
        }
        _ => false,
    }
}

fn reverse(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => {
            let before = items.clone();
            items.reverse();
            *items != before
        }
        Value::Object(members) => {
            *members = std::mem::take(members).into_iter().rev().collect();
            members.len() > 1
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(edit: &Edit, expected: Option<Value>) {
        let clean = json!({ "a": 1, "b": { "c": [1, 2], "d/e": "x" }, "n": null });
        let mut document = clean.clone();
        let changed = edit.apply(&mut document);
        assert_eq!(changed, expected.is_some());
        assert_eq!(document.to_string(), expected.unwrap_or(clean).to_string());
    }

    #[test]
    fn each_edit_does_what_it_says_and_nothing_where_its_place_is_not() {
        let at = str::to_owned;
        let b = json!({ "c": [1, 2], "d/e": "x" });
        check(&Edit::Remove(at("/b/d~1e")), Some(json!({ "a": 1, "b": { "c": [1, 2] }, "n": null })));
        check(&Edit::Remove(at("/b/c/0")), Some(json!({ "a": 1, "b": { "c": [2], "d/e": "x" }, "n": null })));
        check(&Edit::Remove(at("/b/c/2")), None);
        check(&Edit::Remove(at("/b/c/01")), None);
        check(&Edit::Remove(at("/b/c/+1")), None);
        check(&Edit::Remove(at("/x/y")), None);
        check(&Edit::Remove(String::new()), None);
        check(&Edit::Set(at("/a"), json!([])), Some(json!({ "a": [], "b": b, "n": null })));
        check(&Edit::Set(at("/a"), json!(1)), None);
        check(&Edit::Null(at("/a")), Some(json!({ "a": null, "b": b, "n": null })));
        check(&Edit::Null(at("/n")), None);
        check(&Edit::Retype(at("/a")), Some(json!({ "a": "1", "b": b, "n": null })));
        check(
            &Edit::Retype(at("/b/c")),
            Some(json!({ "a": 1, "b": { "c": { "0": 1, "1": 2 }, "d/e": "x" }, "n": null })),
        );
        check(&Edit::Rename(at("/a"), at("z")), Some(json!({ "z": 1, "b": b, "n": null })));
        check(&Edit::Rename(at("/a"), at("n")), Some(json!({ "n": 1, "b": b })));
        check(&Edit::Rename(at("/q"), at("z")), None);
        check(&Edit::Add(at("/z"), json!(1)), Some(json!({ "a": 1, "b": b, "n": null, "z": 1 })));
        let added = json!({ "c": [1, 2, 3], "d/e": "x" });
        check(&Edit::Add(at("/b/c/-"), json!(3)), Some(json!({ "a": 1, "b": added, "n": null })));
        check(&Edit::Add(at("/b/c/9"), json!(3)), None);
        let reversed = json!({ "c": [2, 1], "d/e": "x" });
        check(&Edit::Reverse(at("/b/c")), Some(json!({ "a": 1, "b": reversed, "n": null })));
        check(&Edit::Reverse(String::new()), Some(json!({ "n": null, "b": b, "a": 1 })));
        check(&Edit::Reverse(at("/a")), None);
    }

    #[test]
    fn a_retyped_value_never_keeps_its_type() {
        for value in [json!(null), json!(true), json!(1.5), json!("x"), json!([1]), json!({ "a": 1 })] {
            let other = retyped(&value);
            assert_ne!(std::mem::discriminant(&value), std::mem::discriminant(&other), "{value}");
        }
    }
}
