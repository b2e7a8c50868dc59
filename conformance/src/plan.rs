//! One plan for the whole run: few runs, shared by all checks, each read until it is over.
//!
//! The plan only brings occasions about. What they show is judged afterwards, from the record.

mod afresh;
mod catalog;
mod extralt;
mod leftovers;
mod llama_extract;
mod others;

use std::time::Duration;

use serde_json::{Value, json};

pub(crate) use self::leftovers::{orphans, take_back};
use crate::client::{Ask, Client, Credential, Stop};
use crate::history::seen::Seen;
use crate::judge;
use crate::profile::{Family, Profile};
use crate::session::Session;

/// Brings about what is particular to the API, and then whatever of its contract nobody has asked for.
///
/// # Errors
///
/// When the target stops answering, or the control plane fails.
pub(crate) async fn drive(
    driver: &mut Driver<'_>,
    profile: &'static Profile,
    site: &str,
) -> Result<(), Stop> {
    match profile.api {
        "extralt" => extralt::drive(driver, profile, site).await?,
        "llama-extract" => llama_extract::drive(driver, profile).await?,
        _ => catalog::drive(driver, profile.families, site).await?,
    }
    others::drive(driver).await
}

/// What happens to a run on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is left to its end.
    Finish,
    /// Others reach for it while it runs, and its create is repeated where that gives the same run.
    Contested,
    /// Its owner tries to cancel it while it waits for another.
    Wait,
    /// Its owner cancels it while it runs.
    Cancel,
    /// It is made to fail while it runs.
    Fail,
}

impl Role {
    /// Whether a run in this role is of use only if it is met in time: running, or waiting.
    fn needs_meeting(self) -> bool {
        self != Role::Finish
    }
}

/// A run under way.
#[derive(Debug)]
pub(crate) struct Tracked {
    family: &'static Family,
    id: String,
    who: Credential,
    role: Role,
    body: Value,
    acted: bool,
    over: bool,
    /// How many runs before it were over before they were seen running.
    attempt: usize,
    /// How many reads in a row did not show it.
    unread: u32,
}

/// Brings about one occasion after the other.
#[derive(Debug)]
pub(crate) struct Driver<'a> {
    pub(crate) client: &'a mut Client,
    pub(crate) session: &'a Session,
    pub(crate) tracked: Vec<Tracked>,
}

/// Where the clock can be moved, a run that is not over after this much virtual time is given up.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A run is given up after this many reads in a row that did not show it.
const UNREAD_MAX: u32 = 6;

impl<'a> Driver<'a> {
    /// Drives over `client`, with the time and the worlds of `session`.
    pub(crate) fn new(client: &'a mut Client, session: &'a Session) -> Self {
        Driver { client, session, tracked: Vec::new() }
    }

    /// Whether the runs of the first key are in a world of the run's own, where nothing costs anybody anything.
    pub(crate) fn is_at_home(&self) -> bool {
        self.session.owns(&self.client.keys().a)
    }

    /// Asks for a run and keeps track of it; its id if it was accepted.
    pub(crate) async fn start(
        &mut self,
        family: &'static Family,
        who: Credential,
        role: Role,
        body: &Value,
    ) -> Result<Option<String>, Stop> {
        let id = self.start_now(family, who, role, body).await?;
        self.balance().await?;
        self.session.tick().await?;
        Ok(id)
    }

    /// The same, without a moment between this run and the next.
    pub(crate) async fn start_now(
        &mut self,
        family: &'static Family,
        who: Credential,
        role: Role,
        body: &Value,
    ) -> Result<Option<String>, Stop> {
        let seen = self.create(family, who, &body.to_string()).await?;
        let id = Client::created(seen);
        // One that was there already is somebody's, who wants it to go on.
        let role = if role == Role::Cancel && family.may_join(seen) { Role::Finish } else { role };
        if let Some(id) = id.clone() {
            let body = body.clone();
            let (acted, over, attempt, unread) = (false, false, 0, 0);
            self.tracked.push(Tracked { family, id, who, role, body, acted, over, attempt, unread });
        }
        Ok(id)
    }

    /// Keeps track of a run that nobody acts on, from now on until it is over.
    pub(crate) fn track(&mut self, family: &'static Family, who: Credential, id: &str) {
        if let Some(known) = self.tracked.iter_mut().find(|run| run.id == id) {
            (known.over, known.unread) = (false, 0);
            return;
        }
        self.tracked.push(Tracked {
            family,
            id: id.to_owned(),
            who,
            role: Role::Finish,
            body: Value::Null,
            acted: true,
            over: false,
            attempt: 0,
            unread: 0,
        });
    }

