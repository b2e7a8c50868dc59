//! `drift` of a fault: how an answer's JSON differs from the usual.

use serde_json::{Value, json};

use crate::scenario::fault::Drift;
use crate::scenario::fault::edit::Edit;
use crate::scenario::language::Shape;
use crate::scenario::language::fields::{Fields, Object};
use crate::scenario::language::json::{Json, Pointer};
use crate::scenario::language::list::List;
use crate::scenario::language::reader::{Mistake, Reader};
use crate::scenario::language::text::{LINE, unknown_name};
use crate::scenario::language::variants::{Forms, OneOf};
use crate::scenario::node::{Content, Node};

/// The most edits of a fault.
const EDITS_MAX: usize = 100;

pub(super) const DRIFT: DriftShape = DriftShape;

/// `random-legal`, `random-illegal`, or a list of edits.
pub(super) struct DriftShape;

const NAMES: [&str; 2] = ["random-legal", "random-illegal"];

type ReadEdit = fn(&mut Forms<'_, '_>) -> Option<Edit>;

const EDITS: List<OneOf<ReadEdit>> = List { of: OneOf { what: "an edit", read: edit }, max_items: EDITS_MAX };

impl Shape for DriftShape {
    type Value = Drift;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Drift> {
        match &node.content {
            Content::Text(text) if text == "random-legal" => Some(Drift::RandomLegal),
            Content::Text(text) if text == "random-illegal" => Some(Drift::RandomIllegal),
            Content::Text(text) => {
                reader.report(&node.span, unknown_name("a drift", text, NAMES.into_iter(), &[]));
                None
            }
            Content::List(items) if items.is_empty() => {
                reader.report(&node.span, Mistake::new("this drift edits nothing").help("add an edit"));
                None
            }
            Content::List(_) => {
                let edits = EDITS.read(node, reader)?;
                Some(Drift::Edits(edits.into_iter().map(|item| item.value).collect()))
            }
            _ => {
                let help = "write `random-legal`, `random-illegal`, or a list of edits, as in \
                            `[{ remove: /meta/progress }]`";
                reader.mismatch(node, "a drift", Some(help.to_owned()));
                None
            }
        }
    }

    fn schema(&self) -> Value {
        let mut edits = EDITS.schema();
        edits["minItems"] = json!(1);
        json!({ "anyOf": [{ "enum": NAMES }, edits] })
    }
}

fn edit(forms: &mut Forms<'_, '_>) -> Option<Edit> {
    let remove = forms.value("remove", "A pointer to what is taken away.", &Pointer).map(Edit::Remove);
    let set = Object { what: "`set`", read: |fields: &mut Fields<'_, '_>| set(fields) };
    let set = forms.object("set", "The value is another.", &set);
    let null = forms.value("null", "A pointer to what is null.", &Pointer).map(Edit::Null);
    let retype = forms.value("retype", "A pointer to what has another type.", &Pointer).map(Edit::Retype);
    let rename = Object { what: "`rename`", read: |fields: &mut Fields<'_, '_>| rename(fields) };
    let rename = forms.object("rename", "The member has another name.", &rename);
    let add = Object { what: "`add`", read: |fields: &mut Fields<'_, '_>| add(fields) };
    let add = forms.object("add", "A member or an item is there that was not.", &add);
    let reverse = forms.value("reverse", "A pointer to what stands in reverse order.", &Pointer);
    remove.or(set).or(null).or(retype).or(rename).or(add).or(reverse.map(Edit::Reverse))
}

fn set(fields: &mut Fields<'_, '_>) -> Option<Edit> {
    let at = fields.required("at", "The pointer to the value.", &Pointer);
    let to = fields.required("to", "The new value; for null there is the edit `null`.", &Json);
    Some(Edit::Set(at?, to?))
}

fn rename(fields: &mut Fields<'_, '_>) -> Option<Edit> {
    let at = fields.required("at", "The pointer to the member.", &Pointer);
    let to = fields.required("to", "Its new name.", &LINE);
    Some(Edit::Rename(at?, to?))
}

fn add(fields: &mut Fields<'_, '_>) -> Option<Edit> {
    let at =
        fields.required("at", "The pointer to the new place; in a list, `-` is behind the last.", &Pointer);
    let value = fields.required("value", "What stands there.", &Json);
    Some(Edit::Add(at?, value?))
}
