use super::*;

fn ledger() -> Ledger {
    Ledger::new(Contract::find("catalog", "v2").expect("it has a contract"), None)
}

fn ledgers() -> impl Iterator<Item = Ledger> {
    let known = crate::profile::ALL.iter();
    let contracts = known.map(|it| Contract::find(it.api, it.version).expect("it has a contract"));
    contracts.map(|contract| Ledger::new(contract, None))
}

#[test]
fn whatever_a_server_must_or_should_keep_has_a_check_or_a_reason() {
    let ledgers: Vec<_> = ledgers().collect();
    let owed: Vec<_> = ledgers.iter().flat_map(Ledger::owed).map(|clause| clause.id.as_str()).collect();
    assert!(owed.is_empty(), "neither a check nor `excluded` in the contract: {owed:#?}");
}

#[test]
fn what_is_judged_in_part_is_judged() {
    let entries: Vec<Entry> = ledgers().flat_map(|ledger| ledger.entries).collect();
    let mut known = Vec::new();
    for partly in partly::all() {
        let at = entries.iter().position(|entry| entry.clause.id == partly.clause);
        let entry = &entries[at.unwrap_or_else(|| panic!("{} is no clause", partly.clause))];
        assert!(!entry.checks.is_empty(), "{}: no check judges even a part of it", partly.clause);
        known.push(at);
    }
    assert!(known.is_sorted(), "in the order of the contracts");
    known.dedup();
    assert_eq!(known.len(), partly::all().count(), "each once");
}

#[test]
fn every_clause_is_in_one_state_and_says_why_it_is_not_simply_checked() {
    for ledger in ledgers() {
        explains(&ledger);
    }
}

fn explains(ledger: &Ledger) {
    let totals: usize = ledger.totals().iter().map(|(_, count)| count).sum();
    assert_eq!(totals, ledger.contract.clauses().len());
    for Entry { clause, state, why, checks } in &ledger.entries {
        let judged = matches!(state, State::Checked | State::Partly | State::Conflict | State::Unobserved);
        assert_eq!(judged, !checks.is_empty() && clause.excluded.is_none(), "{}", clause.id);
        assert_eq!(*state == State::Excluded, clause.excluded.is_some(), "{}", clause.id);
        let explained =
            matches!(state, State::Partly | State::Conflict | State::Unobserved | State::Excluded);
        assert!(why.is_some() || !explained, "{}", clause.id);
    }
}

#[test]
fn no_clause_is_both_excluded_and_judged() {
    for entry in ledgers().flat_map(|ledger| ledger.only(&[State::Excluded]).entries) {
        assert_eq!(
            entry.checks,
            [],
            "{}: a check judges it, so its reason to have none is wrong",
            entry.clause.id
        );
    }
}

/// A report in which one check said something of one clause.
fn report(verdict: &str) -> String {
    format!(
        r#"{{"schema": {}, "api": "catalog", "version": "v2", "checks": [
            {{"id": "id.echo", "verdict": "{verdict}", "reason": "because", "clauses": [{{"id": "{ECHO}"}}]}}]}}"#,
        crate::report::SCHEMA
    )
}

const ECHO: &str = "catalog.execution.id-echo";

#[test]
fn a_run_decides_whether_a_clause_that_has_a_check_was_observed() {
    let contract = ledger().contract;
    for (verdict, state, why) in [
        ("pass", State::Checked, None),
        ("fail", State::Checked, None),
        ("blocked", State::Unobserved, Some("blocked: because")),
        ("unobserved", State::Unobserved, Some("because")),
        ("not-applicable", State::Unobserved, Some("it does not bind the server of that run")),
    ] {
        let run = Run::parse(&report(verdict), "catalog", "v2").expect("it is a report");
        let ledger = Ledger::new(contract, Some(&run));
        let entry = ledger.entries.iter().find(|entry| entry.clause.id == ECHO).expect("it is a clause");
        assert_eq!((entry.state, entry.why.as_deref()), (state, why), "{verdict}");
        assert_eq!(entry.checks[0].verdict.as_deref(), Some(verdict));
    }
}

#[test]
fn what_is_no_report_of_this_api_is_refused_with_a_reason() {
    let other = report("pass").replace("\"schema\": 1", "\"schema\": 99");
    for (text, advice) in [
        ("{}", "--report json=PATH"),
        ("conformant: 3 passed", "--report json=PATH"),
        (other.as_str(), "version 99"),
        (&report("pass").replace("v2", "v3"), "it is about catalog/v3, not about catalog/v2"),
    ] {
        let error = Run::parse(text, "catalog", "v2").expect_err(text).to_string();
        assert!(error.contains(advice), "{error}");
    }
}

#[test]
fn a_table_fits_its_width_and_names_every_check() {
    let text = table::render(&ledger(), table::WIDTH);
    let rows = text.split("\nPartly checked").next().expect("it has rows");
    for line in rows.lines() {
        assert!(line.chars().count() <= usize::from(table::WIDTH), "{line}");
    }
    let wide = table::render(&ledger(), 200);
    let contract = ledger().contract;
    let standing = crate::checks::of(contract).map(|(_, check)| check);
    for check in standing.filter(|check| !check.clauses.is_empty()) {
        assert!(wide.contains(check.id), "{}", check.id);
    }
}

#[test]
fn the_ledger_for_programs_holds_each_clause_whole() {
    let ledger = ledger();
    let shown: serde_json::Value = serde_json::from_str(&json::render(&ledger)).expect("it is JSON");
    let clauses = shown["clauses"].as_array().expect("a list");
    assert_eq!(clauses.len(), ledger.contract.clauses().len());
    for (shown, clause) in clauses.iter().zip(ledger.contract.clauses()) {
        assert_eq!(shown["id"], clause.id);
        assert_eq!(shown["says"], clause.says);
        assert_eq!(shown["source"], clause.source);
        assert_eq!(shown["readings"].as_array().map(Vec::len), Some(clause.readings.len()));
    }
}
