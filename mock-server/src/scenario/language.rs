//! The language, described once. A [`Shape`] reads a value and draws its JSON Schema, and a map is one function over
//! [`fields::Fields`] that serves both, so that what is read and what is published cannot drift apart.

pub(super) mod account;
pub(super) mod clock;
mod contents;
pub(super) mod document;
pub(super) mod fault;
mod fields;
mod json;
mod list;
mod matcher;
mod outcome;
mod quantity;
mod reader;
pub(super) mod request;
mod run;
mod text;
mod variants;

use serde_json::Value;

use super::node::Node;
use reader::Reader;

/// What can be written at a place.
trait Shape {
    /// What it means.
    type Value;

    /// Reads a value; `None` if it is wrong, which then has been reported.
    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Self::Value>;

    /// The JSON Schema (draft-07) of what is accepted. It may accept more than `read` does, never less.
    fn schema(&self) -> Value;
}
