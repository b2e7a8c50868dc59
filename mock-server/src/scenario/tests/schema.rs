//! The published schema and the reader agree: what is read is valid, and both know the same keys.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::accepted::{APART, EVERYTHING};
use crate::scenario::{library, parse, schema};

/// The document as an editor sees it.
fn value(text: &str) -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}"))
}

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    jsonschema::draft7::options().should_validate_formats(true).build(&schema()).expect("it is a schema")
});

/// The names of all properties that a schema knows, at any depth.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(known)) = map.get("properties") {
                names.extend(known.keys().cloned());
            }
            map.values().for_each(|value| properties(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

/// The pointers to all values of a document.
fn pointers(document: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match document {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{key}"), all);
            }
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), all));
        }
        _ => {}
    }
}

#[test]
fn the_schema_is_one() {
    jsonschema::meta::validate(&schema()).expect("it is valid itself");
}

#[test]
fn the_published_file_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/scenario.schema.json");
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        published == format!("{:#}\n", schema()),
        "the language has changed; renew the file that editors read with\n\n    \
         cargo run -- scenario schema > scenarios/scenario.schema.json\n"
    );
}

#[test]
fn what_is_shipped_is_valid() {
    for text in
        library::shipped().iter().map(|shipped| shipped.text).chain([EVERYTHING, APART, "{}", "# nothing\n"])
    {
        assert!(VALIDATOR.is_valid(&value(text)), "{text}");
    }
}

#[test]
fn every_key_of_the_schema_is_read() {
    let mut names = BTreeSet::new();
    properties(&schema(), &mut names);
    let sample = value(EVERYTHING).to_string() + &value(APART).to_string();
    for name in names {
        assert!(sample.contains(&format!("\"{name}\":")), "the sample that is read has no `{name}`");
    }
}

#[test]
fn a_document_of_the_wrong_form_is_neither_read_nor_valid() {
    for wrong in [
        json!([]),
        json!({ "faults": {} }),
        json!({ "faults": [{ "delay": 30 }] }),
        json!({ "faults": [{ "payload": "emty" }] }),
        json!({ "faults": [{ "drift": [] }] }),
        json!({ "faults": [{ "state": { "lose-cancel": 1 } }] }),
        json!({ "version": 2 }),
        json!({ "clock": { "mode": "warp" } }),
        json!({ "clock": { "start": "yesterday" } }),
        json!({ "account": { "apis": { "catalog": { "credits": "many" } } } }),
        json!({ "account": { "apis": { "catalog": { "rate-limit": "none" } } } }),
        json!({ "account": { "apis": { "catalog": { "rate-limit": { "requests": 0, "per": "4s" } } } } }),
        json!({ "accounts": [{ "organization": "acme" }] }),
        json!({ "runs": [{ "match": { "nth": 0 } }] }),
        json!({ "runs": [{ "match": { "request": { "a": [] } } }] }),
        json!({ "runs": [{ "lifecycle": { "pending": 30 } }] }),
        json!({ "runs": [{ "outcome": "partial" }] }),
        json!({ "runs": [{ "outcome": { "failed": {}, "stuck": {} } }] }),
        json!({ "clock": { "mode": "manual", "advance-per-request": "1s..2s" } }),
        json!({ "account": { "apis": { "extralt": { "plan": "large" } } } }),
        json!({ "account": { "apis": { "extralt": { "rate-limit": { "burst": 3 } } } } }),
        json!({ "runs": [{ "outcome": { "failed": { "refusal": "no_store" } } }] }),
        json!({ "world": { "extralt": { "robots": [{ "url": "https://a.example", "country": "us" }] } } }),
        json!({ "world": { "extralt": { "robots": [{ "url": "https://a.example", "id": "a b" }] } } }),
        json!({ "world": { "extralt": { "runs": [{ "budget": 5 }] } } }),
        json!({ "world": { "extralt": { "schedules": [{ "robot": "a", "cadence": { "unit": "year" } }] } } }),
        json!({ "world": { "llama-extract": { "agents": [{ "name": "a" }] } } }),
        json!({ "world": { "llama-extract": { "agents": [{ "name": "a", "data-schema": [] }] } } }),
        json!({ "world": { "llama-extract": { "files": [{ "name": "a", "id": "b" }] } } }),
        json!({ "world": { "llama-extract": { "extractions": [{ "agent": "a" }] } } }),
        json!({ "world": { "catalog": [] } }),
        json!({ "world": { "catalog": { "crawls": [{ "created": "-1h" }] } } }),
        json!({ "world": { "catalog": { "extracts": [{ "urls": "https://a.example/p" }] } } }),
        json!({ "world": { "catalog": { "searches": [{ "query": "boots", "created": "1h" }] } } }),
    ] {
        assert!(!VALIDATOR.is_valid(&wrong), "{wrong}");
        assert!(parse("wrong", &wrong.to_string()).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn what_is_read_is_valid(
        place in any::<prop::sample::Index>(),
        replacement in prop::sample::select(vec![
            json!(null), json!(true), json!(0), json!(1), json!(9), json!(1.5), json!("x"), json!("30s"), json!("1s..2s"),
            json!("1..2"), json!("5%"), json!("unlimited"), json!("manual"), json!("failed"), json!("crawl"), json!([]),
            json!({}), json!({ "completed": null }), json!({ "p50": "1s", "p99": "1m" }), json!("2000-01-01T00:00:00Z"),
        ]),
    ) {
        let mut document = value(EVERYTHING);
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        if let Some(old) = document.pointer_mut(place.get::<String>(&all)) {
            *old = replacement;
        }
        if parse("changed", &document.to_string()).is_ok() {
            prop_assert!(VALIDATOR.is_valid(&document), "{document}");
        }
    }
}
