use serde_json::{Value, json};

use crate::checks::record::Record;
use crate::verdict::Verdict;

/// Lists of crawls: of each item its id and when it was created.
fn listed(check: &str, lists: &[&[(&str, &str)]]) -> (Verdict, Vec<&'static str>) {
    let item = |(id, created): &(&str, &str)| -> Value {
        json!({"execution_id": id, "status": "completed", "created_at": created})
    };
    let list = |items: &&[(&str, &str)]| json!({"data": items.iter().map(item).collect::<Vec<_>>()});
    let record = lists.iter().fold(Record::new(), |record, items| {
        record.answered("GET /v2/crawl?page_size=100", "", 200, &list(items))
    });
    record.judged(check)
}

const ONE: &str = "crawl-a-example-1a2b3c4d";

#[test]
fn runs_of_others_have_ids_of_their_kind_whatever_they_were_asked_for() {
    let at = "2026-01-15T10:30:00Z";
    let good =
        [(ONE, at), ("crawl-www-shop-co-uk-e5f6", at), ("crawl-X-00000000-0000-4000-8000-000000000000", at)];
    assert_eq!(listed("list.ids", &[&good]), (Verdict::Pass, vec![]));
    for bad in ["7", "crawl", "crawl-", "extract-urls-1a2b", "crawler-a-1", "crawl-a.example-1"] {
        assert_eq!(listed("list.ids", &[&[(bad, at)]]), (Verdict::Warn, vec!["id-form"]), "{bad}");
    }
    assert_eq!(listed("list.ids", &[&[(ONE, at), (ONE, at)]]).1, ["listed-twice"]);
    assert_eq!(listed("list.ids", &[&[(ONE, at)], &[(ONE, at)]]), (Verdict::Pass, vec![]));
}

#[test]
fn one_time_may_be_written_in_two_ways() {
    let lists: [&[_]; 2] = [&[(ONE, "2026-01-15T10:30:00Z")], &[(ONE, "2026-01-15T10:30:00.000+00:00")]];
    assert_eq!(listed("list.created-stays", &lists), (Verdict::Pass, vec![]));
    let lists: [&[_]; 2] = [&[(ONE, "2026-01-15T10:30:00Z")], &[(ONE, "2026-01-15T10:30:01Z")]];
    assert_eq!(listed("list.created-stays", &lists), (Verdict::Warn, vec!["moves"]));
}
