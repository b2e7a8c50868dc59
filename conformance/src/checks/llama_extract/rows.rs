//! Checks as tables: a row for each sentence of the contracts, with the function that puts it to the test. The generations
//! say much in the same words, so a row stands for the clause of that name in every generation that has it.

use fixtures::contract::Clause;

use crate::history::History;
use crate::verdict::Tally;

/// A clause, and what puts it to the test.
pub(super) struct Row {
    /// The clause's id after its version.
    pub(super) clause: &'static str,
    /// The generations it stands in, by the word of the table.
    pub(super) of: &'static str,
    /// Notes occasions and breaches.
    pub(super) test: fn(&Case<'_>, &mut Tally),
}

/// A clause of one generation, in front of a record.
pub(super) struct Case<'h> {
    /// The record.
    pub(super) history: &'h History,
    /// The clause.
    pub(super) clause: &'static Clause,
}

/// Goes through a record with every row whose clause its contract has. A row without an occasion keeps the check from
/// passing: what was not put to the test is not kept.
pub(super) fn judge(history: &History, rows: &[Row]) -> Tally {
    let mut tally = Tally::default();
    let mut unseen = Vec::new();
    for row in rows {
        let id = format!("llama-extract.{}.{}", history.profile.version, row.clause);
        let Some(clause) = history.contract.clause(&id).filter(|_| is_of(row.of, history)) else { continue };
        let mut own = Tally::default();
        (row.test)(&Case { history, clause }, &mut own);
        if own.occasions().is_empty() {
            unseen.push(row.clause);
        }
        tally.absorb(own);
    }
    if !tally.occasions().is_empty() && !unseen.is_empty() {
        tally.block(format!("nothing was seen that puts {} to the test", unseen.join(", ")));
    }
    tally
}

/// Whether a word of the table means the generation of a record.
fn is_of(word: &str, history: &History) -> bool {
    match history.profile.version {
        "extractionv2" => ["all", "first", "page"].contains(&word),
        "v1" => ["all", "first", "last", "v1"].contains(&word),
        _ => ["all", "last", "v2"].contains(&word),
    }
}

/// The ids of clauses, each by the generations that have it: `all`, `first` (the page's era and version 1), `last`
/// (versions 1 and 2), `page`, `v1` or `v2`.
macro_rules! clauses {
    (@ [$($done:expr,)*]) => { &[$($done),*] };
    (@ [$($done:expr,)*] all $name:literal $($rest:tt)*) => {
        clauses!(@ [$($done,)* concat!("llama-extract.extractionv2.", $name), concat!("llama-extract.v1.", $name),
            concat!("llama-extract.v2.", $name),] $($rest)*)
    };
    (@ [$($done:expr,)*] first $name:literal $($rest:tt)*) => {
        clauses!(@ [$($done,)* concat!("llama-extract.extractionv2.", $name), concat!("llama-extract.v1.", $name),]
            $($rest)*)
    };
    (@ [$($done:expr,)*] last $name:literal $($rest:tt)*) => {
        clauses!(@ [$($done,)* concat!("llama-extract.v1.", $name), concat!("llama-extract.v2.", $name),] $($rest)*)
    };
    (@ [$($done:expr,)*] page $name:literal $($rest:tt)*) => {
        clauses!(@ [$($done,)* concat!("llama-extract.extractionv2.", $name),] $($rest)*)
    };
    (@ [$($done:expr,)*] v1 $name:literal $($rest:tt)*) => {
        clauses!(@ [$($done,)* concat!("llama-extract.v1.", $name),] $($rest)*)
    };
    (@ [$($done:expr,)*] v2 $name:literal $($rest:tt)*) => {
        clauses!(@ [$($done,)* concat!("llama-extract.v2.", $name),] $($rest)*)
    };
}

/// A check: its level, its cost, its id, what holds when it passes, its occasion, and its rows.
macro_rules! check {
    (
        $level:ident, $cost:ident, $id:literal, $title:literal, $needs:literal,
        [$(($versions:ident, $name:literal, $test:expr)),+ $(,)?] $(,)?
    ) => {
        $crate::checks::Check {
            id: $id,
            title: $title,
            level: fixtures::contract::Level::$level,
            cost: $crate::checks::Cost::$cost,
            clauses: clauses!(@ [] $($versions $name)+),
            needs: $needs,
            judge: |history| {
                const ROWS: &[$crate::checks::llama_extract::rows::Row] =
                    &[$($crate::checks::llama_extract::rows::Row { clause: $name, of: stringify!($versions), test: $test }),+];
                $crate::checks::llama_extract::rows::judge(history, ROWS)
            },
        }
    };
}

pub(super) use {check, clauses};