    /// Asks for a run, with care.
    pub(crate) async fn create(
        &mut self,
        family: &'static Family,
        who: Credential,
        body: &str,
    ) -> Result<&Seen, Stop> {
        let ask = self.client.request(family.create, &[], "", who, Some(body))?;
        self.send_with_care(family, who, ask).await
    }

    /// Sends what may start a run. If nobody can tell what came of it, looks at the list, and sends it again where that
    /// cannot cost anybody a second run: in a world of the run's own, or if the list shows nothing new.
    pub(crate) async fn send_with_care(
        &mut self,
        family: &'static Family,
        who: Credential,
        ask: Ask,
    ) -> Result<&Seen, Stop> {
        if self.client.send(ask.clone()).await?.is_uncertain() {
            let is_own = self.client.keys().of(who).is_some_and(|key| self.session.owns(key));
            let is_listed =
                self.client.list(family, who, self.client.history().profile.layout.whole).await?.is_success();
            let is_free = is_own || !self.client.history().shows_orphan(family);
            if is_listed && is_free || !who.is_good() {
                return self.client.send(ask).await;
            }
        }
        Ok(self.client.last())
    }

    /// Asks what is left on the first key's account, where somebody tells.
    pub(crate) async fn balance(&mut self) -> Result<(), Stop> {
        if let Some(ask) = self.session.ask_account(&self.client.keys().a) {
            self.client.send(ask).await?;
        }
        Ok(())
    }

    /// Reads every run that is not over once, and acts on it according to its role.
    pub(crate) async fn look(&mut self) -> Result<(), Stop> {
        for at in 0..self.tracked.len() {
            if !self.tracked[at].over {
                self.visit(at).await?;
            }
        }
        Ok(())
    }

    /// Reads every run until all are over, and acts on each according to its role.
    pub(crate) async fn drive(&mut self) -> Result<(), Stop> {
        self.client.progress().phase("reading runs until they are over");
        let (mut passed, mut pass) = (Duration::ZERO, 0_u32);
        loop {
            if pass <= 2 {
                self.list_active().await?;
            }
            self.look().await?;
            if self.renew().await? {
                pass = 0;
            }
            let impatient = self.moves_clock() && passed > PATIENCE;
            if impatient {
                return self.give_up().await;
            }
            if self.tracked.iter().all(|run| run.over) {
                return Ok(());
            }
            // Short steps first: some states last a second.
            let step = match pass {
                0..=4 => Duration::from_secs(1),
                5..=20 => Duration::from_secs(5),
                _ => Duration::from_secs(30),
            };
            self.session.pass(step).await?;
            passed += step;
            pass += 1;
        }
    }

    /// Lists what is being processed of each kind of run that has some.
    async fn list_active(&mut self) -> Result<(), Stop> {
        for family in self.client.history().profile.families {
            let is_active = |run: &Tracked| run.family.name == family.name && !run.over;
            if self.tracked.iter().any(|run| is_active(run) && run.who == Credential::A) {
                self.client.list(family, Credential::A, "status=processing&page_size=100").await?;
            }
        }
        Ok(())
    }

    /// Moves the clocks on for as long again, on the record, and looks at what has still not ended.
    async fn give_up(&mut self) -> Result<(), Stop> {
        let keys = self.client.keys();
        let owners: Vec<_> =
            [Some(&keys.a), keys.b.as_ref(), keys.c.as_ref()].into_iter().flatten().collect();
        let moves: Vec<_> = owners.iter().filter_map(|key| self.session.ask_advance(key, PATIENCE)).collect();
        for ask in moves {
            self.client.send(ask).await?;
        }
        self.look().await
    }

    fn moves_clock(&self) -> bool {
        self.session.moves_clock(&self.client.keys().a)
    }

    /// Lets an extract wait for a crawl that is going to be cancelled, so that it is seen to fail with it.
    pub(crate) async fn start_dependent(&mut self, at: usize) -> Result<(), Stop> {
        let Tracked { who, role, .. } = self.tracked[at];
        let (id, vendor) = (self.tracked[at].id.clone(), self.tracked[at].body.get("url").cloned());
        let extract = self.client.history().profile.families.iter().find(|family| family.most_urls.is_some());
        let (Some(extract), Some(vendor), Role::Cancel) = (extract, vendor, role) else { return Ok(()) };
        let body = json!({"vendor": vendor, "crawl_id": id, "max_products": 1});
        self.start(extract, who, Role::Finish, &body).await.map(|_| ())
    }

    /// Reads the crawl that a run waits for: only a later read shows that it was not over yet.
    async fn read_crawl(&mut self, at: usize) -> Result<(), Stop> {
        let crawl = self.tracked[at].body.get("crawl_id").and_then(Value::as_str);
        let Some(crawl) = self.tracked.iter().position(|run| Some(run.id.as_str()) == crawl) else {
            return Ok(());
        };
        self.reread(crawl).await.map(|_| ())
    }

