//! Data and what is told of it.

use fixtures::samples::llama_extract::DataSchema;
use serde_json::Value;

use super::look::{at, entries, hold, name};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Job,
        "llama.data-fits",
        "Data fits the schema that was asked for",
        "data, and the schema of its run or job",
        [(first, "runs.data-fits-schema", fits), (v2, "extract.result-fits-schema", fits),]
    ),
    check!(
        Must,
        Job,
        "llama.metadata",
        "The metadata of fields has the shape of the data",
        "data with metadata",
        [(v1, "runs.metadata-mirrors", mirrors), (v2, "extract.metadata-mirrors", mirrors),]
    ),
    check!(
        Should,
        Job,
        "llama.metadata-asked",
        "Sources, confidence and reasons are told if they are asked for, and not otherwise",
        "data of settings that ask for each of them, and of such that do not",
        [
            (v1, "runs.citations-on-request", |case, tally| on_request(
                case,
                tally,
                "cite_sources",
                "citation"
            )),
            (v1, "runs.confidence-on-request", |case, tally| on_request(
                case,
                tally,
                "confidence_scores",
                "confidence"
            )),
            (v1, "runs.reasoning-on-request", |case, tally| on_request(
                case,
                tally,
                "use_reasoning",
                "reasoning"
            )),
            (v2, "extract.citations-on-request", |case, tally| on_request(
                case,
                tally,
                "cite_sources",
                "citation"
            )),
            (v2, "extract.confidence-on-request", |case, tally| on_request(
                case,
                tally,
                "confidence_scores",
                "confidence"
            )),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.citations",
        "A citation names its page, from 1, and the text that was found there",
        "a citation",
        [(v1, "runs.citation-form", citations), (v2, "extract.citation-form", citations),]
    ),
    check!(
        Should,
        Job,
        "llama.metadata-pages",
        "For a list of data, its metadata is a list of the same length",
        "data of pages or rows, with metadata",
        [(v2, "extract.metadata-one-per-page", |case, tally| {
            for found in all(case) {
                let Some(list) = found.data.as_array() else { continue };
                let Some(told) = found.metadata.and_then(Value::as_array) else { continue };
                hold(
                    tally,
                    found.seen,
                    told.len() == list.len(),
                    "other-length",
                    &list.len().to_string(),
                    &told.len().to_string(),
                );
            }
        }),]
    ),
    check!(
        Should,
        Job,
        "llama.usage",
        "The metadata of a run has a usage of whole numbers",
        "a run that has succeeded",
        [(v1, "runs.usage", |case, tally| {
            for found in all(case) {
                let usage = found.seen.at("/extraction_metadata/usage");
                let Some(run) = Some(found.seen)
                    .filter(|seen| name(seen) == "runs.get" || name(seen) == "runs-by-job.get")
                else {
                    continue;
                };
                let whole = usage
                    .as_object()
                    .is_some_and(|it| !it.is_empty() && it.values().all(|it| it.is_u64() || it.is_null()));
                hold(tally, run, whole, "no-usage", "whole numbers", &usage.to_string());
            }
        }),]
    ),
];

/// Data that was shown, with what it was to be like.
struct Found<'h> {
    seen: &'h Seen,
    data: &'h Value,
    schema: &'h Value,
    settings: &'h Value,
    /// That of fields.
    metadata: Option<&'h Value>,
}

/// Every look at data.
fn all<'h>(case: &'h Case<'h>) -> Vec<Found<'h>> {
    let mut found = Vec::new();
    for seen in ["runs.get", "runs-by-job.get"].into_iter().flat_map(|it| case.good(it)) {
        found.extend(run(seen, seen.body()));
    }
    for seen in case.good("runs.list") {
        found.extend(entries(seen).iter().filter_map(|entry| run(seen, entry)));
    }
    for seen in case.good("extract.get") {
        let settings = at(seen.body(), "/configuration");
        let metadata = seen.at("/extract_metadata/field_metadata");
        let kinds = ["/document_metadata", "/page_metadata", "/row_metadata"];
        let metadata = kinds.into_iter().find_map(|kind| metadata.pointer(kind).filter(|it| !it.is_null()));
        let data = seen.at("/extract_result");
        if !data.is_null() && settings.is_object() {
            found.push(Found { seen, data, schema: at(settings, "/data_schema"), settings, metadata });
        }
    }
    found
}

fn run<'h>(seen: &'h Seen, run: &'h Value) -> Option<Found<'h>> {
    let data = run.get("data").filter(|data| !data.is_null())?;
    let metadata = run.pointer("/extraction_metadata/field_metadata").filter(|it| !it.is_null());
    Some(Found { seen, data, schema: at(run, "/data_schema"), settings: at(run, "/config"), metadata })
}

