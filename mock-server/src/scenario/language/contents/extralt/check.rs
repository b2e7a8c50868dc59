//! What must be right between the things that a world begins with, whatever is drawn for them: the longest that anything
//! can take is what counts.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::course::{Course, building, one_by_one};
use super::{Enrichment, Order, Placed, Run, Schedule, Written};
use crate::scenario::contents::MAX_EARLIER_RUNS;
use crate::scenario::contents::extralt::{self, Earlier, Robot, Site, What};
use crate::scenario::host::{product_host, vendor_host};
use crate::scenario::language::contents::place::Place;
use crate::scenario::language::fields::Fields;
use crate::scenario::language::reader::{Mistake, Step, shortened};
use crate::scenario::suggest::nearest;

/// All of it with its references resolved, in the order in which it is written; what is wrong is reported and left out.
/// `queues` says that runs may wait for each other. It is not foreseen that they wait for those of a schedule, or that
/// a world's plan changes: an enrichment may then find its run at work, and cannot be there.
pub(super) fn checked(fields: &mut Fields<'_, '_>, written: Written, queues: bool) -> Vec<Earlier> {
    let Written { robots, runs, schedules, enrichments } = written;
    let before = fields.mistakes();
    check_sites(fields, &robots);
    check_occurrences(fields, runs.len(), &schedules);
    let known = Known::new(&robots);
    let mut all = Vec::new();
    let mut jobs = Vec::new();
    for placed in &runs {
        let Some(order) = known.order(fields, &placed.value.order, placed) else { continue };
        jobs.push(Job { course: Course::new(&order.site.host, &placed.value.behaviour), placed });
        let run = extralt::Run { order, behaviour: placed.value.behaviour.clone() };
        all.push(Earlier::new(What::Run(run), placed.created, placed.id.clone()));
    }
    // A run without a robot is left out, and an enrichment may need it.
    if fields.mistakes() == before {
        check_enrichments(fields, &enrichments, &jobs, queues);
    }
    for placed in &schedules {
        let Some(order) = known.order(fields, &placed.value.order, placed) else { continue };
        let Schedule { cadence, name, .. } = &placed.value;
        let schedule = extralt::Schedule { order, cadence: *cadence, name: name.as_deref().map(Into::into) };
        all.push(Earlier::new(What::Schedule(schedule), placed.created, placed.id.clone()));
    }
    let robots = robots.into_iter().map(|placed| (What::Robot(placed.value), placed.created, placed.id));
    let enrichments = enrichments.into_iter().map(|placed| {
        let Enrichment { run, behaviour } = placed.value;
        let enrichment = extralt::Enrichment { run: run.into(), behaviour };
        (What::Enrichment(enrichment), placed.created, placed.id)
    });
    let earlier = |(what, created, id)| Earlier::new(what, created, id);
    robots.map(earlier).chain(all).chain(enrichments.map(earlier)).collect()
}

/// There is one robot for a site.
fn check_sites(fields: &mut Fields<'_, '_>, robots: &[Placed<Robot>]) {
    let mut seen: HashMap<&Site, &Place> = HashMap::new();
    for Placed { value: robot, place, .. } in robots {
        let Site { host, country } = &robot.site;
        if let Some(first) = seen.get(&robot.site) {
            let mistake = Mistake::new(format!("two robots are for `{}` in {country}", shortened(host)))
                .expected("there is one for a host and a country")
                .help("give one of them another `country`, or leave it out")
                .related(&first.subject, "the other one");
            place.report(fields, mistake);
        } else {
            seen.insert(&robot.site, place);
        }
    }
}

/// The runs that schedules make before the start are bounded like those that are written down.
fn check_occurrences(fields: &mut Fields<'_, '_>, runs: usize, schedules: &[Placed<Schedule>]) {
    let mut left = (MAX_EARLIER_RUNS - runs.min(MAX_EARLIER_RUNS)) as u128;
    for Placed { value: schedule, created, place, .. } in schedules {
        let occurrences = created.as_nanos() / schedule.cadence.shortest().as_nanos();
        let Some(rest) = left.checked_sub(occurrences) else {
            let mistake = Mistake::new(format!(
                "a world begins with at most {MAX_EARLIER_RUNS} runs, and this schedule makes too many before"
            ))
            .help("let `created` be shorter, or the `cadence` longer");
            place.report(fields, mistake);
            return;
        };
        left = rest;
    }
}

/// The robots, by what they can be called.
struct Known<'a> {
    by_id: BTreeMap<&'a str, &'a Placed<Robot>>,
    by_host: BTreeMap<&'a str, Vec<&'a Placed<Robot>>>,
}

impl<'a> Known<'a> {
    fn new(robots: &'a [Placed<Robot>]) -> Self {
        let mut by_host: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for robot in robots {
            by_host.entry(&robot.value.site.host).or_default().push(robot);
        }
        let by_id = robots.iter().filter_map(|robot| Some((robot.id.as_deref()?, robot))).collect();
        Self { by_id, by_host }
    }

