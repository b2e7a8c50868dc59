//! The report as JSON: one object, of the shape [`Report`] documents.

use fixtures::contract::Contract;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Report, level};
use crate::checks;

/// The report as indented JSON, ended by a newline.
pub fn render(report: &Report) -> String {
    text(report)
}

pub(super) fn text(value: &impl Serialize) -> String {
    // Every map key is a string and every number finite, so there is nothing JSON could refuse.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// Every check of an API as an array of objects, in the order of reports: `id`, `title`, `group`, `level`, `cost`,
/// `needs` (its occasion) and `clauses` (ids).
pub fn catalogue(contract: &Contract) -> String {
    let checks = checks::of(contract).map(|(group, check)| {
        let own: Vec<_> = check.clauses.iter().filter(|id| contract.clause(id).is_some()).collect();
        json!({
            "id": check.id,
            "title": check.title,
            "group": group.title,
            "level": level(check.level),
            "cost": check.cost.word(),
            "needs": check.needs,
            "clauses": own,
        })
    });
    format!("{:#}\n", Value::from_iter(checks))
}
