//! What must be right between the runs that a world begins with, whatever is drawn for them.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::Placed;
use crate::scenario::contents::EarlierRequest;
use crate::scenario::kind::PhaseName;
use crate::scenario::language::fields::Fields;
use crate::scenario::language::reader::{Mistake, shortened};
use crate::scenario::magic::{self, Magic};
use crate::scenario::run::{Outcome, RunRule};
use crate::scenario::usual::{CRAWL_PENDING_MILLIS, CRAWL_RUNNING_MILLIS, SLOW_FACTOR, invented_vendors};
use crate::seed::Seed;

/// A vendor has one crawl at a time, and an extract of a vendor needs to know what it sells. What is drawn for a run
/// may not decide whether it can be there at all, so the longest that anything can take is what counts.
pub(super) fn check_vendors(fields: &mut Fields<'_, '_>, all: &[Placed], seed: Option<u64>) {
    let mut in_order: Vec<&Placed> = all.iter().collect();
    in_order.sort_by_key(|placed| Reverse(placed.run.created));
    let by_vendor = in_order.iter().any(|placed| matches!(placed.run.request, EarlierRequest::Vendor { .. }));
    let invented = seed.filter(|_| by_vendor).map(|seed| invented_vendors(Seed(seed)));
    let invented: HashSet<String> = invented.into_iter().flatten().map(|vendor| vendor.host).collect();

    let mut crawls: HashMap<&str, Vec<Crawl<'_>>> = HashMap::new();
    for placed in in_order {
        let created = placed.run.created;
        match &placed.run.request {
            EarlierRequest::Crawl { host } => {
                let of_host = crawls.entry(host).or_default();
                if let Some(before) = of_host.last().filter(|before| !before.has_ended(created)) {
                    let mistake = Mistake::new(format!(
                        "the crawl of `{}` before may still be under way",
                        shortened(host)
                    ))
                    .expected("a vendor has one crawl at a time")
                    .help("create this one later, or give the other a `lifecycle` that is over by then")
                    .related(&before.placed.place.subject, "the crawl before");
                    placed.place.report(fields, mistake);
                }
                of_host.push(Crawl::new(placed, host));
            }
            EarlierRequest::Vendor { host, .. } => {
                let of_host = crawls.get(&**host).map_or(&[][..], Vec::as_slice);
                if let Err(unknown) = known(of_host, created, invented.contains(&**host)) {
                    let mut mistake = Mistake::new(format!(
                        "it is not certain what `{}` sells by then",
                        shortened(host)
                    ))
                    .help("add a crawl of it that is sure to have completed, or the `seed` that invents it");
                    if let Some((crawl, why)) = unknown {
                        mistake = mistake.related(&crawl.placed.place.subject, why);
                    }
                    placed.place.report(fields, mistake);
                }
            }
            EarlierRequest::Urls { .. } | EarlierRequest::Search { .. } => {}
        }
    }
}

/// Whether an extract created so long before the start finds that the vendor sells something; if that is not certain,
/// the crawl that leaves it open.
fn known<'a>(
    crawls: &'a [Crawl<'a>],
    created: Duration,
    invented: bool,
) -> Result<(), Option<(&'a Crawl<'a>, &'static str)>> {
    let mut open = None;
    for crawl in crawls.iter().rev() {
        if !crawl.completes {
            open = open.or(Some((crawl, "this one does not complete")));
        } else if crawl.may_find_nothing {
            return Err(Some((crawl, "this one may find nothing")));
        } else if crawl.has_ended(created) {
            return Ok(());
        } else {
            open = open.or(Some((crawl, "this one may still be under way")));
        }
    }
    if invented { Ok(()) } else { Err(open) }
}

/// What is certain of a crawl.
struct Crawl<'a> {
    placed: &'a Placed,
    /// How long it takes at most; none if it never ends.
    longest: Option<Duration>,
    completes: bool,
    may_find_nothing: bool,
}

impl<'a> Crawl<'a> {
    fn new(placed: &'a Placed, host: &str) -> Self {
        let RunRule { lifecycle, results, outcome, .. } = &placed.run.behaviour;
        let magic = magic::of_host(host);
        let factor = if magic == Some(Magic::Slow) { SLOW_FACTOR } else { 1 };
        let longest = |phase, usual: u64| {
            lifecycle.get(&phase).map_or(Duration::from_millis(usual) * factor, |range| range.longest())
        };
        let longest = longest(PhaseName::Pending, *CRAWL_PENDING_MILLIS.end())
            + longest(PhaseName::Running, *CRAWL_RUNNING_MILLIS.end());
        let (ends, completes) = match outcome {
            None => (magic != Some(Magic::Stuck), !matches!(magic, Some(Magic::Stuck | Magic::Fails))),
            Some(Outcome::Stuck { .. }) => (false, false),
            Some(Outcome::Failed { .. }) => (true, false),
            Some(Outcome::Completed | Outcome::Partial { .. } | Outcome::Invalid { .. }) => (true, true),
        };
        let may_find_nothing = results.map_or(magic == Some(Magic::Empty), |results| results.min == 0);
        Self { placed, longest: ends.then_some(longest), completes, may_find_nothing }
    }

    /// Whether it is sure to have ended so long before the start of the world.
    fn has_ended(&self, before_start: Duration) -> bool {
        self.longest.is_some_and(|longest| longest + before_start <= self.placed.run.created)
    }
}
