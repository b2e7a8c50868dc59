//! A request beside what was expected, as text and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::control::journaled::faults;
use crate::expectations::text::{shortened, value};
use crate::expectations::{Condition, Expectation, Held, SHOWN_MAX, Seen, Tally};

/// How many came.
pub(super) fn came(tally: &Tally, after: u64, received: u64) -> String {
    match tally.found {
        0 if received == 0 => "no request has come at all".to_owned(),
        0 if received == after => format!("no request has come after number {after}"),
        0 => "none came".to_owned(),
        found if found > tally.matched.len() as u64 => {
            format!("{found} came, of which the last {} are shown", tally.matched.len())
        }
        found => format!("{found} came"),
    }
}

/// The request in a line, and a line for each difference.
pub(super) fn line(expectation: &Expectation, seen: &Seen<'_>) -> String {
    let entry = seen.entry;
    let status = entry.status.map(|status| status.as_u16().to_string());
    let answer = status.unwrap_or_else(|| "no answer, its client had left".to_owned());
    let fired = fired(&faults(entry));
    let fault = if fired.is_empty() { String::new() } else { format!(" (fault {})", fired.join(", ")) };
    let mut text = format!(
        "\n    #{} {} {} -> {answer}{fault}, at {}",
        entry.number,
        entry.method,
        entry.target,
        entry.at.iso_millis()
    );
    for violation in violations(seen) {
        // Writing into a string does not fail.
        let _ = write!(text, "\n        refused: {violation}");
    }
    for (condition, held) in differences(expectation, seen) {
        let found = match (condition.found_in(seen), held) {
            (_, Held::Unknown) => "a body of which only the start was kept".to_owned(),
            (Some(found), _) => value(&found),
            (None, _) => "nothing".to_owned(),
        };
        let _ = write!(
            text,
            "\n        {}: expected {}, found {found}",
            condition.on,
            value(&condition.expected)
        );
    }
    text
}

/// The same for programs.
pub(super) fn entry(expectation: &Expectation, seen: &Seen<'_>) -> Value {
    let entry = seen.entry;
    let differs: Vec<Value> = differences(expectation, seen)
        .map(|(condition, _)| {
            json!({
                "condition": condition.on.to_string(),
                "expected": shortened(condition.expected.clone()),
                "found": condition.found_in(seen).map(shortened),
            })
        })
        .collect();
    json!({
        "number": entry.number,
        "at": entry.at.iso_micros(),
        "method": entry.method.as_str(),
        "target": entry.target,
        "operation": entry.operation,
        "run": entry.run,
        "status": entry.status.map(|status| status.as_u16()),
        "faults": fired(&faults(entry)),
        "violations": violations(seen).collect::<Vec<_>>(),
        "differs": differs,
    })
}

fn differences<'e>(
    expectation: &'e Expectation,
    seen: &Seen<'_>,
) -> impl Iterator<Item = (&'e Condition, Held)> {
    let held = expectation.conditions.iter().map(|condition| (condition, condition.held_by(seen)));
    held.filter(|(_, held)| *held != Held::Yes)
}

/// How the request breaks the contract, the first of it.
fn violations<'s>(seen: &Seen<'s>) -> impl Iterator<Item = &'s str> {
    seen.entry.violations.lines().take(SHOWN_MAX)
}

/// The ids of the faults that fired.
fn fired(faults: &Value) -> Vec<String> {
    let ids = faults.as_array().into_iter().flatten().filter_map(|fault| fault["id"].as_str());
    ids.map(str::to_owned).collect()
}
