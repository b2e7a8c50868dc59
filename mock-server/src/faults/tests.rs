//! Which requests a fault meets: decided by hashing, counted where it was asked for, and as often.

use proptest::prelude::*;

use super::*;
use crate::clock::MANUAL_START;
use crate::scenario::parse_fault;
use crate::scenario::request::About;
use crate::seed::Seed;
use fixtures::contract::Contract;

/// The faults of a world, and what asks them.
struct Table {
    faults: Faults,
    stream: Stream,
    occurrences: HashMap<Digest, u64>,
}

impl Table {
    fn new(seed: u64, faults: &[&str]) -> Self {
        let parsed = faults.iter().enumerate().map(|(number, text)| {
            let fault = parse_fault("fault", text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            Arc::new(Fault { id: format!("f{number}").into(), ..fault })
        });
        let faults = Faults::new(&parsed.collect::<Vec<_>>(), MANUAL_START);
        Self { faults, stream: Stream::new(Seed(seed), "test-a"), occurrences: HashMap::new() }
    }

    /// Whether a request for `operation` with this digest, about this run, is met by anything.
    fn met(&mut self, operation: &str, digest: u64, run: Option<&str>) -> bool {
        let digest = Digest(digest);
        let occurrence = self.occurrences.entry(digest).or_default();
        let about = About { run: run.map(Into::into), ..About::default() };
        let contract = Contract::find("catalog", "v2").expect("it is there");
        let subject = RequestSubject {
            contract,
            operation: Some(operation),
            about: &about,
            headers: &[],
            account: "test-a",
            body: None,
        };
        let met = Met {
            subject: &subject,
            digest,
            occurrence: *occurrence,
            stream: &self.stream,
            now: MANUAL_START,
        };
        let course = self.faults.meet(&met);
        *occurrence += 1;
        course.deed.is_some()
    }

    fn row(&mut self, count: usize) -> Vec<bool> {
        (0..count).map(|_| self.met("catalog.crawl.get", 1, Some("a"))).collect()
    }
}

fn respond(when: &str) -> String {
    format!("{{ when: {when}, respond: {{ status: 500 }} }}")
}

fn places(met: &[bool]) -> Vec<usize> {
    (1..).zip(met).filter(|(_, met)| **met).map(|(place, _)| place).collect()
}

#[test]
fn requests_are_counted_from_one() {
    for (when, expected) in [
        ("{ nth: 3 }", &[3][..]),
        ("{ first: 2 }", &[1, 2]),
        ("{ every: 3 }", &[3, 6, 9]),
        ("{ probability: 0% }", &[]),
        ("{ probability: 100% }", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("{ exactly: 10, of: 10 }", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ] {
        assert_eq!(places(&Table::new(7, &[&respond(when)]).row(10)), expected, "{when}");
    }
}

/// The bound is stated: half a percentage point, ten times the standard error of 100,000 draws at 20 %, and 1 % for
/// one in two.
#[test]
fn chance_keeps_its_share_and_its_longest_row() {
    for (share, at_most, bound) in
        [(20.0, Some(2), 0.5), (20.0, None, 0.5), (50.0, Some(3), 1.0), (0.5, Some(1), 0.1)]
    {
        let row = at_most.map_or(String::new(), |most| format!(", at-most: {most}"));
        let when = format!("{{ probability: {share}%{row} }}");
        let met = Table::new(7, &[&respond(&when)]).row(100_000);
        let found = met.iter().filter(|met| **met).count() as f64 / 1_000.0;
        assert!((found - share).abs() < bound, "{when}: {found} %");
        let longest = met.split(|met| !met).map(<[bool]>::len).max().unwrap_or(0);
        assert!(at_most.is_none_or(|most| longest <= most), "{when}: {longest} in a row");
    }
}

#[test]
fn each_fault_and_each_seed_draws_for_itself() {
    let when = respond("{ probability: 50% }");
    let rows: Vec<_> = (0..4).map(|seed| Table::new(seed, &[&when]).row(64)).collect();
    assert!(rows.windows(2).all(|pair| pair[0] != pair[1]));
    // Only the second fault may meet a list, so what it meets is its own.
    let other = "{ match: { operation: catalog.crawl.list }, respond: { status: 500 } }";
    let mut table = Table::new(0, &[other, &when]);
    assert_ne!(table.row(64), rows[0]);
}

#[test]
fn runs_are_counted_apart_up_to_a_number_of_them() {
    let mut table = Table::new(7, &[&respond("{ first: 1, per: run }")]);
    let mut ask = |run: usize| table.met("catalog.crawl.get", run as u64, Some(&format!("run-{run}")));
    assert!((0..SCOPES_MAX).all(&mut ask));
    assert!(!(0..SCOPES_MAX).any(&mut ask));
    assert!(ask(SCOPES_MAX), "this one makes it begin again");
    assert!(table.faults.of_scenario()[0].scoped.len() <= SCOPES_MAX);
}

#[test]
fn what_one_fault_does_shifts_nothing_for_another() {
    let nth = respond("{ nth: 3 }");
    assert_eq!(places(&Table::new(7, &[&nth]).row(9)), [3]);
    let mut table = Table::new(7, &[&respond("{ first: 2 }"), &nth]);
    assert_eq!(places(&table.row(9)), [1, 2, 3]);
}

proptest! {
    #[test]
    fn exactly_so_many_of_every_row_are_met(seed: u64, of in 1_u64..40, share in 0.0..=1.0_f64, rows in 1_usize..6) {
        let count = ((of as f64 * share) as u64).max(1);
        let when = format!("{{ exactly: {count}, of: {of} }}");
        let met = Table::new(seed, &[&respond(&when)]).row(rows * of as usize);
        for row in met.chunks(of as usize) {
            prop_assert_eq!(row.iter().filter(|met| **met).count() as u64, count);
        }
    }

    /// Requests of one digest are met alike, whatever others come between: any interleaving.
    #[test]
    fn other_requests_shift_no_draw(seed: u64, others in prop::collection::vec(2_u64..9, 0..120)) {
        let when = respond("{ probability: 30% }");
        let quiet = Table::new(seed, &[&when]).row(40);
        let mut table = Table::new(seed, &[&when]);
        let mut others = others.into_iter();
        let mut met = Vec::new();
        for _ in 0..40 {
            for digest in others.by_ref().take(3) {
                table.met("catalog.crawl.get", digest, None);
            }
            met.push(table.met("catalog.crawl.get", 1, Some("a")));
        }
        prop_assert_eq!(met, quiet);
    }

    #[test]
    fn a_row_is_never_longer_than_asked(seed: u64, most in 1_u32..5, digests in prop::collection::vec(0_u64..4, 200)) {
        let share = 90 * most / (most + 1);
        let mut table = Table::new(seed, &[&respond(&format!("{{ probability: {share}%, at-most: {most} }}"))]);
        let met: Vec<bool> = digests.into_iter().map(|digest| table.met("catalog.crawl.get", digest, None)).collect();
        let longest = met.split(|met| !met).map(<[bool]>::len).max().unwrap_or(0);
        prop_assert!(longest <= most as usize);
    }
}
