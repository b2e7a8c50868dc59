//! Exports: files of captures and of items.

use serde_json::Value;

use super::super::{Check, Cost};
use super::{expect, good, member, must, should, whole};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::extralt::is_v1;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "export.formats",
        "An export is Parquet, or lines of JSON where they are asked for",
        Cost::Job,
        &["extralt.v0.captures.export.formats", "extralt.v1.exports.formats"],
        "an export in each format",
        formats,
    ),
    must(
        "export.default",
        "An export is Parquet where no format is given",
        Cost::Job,
        &["extralt.v0.captures.export.default"],
        "an export without a format",
        default,
    ),
    must(
        "export.attachment",
        "An export has a Content-Disposition of attachment",
        Cost::Job,
        &["extralt.v0.captures.export.attachment", "extralt.v1.exports.attachment"],
        "an export",
        attachment,
    ),
    must(
        "export.complete",
        "An export of what is over holds all of it, one to a line",
        Cost::Job,
        &["extralt.v0.captures.export.complete", "extralt.v1.exports.complete"],
        "an export as lines, and a whole list of the same",
        complete,
    ),
    should(
        "export.lines",
        "Each line of an export is the capture as the list shows it",
        Cost::Job,
        &["extralt.v0.captures.export.lines"],
        "an export as lines, and a whole list of the same",
        lines,
    ),
    should(
        "export.labels",
        "An export is labeled with its type and named after what it is of",
        Cost::Job,
        &["extralt.v1.exports.labels"],
        "an export",
        labels,
    ),
    should(
        "export.accept",
        "An export is given also to a client that accepts application/json only",
        Cost::Job,
        &["extralt.v1.exports.accept"],
        "an export for a client that accepts JSON",
        accept,
    ),
    should(
        "export.items",
        "Items are exported as captures are",
        Cost::Job,
        &["extralt.v0.items.export.like-captures"],
        "an export of items",
        items,
    ),
];

/// What is exported, each kind with its list and the parameter that names the source.
static KINDS: [(&str, &str, &str); 2] = [
    ("extralt.captures.export", "extralt.captures.list", "run_id"),
    ("extralt.items.export", "extralt.items.list", "enrichment_id"),
];

/// What the clauses about exports of captures speak of: in v1 they are about items as well.
fn kinds(history: &History) -> &'static [(&'static str, &'static str, &'static str)] {
    if is_v1(history) { &KINDS } else { &KINDS[..1] }
}

/// The exports that were given, each with what its bytes are.
fn exports<'a>(
    history: &'a History,
    kinds: &'a [(&str, &str, &str)],
) -> impl Iterator<Item = (&'a Seen, Vec<u8>)> {
    kinds.iter().flat_map(|(operation, ..)| good(history, operation)).filter_map(|seen| {
        let bytes = seen.response()?.body.bytes();
        Some((seen, bytes))
    })
}

/// What a file in Parquet begins and ends with.
const MAGIC: &[u8] = b"PAR1";

fn is_parquet(bytes: &[u8]) -> bool {
    bytes.len() > 2 * MAGIC.len() && bytes.starts_with(MAGIC) && bytes.ends_with(MAGIC)
}

/// The lines of a file, as JSON; none if one of them is no object.
fn read_lines(bytes: &[u8]) -> Option<Vec<Value>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_str(line).ok().filter(Value::is_object));
    lines.collect()
}

fn form(tally: &mut Tally, seen: &Seen, bytes: &[u8]) {
    tally.saw(seen);
    match seen.query("format") {
        Some("jsonl") if read_lines(bytes).is_none() => {
            tally.broke(seen, "not-lines", "an object of JSON in each line", "something else");
        }
        Some("parquet") | None if !is_parquet(bytes) => {
            tally.broke(seen, "not-parquet", "a file that begins and ends with PAR1", "something else");
        }
        _ => {}
    }
}

fn formats(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, bytes) in exports(history, kinds(history)) {
        form(&mut tally, seen, &bytes);
    }
    tally
}

fn default(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, bytes) in exports(history, &KINDS[..1]).filter(|(seen, _)| seen.query("format").is_none()) {
        form(&mut tally, seen, &bytes);
    }
    tally
}

