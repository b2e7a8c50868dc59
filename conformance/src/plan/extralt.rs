//! The plan for Extralt, both versions: one robot, a handful of runs with budgets of one to three captures, a schedule
//! and an enrichment. In a world of its own it makes more, since there nothing costs anybody anything.

mod captures;
mod enrichments;
mod limits;
mod lists;
mod others;
mod refusals;
mod robots;
mod runs;
mod schedules;

use std::time::Duration;

use serde_json::Value;

use super::Driver;
use crate::client::{Client, Credential, Stop};
use crate::history::seen::Seen;
use crate::profile::extralt::{Names, family, names};
use crate::profile::{Family, Profile};

/// The operations that the plan asks for by name.
mod op {
    pub(super) const ROBOTS: &str = "extralt.robots.list";
    pub(super) const ROBOT: &str = "extralt.robots.get";
    pub(super) const FORGET_ROBOT: &str = "extralt.robots.delete";
    pub(super) const RUNS: &str = "extralt.runs.list";
    pub(super) const RUN: &str = "extralt.runs.get";
    pub(super) const NEW_RUN: &str = "extralt.runs.create";
    pub(super) const STOP: &str = "extralt.runs.stop";
    pub(super) const RESTART: &str = "extralt.runs.restart";
    pub(super) const CAPTURES: &str = "extralt.captures.list";
    pub(super) const COUNT: &str = "extralt.captures.count";
    pub(super) const EXPORT: &str = "extralt.captures.export";
    pub(super) const SCHEDULES: &str = "extralt.schedules.list";
    pub(super) const SCHEDULE: &str = "extralt.schedules.get";
    pub(super) const NEW_SCHEDULE: &str = "extralt.schedules.create";
    pub(super) const CHANGE: &str = "extralt.schedules.update";
    pub(super) const FORGET_SCHEDULE: &str = "extralt.schedules.delete";
    pub(super) const PAUSE: &str = "extralt.schedules.pause";
    pub(super) const RESUME: &str = "extralt.schedules.resume";
    pub(super) const ENRICHMENTS: &str = "extralt.enrichments.list";
    pub(super) const ENRICHMENT: &str = "extralt.enrichments.get";
    pub(super) const ENRICH: &str = "extralt.enrichments.create";
    pub(super) const STOP_ENRICHMENT: &str = "extralt.enrichments.stop";
    pub(super) const ITEMS: &str = "extralt.items.list";
    pub(super) const ITEM: &str = "extralt.items.get";
    pub(super) const ITEMS_FILE: &str = "extralt.items.export";
}

/// Brings every occasion about. `site` is the shop that a robot is built for where there is none to take.
///
/// # Errors
///
/// When the target stops answering, or the control plane fails.
pub(super) async fn drive(
    driver: &mut Driver<'_>,
    profile: &'static Profile,
    site: &str,
) -> Result<(), Stop> {
    let Some(run) = family(profile, "run") else { return Ok(()) };
    let mut tour = Tour { driver, profile, names: names(profile), run, site };
    tour.ask(op::RUNS, "", "limit=100", Credential::A, None).await?;
    let robot = robots::find(&mut tour).await?;
    if let Some(robot) = &robot {
        refusals::bodies(&mut tour, robot).await?;
        runs::drive(&mut tour, robot).await?;
        captures::drive(&mut tour).await?;
        enrichments::drive(&mut tour, robot).await?;
        schedules::drive(&mut tour, robot).await?;
        robots::leave(&mut tour).await?;
    }
    refusals::ids(&mut tour).await?;
    refusals::keys(&mut tour).await?;
    refusals::paths(&mut tour).await?;
    lists::drive(&mut tour).await?;
    others::drive(&mut tour).await?;
    refusals::again(&mut tour).await?;
    limits::drive(&mut tour).await
}

/// A robot to make runs with.
#[derive(Debug, Clone)]
struct Robot {
    id: String,
    host: String,
}

/// A drive through one version.
struct Tour<'t, 'a> {
    driver: &'t mut Driver<'a>,
    profile: &'static Profile,
    names: &'static Names,
    run: &'static Family,
    site: &'t str,
}

/// Where the clock can be moved, nothing is waited for longer than this, in virtual time.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The most pages that are followed: a live list may be long.
const PAGES_MAX: usize = 30;

