use std::collections::BTreeSet;

use super::*;

fn all() -> impl Iterator<Item = &'static Check> {
    GROUPS.iter().flat_map(|group| group.checks)
}

#[test]
fn no_two_checks_share_an_id() {
    let ids: BTreeSet<_> = all().map(|check| check.id).collect();
    assert_eq!(ids.len(), all().count());
}

#[test]
fn ids_are_dotted_segments_in_kebab_case() {
    for check in all() {
        let segments: Vec<_> = check.id.split('.').collect();
        assert!(segments.len() >= 2, "{}", check.id);
        for segment in segments {
            let kebab = segment.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            assert!(kebab && !segment.is_empty(), "{}", check.id);
        }
    }
}

#[test]
fn an_empty_record_lets_no_check_pass() {
    let profile = crate::profile::find("catalog").expect("catalog is known");
    let contract = fixtures::contract::Contract::find("catalog", "v2").expect("catalog has a contract");
    let history = History::new(contract, profile);
    for check in all() {
        let verdict = (check.judge)(&history).verdict(check.level, check.needs);
        assert!(!verdict.is_exercised(), "{} says {verdict:?} about nothing", check.id);
    }
}

/// What no page says, because it goes without saying.
const WITHOUT_CLAUSE: [&str; 1] = ["secret.not-echoed"];

#[test]
fn every_check_stands_on_clauses_of_the_contract() {
    let contract = fixtures::contract::Contract::find("catalog", "v2").expect("catalog has a contract");
    for check in all().filter(|check| !WITHOUT_CLAUSE.contains(&check.id)) {
        assert!(!check.clauses.is_empty(), "{} stands on nothing", check.id);
        for id in check.clauses {
            let clause = contract.clause(id).unwrap_or_else(|| panic!("{}: no clause {id}", check.id));
            let bound = match check.side() {
                Side::Server => fixtures::contract::Party::Server,
                Side::Client => fixtures::contract::Party::Client,
            };
            assert_eq!(clause.binds, bound, "{id} binds somebody else than {}", check.id);
            assert_eq!(clause.excluded, None, "{id} is said to be judged by no check");
        }
    }
}

#[test]
fn a_check_is_as_strict_as_its_strictest_clause_at_most() {
    let contract = fixtures::contract::Contract::find("catalog", "v2").expect("catalog has a contract");
    for check in all().filter(|check| check.level == Level::Must && !check.clauses.is_empty()) {
        let must = check.clauses.iter().filter_map(|id| contract.clause(id)).any(|c| c.level == Level::Must);
        assert!(must, "{} fails a server for what it should do", check.id);
    }
}

/// A foreign server is judged by documented clauses only, and a check that stands on one of them asserts all it has to
/// say. So none may stand on a clause of the house as well.
#[test]
fn no_check_mixes_what_is_documented_with_what_is_ours() {
    use fixtures::contract::Evidence;

    let contract = fixtures::contract::Contract::find("catalog", "v2").expect("catalog has a contract");
    for check in all() {
        let clauses = check.clauses.iter().filter_map(|id| contract.clause(id));
        let documented: BTreeSet<bool> = clauses
            .map(|clause| matches!(clause.evidence, Evidence::Documented | Evidence::Mentioned))
            .collect();
        assert!(documented.len() <= 1, "{} asserts of everybody what only a Rehearsal promised", check.id);
    }
}

/// The ledger's other side: what the documents say of a server and no check looks at yet.
#[test]
fn clauses_that_no_check_judges_are_known() {
    use fixtures::contract::{Contract, Evidence, Party};

    let contract = Contract::find("catalog", "v2").expect("catalog has a contract");
    let judged: BTreeSet<&str> = all().flat_map(|check| check.clauses).copied().collect();
    let open = contract.clauses().iter().filter(|clause| {
        clause.binds == Party::Server
            && clause.excluded.is_none()
            && matches!(clause.evidence, Evidence::Documented | Evidence::Mentioned)
            && !judged.contains(clause.id.as_str())
    });
    let lines: Vec<_> =
        open.map(|clause| format!("{:?} {:?} {}", clause.level, clause.occasion, clause.id)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