    /// The robot of this name.
    fn find(&self, name: &str) -> Result<&'a Placed<Robot>, Mistake> {
        if let Some(robot) = self.by_id.get(name) {
            return Ok(robot);
        }
        let host = vendor_host(name);
        match host.as_deref().and_then(|host| self.by_host.get(host)).map(Vec::as_slice) {
            Some([robot]) => Ok(robot),
            Some([first, ..]) => {
                let mistake = Mistake::new(format!("more than one robot is for `{}`", shortened(name)))
                    .help("give the robot an `id`, and write that here");
                Err(mistake.related(&first.place.subject, "one of them"))
            }
            Some([]) | None => {
                let mistake = Mistake::new(format!("there is no robot `{}` in this world", shortened(name)));
                let names = self.by_id.keys().chain(self.by_host.keys()).copied();
                Err(match nearest(host.as_deref().unwrap_or(name), names) {
                    Some(meant) => mistake.help(format!("did you mean `{meant}`?")),
                    None => {
                        mistake.help("add it to `robots`; a robot is named by its id or its shop's address")
                    }
                })
            }
        }
    }

    /// What a run or a schedule is told to do, by a robot that is sure to have been built when it is.
    fn order<T>(
        &self,
        fields: &mut Fields<'_, '_>,
        order: &Order,
        placed: &Placed<T>,
    ) -> Option<extralt::Order> {
        let Order { robot, budget, start_urls, auto_enrich } = order;
        let robot = match self.find(robot) {
            Ok(robot) => robot,
            Err(mistake) => {
                placed.place.report(fields, mistake);
                return None;
            }
        };
        let unsure = match building(&robot.value) {
            Ok(longest) if longest + placed.created <= robot.created => None,
            Ok(_) => {
                let help = "create the robot earlier or this later, or give the robot a shorter `lifecycle`";
                Some(("its building may still go on", help))
            }
            Err(why) => Some((why, "give the robot `outcome: completed`, or leave this out")),
        };
        if let Some((why, help)) = unsure {
            let mistake = Mistake::new("it is not certain that there is this robot by then")
                .help(help)
                .related(&robot.place.subject, why);
            placed.place.report(fields, mistake);
        }
        let Site { host, .. } = &robot.value.site;
        for url in start_urls {
            if product_host(&url.value).as_deref() != Some(host) {
                let mistake = Mistake::new("this address is not on the robot's host")
                    .help(format!("the robot is for `{}`", shortened(host)));
                let mut path = placed.place.path("start-urls");
                path.push(Step::Index(url.index));
                fields.report_at(path, &url.span, mistake);
            }
        }
        Some(extralt::Order {
            site: robot.value.site.clone(),
            budget: *budget,
            start_urls: start_urls.iter().map(|url| url.value.clone()).collect(),
            auto_enrich: *auto_enrich,
        })
    }
}

/// A run, and what is certain of it.
struct Job<'a> {
    placed: &'a Placed<Run>,
    course: Course,
}

impl Job<'_> {
    /// The end of it, so long after `first`, at the latest; none if that is not certain.
    fn ends_by(&self, jobs: &[Job<'_>], queues: bool, first: Duration) -> Option<Duration> {
        let ready = |job: &Job<'_>| first - job.placed.created + job.course.pending;
        let own = ready(self);
        if !queues {
            return Some(own + self.course.work?);
        }
        // Those that are there when it is ready may all be ahead of it.
        let ahead = jobs.iter().filter(|job| first - job.placed.created <= own);
        one_by_one(ahead.map(|job| (ready(job), job.course.work)).collect())
    }
}

/// An enrichment is of a run that is sure to have brought something, and a run has one: a second request continues it.
fn check_enrichments(
    fields: &mut Fields<'_, '_>,
    enrichments: &[Placed<Enrichment>],
    jobs: &[Job<'_>],
    queues: bool,
) {
    let of_enrichments = enrichments.iter().map(|enrichment| enrichment.created);
    let first = jobs.iter().map(|job| job.placed.created).chain(of_enrichments).max().unwrap_or_default();
    let by_id: BTreeMap<&str, &Job<'_>> =
        jobs.iter().filter_map(|job| Some((job.placed.id.as_deref()?, job))).collect();
    let mut enriched: HashMap<&str, &Place> = HashMap::new();
    for Placed { value: Enrichment { run, .. }, created, place, .. } in enrichments {
        let Some(job) = by_id.get(run.as_str()) else {
            let mistake = Mistake::new(format!("there is no run `{}` in this world", shortened(run)));
            let mistake = match nearest(run, by_id.keys().copied()) {
                Some(meant) => mistake.help(format!("did you mean `{meant}`?")),
                None => mistake.help("give one of the `runs` this `id`"),
            };
            place.report(fields, mistake);
            continue;
        };
        let Job { placed, course } = job;
        if let Some(other) = enriched.insert(run, place) {
            let mistake = Mistake::new("this run has an enrichment, which another would only continue");
            place.report(fields, mistake.related(&other.subject, "the other one"));
            continue;
        }
        if placed.value.order.auto_enrich {
            let mistake = Mistake::new("this run is enriched by itself when it completes")
                .help("leave out this enrichment, or the `auto-enrich` of the run")
                .related(&placed.place.subject, "the run");
            place.report(fields, mistake);
            continue;
        }
        let in_time = || job.ends_by(jobs, queues, first).is_some_and(|end| end <= first - *created);
        let unsure = if !course.completes {
            Some("this one does not complete")
        } else if course.may_find_nothing {
            Some("this one may bring nothing")
        } else {
            (!in_time()).then_some("this one may still be under way")
        };
        if let Some(why) = unsure {
            let mistake = Mistake::new("it is not certain that there is something to enrich by then")
                .help("let the run complete before, with results, or create the enrichment later")
                .related(&placed.place.subject, why);
            place.report(fields, mistake);
        }
    }
}
