//! What a scenario says of LlamaExtract.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::scenario::account::{LLAMA_EXTRACT_RATE_LIMIT, LlamaExtractAccount, RateLimit};
use crate::scenario::amount::CountRange;
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
