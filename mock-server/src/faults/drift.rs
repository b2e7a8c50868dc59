//! Drawn changes of an answer's JSON: such as the contract leaves open, and such as break it. The contract is the
//! judge of both: a change counts as legal because the changed answer was validated, and as illegal because the
//! violation stands where the change was made.

use fixtures::contract::Operation;
use rand::rngs::ChaCha12Rng;
use serde_json::{Value, json};

use crate::scenario::duration::uniform;
use crate::scenario::fault::edit::Edit;

/// How many changes of one sort are tried on an answer.
const TRIES: usize = 24;

/// Names that no answer has yet.
const NEW_FIELDS: [&str; 5] = ["beta_score", "region_hint", "revision", "trace_label", "x_preview"];
/// A word that no list has yet.
const NEW_WORD: &str = "newly_introduced";

/// An answer of an operation, as its contract sees it.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The status of the answer.
    pub status: u16,
    /// Its media type.
    pub content_type: &'a str,
    /// Its body.
    pub body: &'a Value,
}

impl Answered<'_> {
    fn violations(&self, body: &Value) -> Vec<fixtures::contract::Violation> {
        self.operation.response_violations(self.status, Some(self.content_type), body)
    }

    /// A change that the contract leaves open, and the body with it: an unknown field, a null where null may stand, or a
    /// new word in a list of words that is not closed. `None` if there is no such place.
    pub fn legal(&self, rng: &mut ChaCha12Rng) -> Option<(Edit, Value)> {
        let places = places(self.body);
        let open = self.operation.open_words(self.status);
        let is_open = |pointer: &str| open.iter().any(|pattern| stands_for(pattern, pointer));
        let name = NEW_FIELDS[index(rng, NEW_FIELDS.len())];
        let value = json!(uniform(rng, 1, 1_000));
        let objects = places.iter().filter(|(_, value)| value.is_object());
        let fields: Vec<Edit> =
            objects.map(|(pointer, _)| Edit::Add(format!("{pointer}/{name}"), value.clone())).collect();
        let nulls = places.iter().filter(|(pointer, value)| !pointer.is_empty() && !value.is_null());
        let nulls: Vec<Edit> = nulls.map(|(pointer, _)| Edit::Null(pointer.clone())).collect();
        let words = places.iter().filter(|(pointer, value)| value.is_string() && is_open(pointer));
        let words: Vec<Edit> =
            words.map(|(pointer, _)| Edit::Set(pointer.clone(), json!(NEW_WORD))).collect();
        self.first(rng, vec![fields, nulls, words], |_, changed| self.violations(changed).is_empty())
    }

    /// A change that breaks the contract at its own place, and the body with it. `None` if the contract says nothing of
    /// this answer.
    pub fn illegal(&self, rng: &mut ChaCha12Rng) -> Option<(Edit, Value)> {
        let inner: Vec<(String, &Value)> =
            places(self.body).into_iter().filter(|(pointer, _)| !pointer.is_empty()).collect();
        let all = |edit: fn(String) -> Edit| -> Vec<Edit> {
            inner.iter().map(|(pointer, _)| edit(pointer.clone())).collect()
        };
        let words = inner.iter().filter(|(_, value)| value.is_string());
        let words = words.map(|(pointer, _)| Edit::Set(pointer.clone(), json!(NEW_WORD))).collect();
        let broken = |edit: &Edit, changed: &Value| {
            self.violations(changed).iter().any(|violation| violation.pointer == edit.pointer())
        };
        let sorts = vec![all(Edit::Remove), all(Edit::Retype), all(Edit::Null), words];
        self.first(rng, sorts, broken).or_else(|| {
            // Whatever the contract says of an answer, it says that it is an object.
            let whole = Edit::Retype(String::new());
            let mut changed = self.body.clone();
            (whole.apply(&mut changed) && broken(&whole, &changed)).then_some((whole, changed))
        })
    }

    /// The first change that is `right`: the sorts in an order that is drawn, and the changes of each.
    fn first(
        &self,
        rng: &mut ChaCha12Rng,
        mut sorts: Vec<Vec<Edit>>,
        right: impl Fn(&Edit, &Value) -> bool,
    ) -> Option<(Edit, Value)> {
        shuffle(rng, &mut sorts);
        for mut edits in sorts {
            shuffle(rng, &mut edits);
            for edit in edits.into_iter().take(TRIES) {
                let mut changed = self.body.clone();
                if edit.apply(&mut changed) && right(&edit, &changed) {
                    return Some((edit, changed));
                }
            }
        }
        None
    }
}

/// One of the first `count` indices, of which there is at least one.
fn index(rng: &mut ChaCha12Rng, count: usize) -> usize {
    usize::try_from(uniform(rng, 0, (count as u64).saturating_sub(1))).unwrap_or(0)
}

/// Fisher and Yates, with our own draws: those of the library may change between versions.
fn shuffle<T>(rng: &mut ChaCha12Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, index(rng, last + 1));
    }
}

/// Every value of a document with its pointer, the document itself last.
fn places(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    walk(document, String::new(), &mut found);
    found
}

fn walk<'v>(value: &'v Value, pointer: String, found: &mut Vec<(String, &'v Value)>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(inner, format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                walk(inner, format!("{pointer}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found.push((pointer, value));
}

/// Whether a pointer is one of those that a pattern stands for, in which a segment `*` is any item.
fn stands_for(pattern: &str, pointer: &str) -> bool {
    let (mut pattern, mut pointer) = (pattern.split('/'), pointer.split('/'));
    loop {
        match (pattern.next(), pointer.next()) {
            (None, None) => return true,
            (Some("*"), Some(index)) if index.bytes().all(|byte| byte.is_ascii_digit()) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => return false,
        }
    }
}
