//! The report as JSON: one object, of the shape [`Report`] documents.

use super::Report;

/// The report as indented JSON, ended by a newline.
pub fn render(report: &Report) -> String {
    // Every map key is a string and every number finite, so there is nothing JSON could refuse.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
