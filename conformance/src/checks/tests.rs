use std::collections::BTreeSet;

use fixtures::contract::{Clause, Contract};

use super::*;

fn all() -> impl Iterator<Item = &'static Check> {
    GROUPS.iter().flat_map(|group| group.checks)
}

/// Every contract that can be judged.
fn contracts() -> impl Iterator<Item = (&'static crate::profile::Profile, &'static Contract)> {
    let known = crate::profile::ALL.iter();
    known.map(|profile| (*profile, Contract::find(profile.api, profile.version).expect("it has a contract")))
}

/// A clause of whichever contract has it.
fn clause(id: &str) -> Option<&'static Clause> {
    contracts().find_map(|(_, contract)| contract.clause(id))
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
    for (profile, contract) in contracts() {
        let history = History::new(contract, profile);
        for (_, check) in of(contract) {
            let verdict = (check.judge)(&history).verdict(check.level, check.needs);
            assert!(!verdict.is_exercised(), "{} says {verdict:?} about nothing", check.id);
        }
    }
}

/// What no page says, because it goes without saying.
const WITHOUT_CLAUSE: [&str; 1] = ["secret.not-echoed"];

#[test]
fn every_check_stands_on_clauses_of_the_contract() {
    for check in all().filter(|check| !WITHOUT_CLAUSE.contains(&check.id)) {
        assert!(!check.clauses.is_empty(), "{} stands on nothing", check.id);
        for id in check.clauses {
            let clause = clause(id).unwrap_or_else(|| panic!("{}: no clause {id}", check.id));
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
    for (_, contract) in contracts() {
        let strict =
            of(contract).filter(|(_, check)| check.level == Level::Must && !check.clauses.is_empty());
        for (_, check) in strict {
            let mut clauses = check.clauses.iter().filter_map(|id| contract.clause(id));
            let must = clauses.any(|clause| clause.level == Level::Must);
            assert!(must, "{} fails a server for what it should do", check.id);
        }
    }
}

/// A foreign server is judged by documented clauses only, and a check that stands on one of them asserts all it has to
/// say. So none may stand on a clause of the house as well.
#[test]
fn no_check_mixes_what_is_documented_with_what_is_ours() {
    use fixtures::contract::Evidence;

    for (check, contract) in contracts().flat_map(|(_, it)| of(it).map(move |(_, check)| (check, it))) {
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