impl Tour<'_, '_> {
    /// Asks an operation; `id` stands wherever its path has a parameter.
    async fn ask(
        &mut self,
        operation: &str,
        id: &str,
        query: &str,
        who: Credential,
        body: Option<&Value>,
    ) -> Result<&Seen, Stop> {
        let body = body.map(Value::to_string);
        let path = [("id", id), ("item_id", id)];
        self.driver.client.ask(operation, &path, query, who, body.as_deref()).await
    }

    /// Whether nothing costs anybody anything.
    fn is_at_home(&self) -> bool {
        self.driver.is_at_home()
    }

    fn is_v1(&self) -> bool {
        self.profile.version == "v1"
    }

    /// Whether the second key may be used to make things.
    fn owns_other(&self) -> bool {
        let other = self.driver.client.keys().b.as_ref();
        other.is_some_and(|key| self.driver.session.owns(key))
    }

    async fn pass(&mut self, time: Duration) -> Result<(), Stop> {
        self.driver.session.pass(time).await
    }

    /// Asks for a run of some kind and keeps track of it; its id if it was accepted.
    async fn begin(
        &mut self,
        family: &'static Family,
        who: Credential,
        body: &Value,
    ) -> Result<Option<String>, Stop> {
        let seen = self.driver.create(family, who, &body.to_string()).await?;
        let id = Client::created(seen).filter(|_| (family.names_run)(seen));
        if let Some(id) = &id {
            self.track(family, who, id);
        }
        self.driver.session.tick().await?;
        Ok(id)
    }

    /// Keeps track of a run, from now on until it is over.
    fn track(&mut self, family: &'static Family, who: Credential, id: &str) {
        self.driver.track(family, who, id);
    }

    /// Reads a run that is kept track of; its state.
    async fn look(&mut self, id: &str) -> Result<Option<String>, Stop> {
        let Some(at) = self.driver.tracked.iter().position(|run| run.id == id) else { return Ok(None) };
        let seen = self.driver.reread(at).await?;
        Ok(seen.state().map(str::to_owned))
    }

    /// Reads whatever is under way until all of it is over.
    async fn settle(&mut self) -> Result<(), Stop> {
        self.driver.client.progress().phase("reading runs until they are over");
        let mut passed = Duration::ZERO;
        for pass in 0_u32.. {
            self.driver.look().await?;
            let impatient = self.driver.moves_clock() && passed > PATIENCE;
            if impatient || self.driver.tracked.iter().all(|run| run.over) {
                break;
            }
            let step = match pass {
                0..=24 => Duration::from_millis(700),
                25..=40 => Duration::from_secs(5),
                _ => Duration::from_secs(30),
            };
            self.pass(step).await?;
            passed += step;
        }
        Ok(())
    }

    /// Reads a run until it is in one of these states or over; whether it was seen in one.
    async fn await_state(&mut self, id: &str, states: &[&str]) -> Result<bool, Stop> {
        for _ in 0..40 {
            let Some(state) = self.look(id).await? else { return Ok(false) };
            if states.contains(&state.as_str()) {
                return Ok(true);
            }
            if self.run.is_over(&state) {
                return Ok(false);
            }
            self.pass(Duration::from_millis(300)).await?;
        }
        Ok(false)
    }

    /// Follows a list from page to page; `query` is what each page is asked for beside the cursor. The cursor of the
    /// first page.
    async fn pages(&mut self, operation: &str, query: &str, who: Credential) -> Result<Option<String>, Stop> {
        let mut first = None;
        let mut target = query.to_owned();
        for _ in 0..PAGES_MAX {
            let seen = self.ask(operation, "", &target, who, None).await?;
            let Some(cursor) = seen.text("/next_cursor").map(str::to_owned) else { break };
            target = format!("{query}&cursor={}", crate::client::encoded(&cursor));
            first.get_or_insert(cursor);
        }
        Ok(first)
    }

    /// Runs of the first key that are over, in the order of their creation.
    fn over(&self, family: &str) -> Vec<String> {
        let mine = self.driver.tracked.iter().filter(|run| run.over && run.who == Credential::A);
        mine.filter(|run| run.family.name == family).map(|run| run.id.clone()).collect()
    }
}