    /// Reads a run, and acts on it according to its role.
    pub(crate) async fn visit(&mut self, at: usize) -> Result<(), Stop> {
        let Tracked { family, who, role, acted, .. } = self.tracked[at];
        let id = self.tracked[at].id.clone();
        let seen = self.reread(at).await?;
        let (running, waiting) = (seen.state() == Some("running"), seen.is_waiting());
        if acted || !(running && role != Role::Wait || waiting && role == Role::Wait) {
            return Ok(());
        }
        self.tracked[at].acted = true;
        let before = self.client.history().all().len();
        match role {
            Role::Finish => return Ok(()),
            // Two cancels at once race each other on any server.
            Role::Cancel if family.paged && family.at_most.is_none() => {
                let cancel = self.client.request_run(family.cancel, &id, who)?;
                self.client.race(family, &[cancel.clone(), cancel]).await?;
            }
            Role::Cancel => {
                self.client.cancel(family, who, &id).await?;
            }
            Role::Wait => {
                self.client.cancel(family, who, &id).await?;
                self.reread(at).await?;
                self.tracked[at].acted = self.was_told(family, before);
                return self.read_crawl(at).await;
            }
            Role::Fail => {
                let key = self.client.keys().a.clone();
                self.session.fail(&key, &id).await?;
            }
            Role::Contested => self.contest(at).await?,
        }
        // One that completed between the look and the cancel was missed.
        let missed = self.reread(at).await?.state() == Some("completed");
        if role == Role::Cancel {
            self.tracked[at].acted = !missed && self.was_told(family, before);
        }
        Ok(())
    }

    /// Whether one of the cancels since exchange number `from` was answered.
    fn was_told(&self, family: &Family, from: usize) -> bool {
        let since = self.client.history().all().iter().skip(from);
        since.filter(|seen| seen.is(family.cancel)).any(|cancel| !cancel.is_uncertain())
    }

    /// Reads a run, and notes whether it is over.
    pub(crate) async fn reread(&mut self, at: usize) -> Result<&Seen, Stop> {
        let Tracked { family, who, unread, .. } = self.tracked[at];
        let id = self.tracked[at].id.clone();
        let seen = self.client.get(family, who, &id, "").await?;
        let unread = if seen.is_success() { 0 } else { unread + 1 };
        // A run that cannot be read for long is not going to end before our eyes.
        let is_lost = unread == UNREAD_MAX;
        let over = is_lost || seen.is_success() && seen.state().is_none_or(|state| family.is_over(state));
        let run = &mut self.tracked[at];
        (run.unread, run.over, run.acted) = (unread, over, run.acted || is_lost);
        Ok(self.client.last())
    }

    /// Its owner asks for a running crawl again, in two spellings, and another key reaches for it.
    async fn contest(&mut self, at: usize) -> Result<(), Stop> {
        let Tracked { family, who, .. } = self.tracked[at];
        let (id, body) = (self.tracked[at].id.clone(), self.tracked[at].body.clone());
        if let Some(url) = body.get("url").and_then(Value::as_str) {
            for url in [url.to_owned(), format!("https://www.{url}/")] {
                let known = self.tracked.len();
                let again = self.start_now(family, who, Role::Finish, &json!({"url": url})).await?;
                if again.as_ref() == Some(&id) {
                    // One that is there already is not tracked twice.
                    self.tracked.truncate(known);
                }
            }
            if !self.moves_clock() {
                // The read that follows shows that the crawl was active all the while.
                self.client.list(family, who, "status=processing&page_size=100").await?;
            }
            let seen = self.client.get(family, who, &id, "").await?;
            // Only a crawl that still runs now shows that the repetitions met it.
            self.tracked[at].acted = seen.state() == Some("running");
        }
        if self.client.keys().b.is_some() {
            self.client.get(family, Credential::B, &id, "").await?;
            if self.is_own(&id) {
                self.client.cancel(family, Credential::B, &id).await?;
            }
        }
        Ok(())
    }

    /// Whether one of these checks would not pass what was seen so far.
    pub(crate) fn doubts(&self, checks: &[&str]) -> bool {
        checks.iter().any(|id| judge::doubts(self.client.history(), id))
    }

    /// Whether a run was there for this one only, so that nobody misses it who finds it canceled.
    fn is_own(&self, id: &str) -> bool {
        let history = self.client.history();
        history.job(id).is_some_and(|job| !job.family.may_join(history.create(job)))
    }

    /// Runs that were seen to end, in order of creation.
    pub(crate) fn over(&self) -> Vec<(&'static Family, Credential, String, Role)> {
        let over = self.tracked.iter().filter(|run| run.over);
        over.map(|run| (run.family, run.who, run.id.clone(), run.role)).collect()
    }
}
