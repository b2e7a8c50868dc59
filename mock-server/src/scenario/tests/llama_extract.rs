//! What a scenario says of LlamaExtract.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fixtures::samples::llama_extract::DataSchema;
use serde_json::json;
use uuid::Uuid;

use crate::scenario::account::{LLAMA_EXTRACT_RATE_LIMIT, LlamaExtractAccount, RateLimit};
use crate::scenario::amount::CountRange;
use crate::scenario::contents::llama_extract::{Agent, Earlier, Extraction, File, Reference, Target, What};
use crate::scenario::duration::DurationRange;
use crate::scenario::kind::{Api, PhaseName, RunKind};
use crate::scenario::matcher::{Glob, RunMatcher};
use crate::scenario::parse;
use crate::scenario::run::{Outcome, RunRule};

/// The account that [`EVERYTHING`](super::accepted::EVERYTHING) gives every key.
pub(super) fn template() -> LlamaExtractAccount {
    LlamaExtractAccount { rate_limit: RateLimit::new(7, Duration::from_secs(10)) }
}

/// The account of the first key it declares.
pub(super) fn declared() -> LlamaExtractAccount {
    LlamaExtractAccount { rate_limit: Some(LLAMA_EXTRACT_RATE_LIMIT) }
}

/// Its rule for extractions.
pub(super) fn rules() -> [RunRule; 1] {
    let lasts = |seconds| DurationRange::Fixed(Duration::from_secs(seconds));
    let phases = [(PhaseName::Created, 1), (PhaseName::Pending, 2), (PhaseName::Throttled, 3)];
    [RunRule {
        matcher: RunMatcher {
            api: Some(Api::LlamaExtract),
            kind: Some(RunKind::Extraction),
            agent: Some(Glob::new("inv*")),
            file_name: Some(Glob::new("*.pdf")),
            ..RunMatcher::default()
        },
        lifecycle: phases
            .into_iter()
            .map(|(phase, seconds)| (phase, lasts(seconds)))
            .collect::<BTreeMap<_, _>>(),
        data: Some(Arc::new(json!({ "total": 12.5, "lines": [{ "sku": "a" }, { "sku": null }] }))),
        outcome: Some(Outcome::Partial { failed_items: CountRange::exactly(1), outcome: None }),
        ..RunRule::default()
    }]
}

/// What its worlds begin with, in the order in which it comes into being.
pub(super) fn contents() -> Vec<Earlier> {
    let id = |text: &str| Uuid::try_parse(text).ok();
    let made = |what, hours: u64, id| Earlier::new(what, Duration::from_secs(hours * 3_600), id);
    let schema = |value| DataSchema::read(&value).unwrap_or_else(|problem| panic!("{problem}"));
    let invoices = Agent {
        name: "Invoices".into(),
        schema: schema(json!({ "type": "object", "properties": { "total": { "type": "number" } } })),
        target: Target::Document,
        citations: false,
        confidence: false,
        reasoning: false,
    };
    let pages = Agent {
        name: "pages".into(),
        schema: schema(json!({ "type": "object" })),
        target: Target::Page,
        citations: true,
        confidence: true,
        reasoning: true,
    };
    let two_lines = File { name: "a.pdf".into(), external_id: Some("a-7".into()), text: "Two\nlines".into() };
    let plain = File { name: "a.pdf".into(), external_id: None, text: "a.pdf".into() };
    let (pages_id, plain_id) =
        (id("5f0c3b1e-7d42-4a86-9c1b-2f6e8d07a314"), id("c2a94d58-0b7f-4e13-8d65-41b7f9e3a08c"));
    let file = Reference::Id(plain_id.unwrap_or_default());
    let pinned = Extraction {
        agent: Reference::Name("Invoices".into()),
        file: file.clone(),
        behaviour: RunRule {
            lifecycle: BTreeMap::from([(PhaseName::Created, DurationRange::Fixed(Duration::from_secs(5)))]),
            data: Some(Arc::new(json!({ "total": 7 }))),
            outcome: Some(Outcome::Partial { failed_items: CountRange::exactly(1), outcome: None }),
            ..RunRule::default()
        },
    };
    let agent = Reference::Id(pages_id.unwrap_or_default());
    let usual = Extraction { agent, file, behaviour: RunRule::default() };
    vec![
        made(What::Agent(invoices), 4, None),
        made(What::File(two_lines), 3, None),
        made(What::Agent(pages), 1, pages_id),
        made(What::File(plain), 1, plain_id),
        made(What::Extraction(Box::new(pinned)), 1, id("8e1d6f27-35ab-4c90-b2f4-7a09c5d8e613")),
        Earlier::new(What::Extraction(Box::new(usual)), Duration::from_secs(600), None),
    ]
}

#[test]
fn data_is_objects_and_only_an_extraction_brings_what_is_given() {
    let said = |text: &str| parse("sample", text).expect_err("it is wrong").to_string();
    for (text, why) in [
        ("runs: [{ data: [1] }]", "an object"),
        ("runs: [{ data: yes }]", "an object"),
        ("runs: [{ match: { kind: crawl }, data: {} }]", "the data of a crawl cannot be given"),
        ("runs: [{ match: { kind: extraction }, file: a.json }]", "matched as `file-name`"),
        ("runs: [{ match: { kind: run, agent: a } }]", "a run has no agent"),
        ("runs: [{ match: { kind: crawl, file-name: a } }]", "a crawl has no file-name"),
    ] {
        let said = said(text);
        assert!(said.contains(why), "{said}");
    }
    for right in [
        "runs: [{ match: { kind: extraction }, data: [{ a: 1 }, {}] }]",
        "runs: [{ match: { kind: import, file-name: '*.csv' } }]",
    ] {
        parse("sample", right).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    }
}
