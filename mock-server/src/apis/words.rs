//! What answers of every API say of a request that breaks its contract.

use fixtures::contract::Violation;

const VIOLATIONS_SHOWN: usize = 3;
/// How much of what a client sent is said again, in characters.
const MOST: usize = 200;

/// The violations of a request in one line, the first of them if there are many.
pub(super) fn message(violations: &[Violation]) -> String {
    let shown: Vec<_> = violations.iter().take(VIOLATIONS_SHOWN).map(sentence).collect();
    let more = violations.len().saturating_sub(VIOLATIONS_SHOWN);
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join("; "))
}

/// A violation in words a client knows: fields by their path, not by their pointer.
fn sentence(violation: &Violation) -> String {
    violation.message.replace("``", "the body").replace("`/", "`")
}

/// What a client sent, cut to what can be said again.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