fn fits(case: &Case<'_>, tally: &mut Tally) {
    for found in all(case) {
        // In the page's era only data of whole documents has the form of its schema.
        if found.settings.get("extraction_mode").is_some_and(|mode| mode == "PER_PAGE") {
            continue;
        }
        let Ok(schema) = DataSchema::read(found.schema) else { continue };
        let list = std::slice::from_ref(found.data);
        for entry in found.data.as_array().map_or(list, Vec::as_slice) {
            tally.saw(found.seen);
            if let Err(why) = schema.accepts(entry) {
                tally.broke(found.seen, "misfit", "data that fits its schema", why);
            }
        }
    }
}

fn mirrors(case: &Case<'_>, tally: &mut Tally) {
    for found in all(case) {
        let Some(metadata) = found.metadata else { continue };
        tally.saw(found.seen);
        if let Some(place) = differs(found.data, metadata, "") {
            tally.broke(found.seen, "other-shape", "the shape of the data", format!("another at {place}"));
        }
    }
}

/// Where metadata has another shape than data; what is told of a value stands in the value's place. Fields of which
/// nothing is told may be missing.
fn differs(data: &Value, metadata: &Value, place: &str) -> Option<String> {
    match (data, metadata) {
        (Value::Object(data), Value::Object(told)) => told.iter().find_map(|(name, inner)| {
            let place = format!("{place}/{name}");
            match data.get(name) {
                Some(value) if value.is_object() || value.is_array() => differs(value, inner, &place),
                Some(_) => (!inner.is_object()).then_some(place),
                // Beside the fields something may be said of the whole.
                None => ABOUT.contains(&name.as_str()).then_some(()).is_none().then_some(place),
            }
        }),
        (Value::Array(data), Value::Array(told)) if data.len() == told.len() => {
            let both = data.iter().zip(told).enumerate();
            both.into_iter().find_map(|(at, (value, inner))| match value {
                Value::Object(_) | Value::Array(_) => differs(value, inner, &format!("{place}/{at}")),
                _ => (!inner.is_object()).then(|| format!("{place}/{at}")),
            })
        }
        // A list or an object that is empty has nothing to tell of.
        (Value::Array(data), _) if data.is_empty() => None,
        (Value::Object(data), _) if data.is_empty() => None,
        _ => Some(if place.is_empty() { "the root".into() } else { place.to_owned() }),
    }
}

/// What may be told of a value.
const ABOUT: [&str; 5] =
    ["citation", "confidence", "reasoning", "extraction_confidence", "parsing_confidence"];

/// Whether something is told anywhere in metadata.
fn tells(metadata: &Value, what: &str) -> bool {
    match metadata {
        Value::Object(members) => members.iter().any(|(name, inner)| name == what || tells(inner, what)),
        Value::Array(items) => items.iter().any(|item| tells(item, what)),
        _ => false,
    }
}

fn on_request(case: &Case<'_>, tally: &mut Tally, setting: &str, what: &str) {
    let (mut with, mut without) = (false, false);
    for found in all(case).iter().filter(|found| has_fields(found.data)) {
        let asked = found.settings.get(setting) == Some(&Value::Bool(true));
        // Version 2 tells nothing at all unless it is expanded.
        if found.metadata.is_none() && name(found.seen).starts_with("extract.") && !asked {
            continue;
        }
        let told = found.metadata.is_some_and(|metadata| tells(metadata, what));
        (with, without) = (with || asked, without || !asked);
        let expected = if asked { "told" } else { "not told" };
        hold(
            tally,
            found.seen,
            told == asked,
            "not-as-asked",
            expected,
            if told { "told" } else { "not told" },
        );
    }
    if !(with && without) {
        tally.block("there was no data of both settings");
    }
}

/// Whether there is a value of which something can be told.
fn has_fields(data: &Value) -> bool {
    match data {
        Value::Object(members) => {
            members.values().any(|it| !it.is_null() && (has_fields(it) || !it.is_object()))
        }
        Value::Array(items) => items.iter().any(has_fields),
        _ => true,
    }
}

fn citations(case: &Case<'_>, tally: &mut Tally) {
    for found in all(case) {
        let mut open: Vec<&Value> = found.metadata.into_iter().collect();
        while let Some(value) = open.pop() {
            for (name, inner) in value.as_object().into_iter().flatten() {
                let list = inner.as_array().filter(|_| name == "citation");
                for citation in list.into_iter().flatten() {
                    let page = citation.get("page").and_then(Value::as_u64).is_some_and(|page| page > 0);
                    let text = citation.get("matching_text").is_some_and(Value::is_string);
                    hold(tally, found.seen, page && text, "form", "a page and a text", &citation.to_string());
                }
                open.push(inner);
            }
            open.extend(value.as_array().into_iter().flatten());
        }
    }
}
