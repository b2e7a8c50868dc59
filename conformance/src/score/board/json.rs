//! The score for programs.

use super::Score;

/// The score as indented JSON, ended by a line break.
pub fn render(score: &Score) -> String {
    // Texts, numbers, lists and objects with text as keys: there is nothing that JSON could refuse.
    let text = serde_json::to_string_pretty(score).unwrap_or_default();
    format!("{text}\n")
}