fn attached(tally: &mut Tally, seen: &Seen) {
    tally.saw(seen);
    let label = seen.header("content-disposition").unwrap_or("none");
    if !label.to_ascii_lowercase().trim_start().starts_with("attachment") {
        tally.broke(seen, "not-attached", "attachment", label);
    }
}

fn attachment(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in exports(history, kinds(history)) {
        attached(&mut tally, seen);
    }
    tally
}

/// Exports as lines with a whole list of the same right before.
fn listed<'a>(
    history: &'a History,
    kind: &(&'a str, &'a str, &'a str),
) -> Vec<(&'a Seen, Vec<Value>, &'a Seen)> {
    let (export, list, parameter) = *kind;
    let mut found = Vec::new();
    for seen in good(history, export).filter(|seen| seen.query("format") == Some("jsonl")) {
        let same = |it: &&Seen| it.query(parameter).is_some() && it.query(parameter) == seen.query(parameter);
        let before = whole(history, list).filter(same).rfind(|it| it.id() < seen.id());
        let lines = seen.response().and_then(|response| read_lines(&response.body.bytes()));
        if let (Some(before), Some(lines)) = (before, lines) {
            found.push((seen, lines, before));
        }
    }
    found
}

fn complete(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, lines, list) in kinds(history).iter().flat_map(|kind| listed(history, kind)) {
        tally.saw(seen);
        let shown: Vec<_> = list.items().iter().map(|item| list.id_of(item)).collect();
        let written: Vec<_> = lines.iter().map(|line| list.id_of(line)).collect();
        let all = shown.len() == written.len() && shown.iter().all(|id| written.contains(id));
        if !all {
            let expected = format!("{} of them", shown.len());
            tally.broke(seen, "not-all", expected, format!("{} lines", written.len())).after(list);
        }
    }
    tally
}

fn lines(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, lines, list) in listed(history, &KINDS[0]) {
        for line in &lines {
            let Some(item) = list.id_of(line).and_then(|id| list.item(id)) else { continue };
            tally.saw(seen);
            let other =
                item.as_object().into_iter().flatten().find(|(name, value)| !same(member(line, name), value));
            if let Some((name, value)) = other {
                let observed = format!("{name}: {}", member(line, name));
                tally.broke(seen, "differs", format!("{name}: {value}"), observed).after(list);
            }
        }
    }
    tally
}

/// Whether two values mean the same; in JSON 5.0 is no other number than 5.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|it| same(value, it)))
        }
        _ => one == other,
    }
}

fn labels(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (operation, _, parameter) in KINDS {
        for seen in good(history, operation) {
            let Some(id) = seen.query(parameter) else { continue };
            tally.saw(seen);
            let jsonl = seen.query("format") == Some("jsonl");
            let media = if jsonl { "application/x-ndjson" } else { "application/vnd.apache.parquet" };
            let what = if operation.contains("items") { "items" } else { "captures" };
            let file = format!("{what}-{id}.{}", if jsonl { "jsonl" } else { "parquet" });
            if seen.header("content-type") != Some(media) {
                tally.broke(seen, "other-type", media, seen.header("content-type").unwrap_or("none"));
            }
            let label = seen.header("content-disposition").unwrap_or("none");
            if !label.contains(&file) {
                tally.broke(seen, "other-name", file, label);
            }
        }
    }
    tally
}

fn accept(history: &History) -> Tally {
    let mut tally = Tally::default();
    let probes = super::asked(history, "extralt.captures.export")
        .filter(|seen| seen.exchange().request().header("accept") == Some("application/json"));
    expect(&mut tally, probes, "refused", &[200]);
    tally
}

fn items(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, bytes) in exports(history, &KINDS[1..]) {
        form(&mut tally, seen, &bytes);
        attached(&mut tally, seen);
    }
    for (seen, lines, list) in listed(history, &KINDS[1]) {
        if lines.len() != list.items().len() {
            let observed = format!("{} lines", lines.len());
            tally.broke(seen, "not-all", format!("{} of them", list.items().len()), observed).after(list);
        }
    }
    tally
}
