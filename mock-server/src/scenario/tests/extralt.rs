//! What good scenarios mean for Extralt.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::accepted::good;
use crate::scenario::account::{EXTRALT_RATE_LIMIT, ExtraltAccount, Plan, TokenBucket};
use crate::scenario::amount::CountRange;
use crate::scenario::contents::extralt::{
    Cadence, CadenceUnit, Earlier, Enrichment, Order, Robot, Run, Schedule, Site, What,
};
use crate::scenario::duration::DurationRange;
use crate::scenario::kind::{Api, PhaseName, RunKind};
use crate::scenario::matcher::{Glob, RunMatcher};
use crate::scenario::parse;
use crate::scenario::run::{Outcome, Refusal, RunRule};

/// The account that [`EVERYTHING`](super::accepted::EVERYTHING) gives every key.
pub(super) fn template() -> ExtraltAccount {
    let bucket = TokenBucket::new(100, Duration::from_secs(60), 7);
    ExtraltAccount { plan: Plan::Start, credits: None, rate_limit: bucket }
}

/// The account of the first key it declares.
pub(super) fn declared() -> ExtraltAccount {
    ExtraltAccount { plan: Plan::Scale, credits: Some(20), rate_limit: Some(EXTRALT_RATE_LIMIT) }
}

fn lifecycle(phases: &[(PhaseName, u64)]) -> BTreeMap<PhaseName, DurationRange> {
    let fixed = |seconds| DurationRange::Fixed(Duration::from_secs(seconds));
    phases.iter().map(|(phase, seconds)| (*phase, fixed(*seconds))).collect()
}

/// Its rules for Extralt's runs.
pub(super) fn rules() -> [RunRule; 4] {
    let of = |kind| RunMatcher { kind: Some(kind), ..RunMatcher::default() };
    [
        RunRule {
            matcher: RunMatcher { api: Some(Api::Extralt), ..of(RunKind::RobotBuild) },
            lifecycle: lifecycle(&[(PhaseName::Building, 5)]),
            results: None,
            data: None,
            outcome: Some(Outcome::Failed {
                step: None,
                at: None,
                error: None,
                refusal: Some(Refusal::NotStore),
            }),
        },
        RunRule {
            matcher: RunMatcher { robot: Some(Glob::new("jd7*")), ..of(RunKind::Run) },
            lifecycle: lifecycle(&[
                (PhaseName::Restarting, 1),
                (PhaseName::Starting, 2),
                (PhaseName::Finalizing, 3),
            ]),
            results: Some(CountRange::exactly(10_000_000)),
            data: None,
            outcome: Some(Outcome::Stuck { state: Some(PhaseName::Finalizing), at: None }),
        },
        RunRule {
            matcher: of(RunKind::Enrichment),
            lifecycle: lifecycle(&[(PhaseName::Materializing, 4)]),
            results: None,
            data: None,
            outcome: Some(Outcome::Partial { failed_items: CountRange::exactly(2), outcome: None }),
        },
        RunRule {
            matcher: of(RunKind::Import),
            outcome: Some(Outcome::Invalid { error: Some("No header.".to_owned()) }),
            ..RunRule::default()
        },
    ]
}

