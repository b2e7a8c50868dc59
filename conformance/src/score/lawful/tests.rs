use std::collections::BTreeSet;

use fixtures::contract::Party;

use super::*;

/// The readings that the stand-in itself follows, counted from 1.
const OURS: [(&str, usize); 29] = [
    ("catalog.auth.error-body", 1),
    ("catalog.errors.request-id-format", 1),
    ("catalog.execution.list-status-words", 1),
    ("catalog.execution.list-status-words", 2),
    ("catalog.execution.list-example-order", 1),
    ("catalog.crawl.id-format", 1),
    ("catalog.crawl.get.progress-iff-running", 1),
    ("catalog.crawl.get.result-members", 1),
    ("catalog.crawl.cancel.terminal-refused", 1),
    ("catalog.crawl.cancel.pending-refused", 1),
    ("catalog.extract.id-format-vendor", 1),
    ("catalog.extract.create.urls-limit", 1),
    ("catalog.extract.create.count-members", 1),
    ("catalog.extract.get.item-shape", 1),
    ("catalog.extract.get.item-outcome-values", 1),
    ("catalog.extract.get.product", 1),
    ("catalog.extract.get.attributes-nullable", 1),
    ("catalog.extract.get.duration", 2),
    ("catalog.extract.cancel.terminal-refused", 1),
    ("catalog.agentic-search.id-format", 1),
    ("catalog.agentic-search.create.no-results-yet", 1),
    ("catalog.agentic-search.get.item-shape", 1),
    ("catalog.agentic-search.get.progress-iff-running", 1),
    ("catalog.agentic-search.cancel.terminal-refused", 1),
    ("catalog.agentic-search.cancel.pending", 1),
    ("catalog.agentic-search-mini.create.item-shape", 1),
    ("catalog.agentic-search-mini.create.images", 1),
    ("catalog.vendors.list.members", 1),
    ("catalog.affiliate.create.no-address", 1),
];

/// What no server can show, clause by clause, and why.
const NOT_SHOWN: [(&str, usize, &str); 7] = [
    (
        "catalog.execution.list-example-order",
        2,
        "an example; a sentence says otherwise and has a clause of its own",
    ),
    ("catalog.agentic-search.create.enrichment", 1, "a server that ignores the parameter looks the same"),
    (
        "catalog.agentic-search.create.enrichment",
        2,
        "what a product without enrichment looks like is not documented",
    ),
    ("catalog.collections.list.method", 1, "every check asks with GET"),
    ("catalog.collections.list.method", 2, "every check asks with GET"),
    ("catalog.listings.list.method", 1, "every check asks with GET"),
    ("catalog.listings.list.method", 2, "every check asks with GET"),
];

fn contract() -> &'static Contract {
    Contract::find("catalog", "v2").expect("it is known")
}

#[test]
fn every_reading_of_a_contradiction_is_shown_by_a_good_server_or_cannot_be() {
    let lawful = shipped(contract()).expect("the file is in order");
    let by_variants =
        lawful.iter().flat_map(|it| it.shows.iter().map(|(clause, reading)| (clause.as_str(), *reading)));
    let not_shown = NOT_SHOWN.iter().map(|(clause, reading, _)| (*clause, *reading));
    let accounted: BTreeSet<_> = by_variants.chain(OURS).chain(not_shown).collect();
    let contradicting = contract().clauses().iter().filter(|clause| clause.binds == Party::Server);
    let all: BTreeSet<_> = contradicting
        .flat_map(|clause| (1..=clause.readings.len()).map(|reading| (clause.id.as_str(), reading)))
        .collect();
    assert_eq!(all, accounted);
}

#[test]
fn a_reading_that_the_contract_does_not_have_is_a_mistake() {
    let shows = |clause: &str, reading| {
        let lawful = Lawful {
            id: "other".into(),
            what: "Something else".into(),
            edits: Vec::new(),
            code: Some(Rewrite::PrettyPrinted),
            scenario: None,
            unexercised: BTreeMap::new(),
            shows: [(clause.to_owned(), reading)].into(),
        };
        lawful.mistakes(contract())
    };
    assert_eq!(shows("catalog.auth.error-body", 2), Vec::<String>::new());
    for (clause, reading) in [("catalog.auth.error-body", 3), ("catalog.auth.error-body", 0), ("nothing", 1)]
    {
        assert_eq!(shows(clause, reading).len(), 1, "{clause} {reading}");
    }
}
