//! Clauses that their checks judge in part, and what they leave out.
//!
//! The rule: a clause counts as checked only if a run with every occasion would notice each way of breaking it that a
//! caller could notice, on every operation it speaks of; that an answer fits its schema is noticed everywhere. Where
//! only some operations, some members or some inputs are looked at, the clause stands here. Whoever closes the gap
//! removes the line.

mod catalog;
mod extralt_v0;
mod extralt_v1;
mod llama_extract_page;
mod llama_extract_v1;
mod llama_extract_v2;

/// A clause that is judged in part.
#[derive(Debug)]
pub struct Partly {
    /// Its id.
    pub clause: &'static str,
    /// What its checks leave out, as a phrase.
    pub leaves_out: &'static str,
}

/// What is known of the clause with this id, if it is judged in part.
pub fn of(clause: &str) -> Option<&'static Partly> {
    all().find(|partly| partly.clause == clause)
}

/// Every clause that is judged in part, contract after contract, in the order of each.
pub fn all() -> impl Iterator<Item = &'static Partly> {
    [
        catalog::TABLE,
        extralt_v0::TABLE,
        extralt_v1::TABLE,
        llama_extract_page::TABLE,
        llama_extract_v1::TABLE,
        llama_extract_v2::TABLE,
    ]
    .into_iter()
    .flatten()
}