/// What its worlds begin with, in the order in which it comes into being.
pub(super) fn contents() -> Vec<Earlier> {
    let plain = RunRule::default;
    let made = |what, seconds, id: Option<&str>| {
        Earlier::new(what, Duration::from_secs(seconds), id.map(str::to_owned))
    };
    let store = Site { host: "example-store.com".into(), country: "NO".into() };
    let slow = Site { host: "slow.test".into(), country: "US".into() };
    let order =
        |site: &Site| Order { site: site.clone(), budget: None, start_urls: [].into(), auto_enrich: false };
    let robot = Robot {
        site: store.clone(),
        url: "https://WWW.example-store.com/shop".into(),
        language: Some("no".into()),
        name: Some("Mine".into()),
        behaviour: plain(),
    };
    let slow_robot = Robot {
        site: slow.clone(),
        url: "http://slow.test/".into(),
        language: None,
        name: None,
        behaviour: RunRule {
            lifecycle: lifecycle(&[(PhaseName::Building, 3_600)]),
            outcome: Some(Outcome::Completed),
            ..plain()
        },
    };
    let run = Run {
        order: Order {
            budget: NonZeroU64::new(5),
            start_urls: ["https://example-store.com/a".into(), "http://www.example-store.com/b".into()]
                .into(),
            auto_enrich: true,
            ..order(&store)
        },
        behaviour: RunRule {
            lifecycle: lifecycle(&[(PhaseName::Running, 5)]),
            results: Some(CountRange::exactly(3)),
            outcome: Some(Outcome::Failed { step: None, at: None, error: None, refusal: None }),
            ..plain()
        },
    };
    let twice = Cadence { every: 2, unit: CadenceUnit::Month };
    let schedule = Schedule { order: order(&store), cadence: twice, name: Some("Twice".into()) };
    let daily = Schedule {
        order: Order { budget: NonZeroU64::new(9), ..order(&store) },
        cadence: Cadence { every: 1, unit: CadenceUnit::Day },
        name: None,
    };
    let enrichment = Enrichment {
        run: "second".into(),
        behaviour: RunRule { lifecycle: lifecycle(&[(PhaseName::Running, 9)]), ..plain() },
    };
    vec![
        made(What::Robot(robot), 86_400, Some("your-robot-id")),
        made(What::Schedule(schedule), 18_000, Some("ks7")),
        made(What::Run(run), 10_800, Some("your-run-id")),
        made(What::Robot(slow_robot), 7_200, None),
        made(What::Run(Run { order: order(&slow), behaviour: plain() }), 2_400, Some("second")),
        made(What::Schedule(daily), 600, None),
        made(What::Enrichment(enrichment), 60, Some("nd7")),
    ]
}

#[test]
fn what_extralt_knows_of_a_world_comes_into_being_from_the_oldest_on() {
    let world = good(super::accepted::EVERYTHING).world;
    let ages: Vec<_> = world.extralt().iter().map(|earlier| earlier.created).collect();
    assert!(ages.is_sorted_by(|one, next| one >= next), "{ages:?}");
    assert!(world.pins("your-robot-id") && world.pins("crawl-skims-com-0badcafe") && !world.pins("slow"));
}

fn world(text: &str) -> String {
    format!("world: {{ extralt: {{ {text} }} }}")
}

#[test]
fn what_fits_in_time_is_welcome() {
    let robot = "robots: [{ url: 'https://a.example' }]";
    for text in [
        "robots: [{ url: 'https://a.example' }, { url: 'https://a.example', country: CA }]",
        "robots: [{ url: 'https://fails.test' }, { url: 'https://unsupported.test' }]",
        "robots: [{ url: 'https://fails.test', outcome: completed }], runs: [{ robot: fails.test }]",
        "robots: [{ url: 'https://stuck.test' }], runs: [{ robot: stuck.test }]",
        "robots: [{ url: 'https://a.example', created: -31s }], runs: [{ robot: a.example, created: -10s }]",
        "robots: [{ url: 'https://a.example', outcome: { failed: { refusal: duplicate, error: No. } } }]",
        "robots: [{ url: 'https://a.example', outcome: stuck }, { url: 'https://b.example', created: -0s }]",
    ] {
        good(&world(text));
    }
    // A run of 1 + 4 + 60 + 2 seconds at most.
    for (plan, created, taken) in [
        ("scale", "-533s", true),
        ("scale", "-534s", false),
        ("start", "-467s", true),
        ("start", "-468s", false),
    ] {
        let runs = "runs: [{ robot: a.example }, { id: last, robot: a.example }]";
        let text = format!(
            "account: {{ apis: {{ extralt: {{ plan: {plan} }} }} }}\n{}",
            world(&format!("{robot}, {runs}, enrichments: [{{ run: last, created: {created} }}]"))
        );
        assert_eq!(parse("sample", &text).is_ok(), taken, "{plan} {created}");
    }
}

#[test]
fn a_rule_without_a_kind_may_say_what_some_kind_of_its_api_allows() {
    for text in [
        "{ match: { api: extralt }, lifecycle: { building: 1s, materializing: 1s }, results: 10000000 }",
        "{ match: { api: extralt }, outcome: { stuck: { state: restarting } } }",
        "{ match: { api: catalog }, results: 100000 }",
        "{ lifecycle: { finalizing: 1s }, results: 10000000, outcome: { partial: { failed-items: 1 } } }",
    ] {
        good(&format!("runs: [{text}]"));
    }
    for text in [
        "{ match: { api: catalog }, lifecycle: { building: 1s } }",
        "{ match: { api: catalog }, results: 100001 }",
        "{ match: { api: catalog }, outcome: { stuck: { state: starting } } }",
        "{ match: { api: extralt }, outcome: { failed: { refusal: duplicate } } }",
    ] {
        assert!(parse("sample", &format!("runs: [{text}]")).is_err(), "{text}");
    }
}

proptest! {
    /// The runs of an account for which one works at a time, each with durations that are not drawn.
    #[test]
    fn an_enrichment_is_there_only_when_its_run_has_ended(
        runs in vec((0_u64..60, 0_u64..20, 0_u64..30), 1..6),
        of in any::<Index>(),
        created in 0_u64..200,
        start: bool,
    ) {
        let of = of.index(runs.len());
        let lines: String = runs.iter().enumerate().map(|(place, (created, pending, running))| {
            let phases = format!("pending: {pending}s, starting: 0s, running: {running}s, finalizing: 0s");
            format!("{{ id: r{place}, robot: m, created: -{}s, lifecycle: {{ {phases} }} }}, ", 200 - created)
        }).collect();
        let enrichment = format!("{{ run: r{of}, created: -{}s }}", 200 - created);
        let world = world(&format!(
            "robots: [{{ id: m, url: 'https://a.example' }}], runs: [{lines}], enrichments: [{enrichment}]"
        ));
        let plan = if start { "start" } else { "scale" };
        let text = format!("account: {{ apis: {{ extralt: {{ plan: {plan} }} }} }}\n{world}");

        // Those that are ready first work first; of one instant, those that were created first.
        let mut order: Vec<usize> = (0..runs.len()).collect();
        order.sort_by_key(|place| (runs[*place].0 + runs[*place].1, runs[*place].0, *place));
        let mut ends = vec![0; runs.len()];
        let mut free = 0;
        for place in order {
            let (created, pending, running) = runs[place];
            let begins = (created + pending).max(if start { free } else { 0 });
            ends[place] = begins + running;
            free = ends[place];
        }
        let accepted = parse("sample", &text).is_ok();
        if start {
            prop_assert!(!accepted || ends[of] <= created, "{text}");
        } else {
            prop_assert_eq!(accepted, ends[of] <= created, "{}", text);
        }
    }
}

#[test]
fn a_bucket_without_a_burst_holds_as_much_as_comes_into_it() {
    let account = good("account: { apis: { extralt: { rate-limit: { requests: 3, per: 7s } } } }").account;
    let bucket = account.and_then(|account| account.extralt.rate_limit).expect("it is given");
    assert_eq!((bucket.requests(), bucket.per(), bucket.burst()), (3, Duration::from_secs(7), 3));
    let documented = (EXTRALT_RATE_LIMIT.requests(), EXTRALT_RATE_LIMIT.per(), EXTRALT_RATE_LIMIT.burst());
    assert_eq!(documented, (120, Duration::from_secs(60), 30));
}
