//! One plan for the whole run: few runs, shared by all checks, each read until it is over.
//!
//! The plan only brings occasions about. What they show is judged afterwards, from the record.

pub(crate) mod catalog;

use std::time::Duration;

use serde_json::Value;

use crate::client::{Client, Credential, Stop};
use crate::history::seen::Seen;
use crate::profile::{Family, field, is_terminal};
use crate::session::Session;

/// What happens to a run on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is left to its end.
    Finish,
    /// Others reach for it while it runs, and its create is repeated.
    Contested,
    /// Its owner tries to cancel it while it waits for another.
    Wait,
    /// Its owner cancels it while it runs.
    Cancel,
    /// It is made to fail while it runs.
    Fail,
}

/// A run under way.
#[derive(Debug)]
pub(crate) struct Tracked {
    family: &'static Family,
    id: String,
    who: Credential,
    role: Role,
    body: String,
    acted: bool,
    over: bool,
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

impl Driver<'_> {
    /// Asks for a run and keeps track of it; its id if it was accepted.
    pub(crate) async fn start(
        &mut self,
        family: &'static Family,
        who: Credential,
        role: Role,
        body: &Value,
    ) -> Result<Option<String>, Stop> {
        let body = body.to_string();
        let id = Client::created(self.client.create(family, who, &body).await?);
        self.session.tick().await?;
        if let Some(id) = id.clone() {
            self.tracked.push(Tracked { family, id, who, role, body, acted: false, over: false });
        }
        Ok(id)
    }

    /// Reads every run until all are over, and acts on each according to its role.
    pub(crate) async fn drive(&mut self) -> Result<(), Stop> {
        let mut passed = Duration::ZERO;
        for pass in 0_u32.. {
            for at in 0..self.tracked.len() {
                if !self.tracked[at].over {
                    self.visit(at).await?;
                }
            }
            if self.tracked.iter().all(|run| run.over) {
                break;
            }
            // Short steps first: some states last a second.
            let step = match pass {
                0..=4 => Duration::from_secs(1),
                5..=20 => Duration::from_secs(5),
                _ => Duration::from_secs(30),
            };
            self.session.pass(step).await?;
            passed += step;
            if self.session.moves_clock(&self.client.keys().a) && passed > PATIENCE {
                break;
            }
        }
        Ok(())
    }

    async fn visit(&mut self, at: usize) -> Result<(), Stop> {
        let Tracked { family, who, role, acted, .. } = self.tracked[at];
        let id = self.tracked[at].id.clone();
        let seen = self.client.get(family, who, &id, "").await?;
        if !seen.is_success() {
            // A run that cannot be read is not going to end before our eyes.
            self.tracked[at].over = seen.status().is_some();
            return Ok(());
        }
        let (running, waiting) = (seen.state() == Some("running"), is_waiting(seen));
        self.tracked[at].over = seen.state().is_none_or(is_terminal);
        if acted || !(running && role != Role::Wait || waiting && role == Role::Wait) {
            return Ok(());
        }
        self.tracked[at].acted = true;
        match role {
            Role::Finish => return Ok(()),
            Role::Cancel | Role::Wait => {
                self.client.cancel(family, who, &id).await?;
            }
            Role::Fail => {
                let key = self.client.keys().a.clone();
                self.session.fail(&key, &id).await?;
            }
            Role::Contested => self.contest(at).await?,
        }
        let seen = self.client.get(family, who, &id, "").await?;
        self.tracked[at].over = seen.state().is_none_or(is_terminal);
        Ok(())
    }

    /// Another key reaches for a running run, and its owner asks for the same again.
    async fn contest(&mut self, at: usize) -> Result<(), Stop> {
        let Tracked { family, who, .. } = self.tracked[at];
        let (id, body) = (self.tracked[at].id.clone(), self.tracked[at].body.clone());
        if self.client.keys().b.is_some() {
            self.client.get(family, Credential::B, &id, "").await?;
            self.client.cancel(family, Credential::B, &id).await?;
            self.client.get(family, who, &id, "").await?;
        }
        let again = Client::created(self.client.create(family, who, &body).await?);
        if let Some(id) = again.filter(|again| *again != id) {
            // A second run where there should be one still has to be seen to its end.
            self.tracked.push(Tracked {
                family,
                id,
                who,
                role: Role::Finish,
                body,
                acted: true,
                over: false,
            });
        }
        Ok(())
    }

    /// Runs that were seen to end, in order of creation.
    pub(crate) fn over(&self) -> Vec<(&'static Family, Credential, String, Role)> {
        let over = self.tracked.iter().filter(|run| run.over);
        over.map(|run| (run.family, run.who, run.id.clone(), run.role)).collect()
    }
}

fn is_waiting(seen: &Seen) -> bool {
    seen.state() == Some("pending") && seen.at(field::WAITING_FOR).is_string()
}

/// Cancels what a run left running, for servers whose worlds cannot be forgotten; the ids of what still runs.
pub(crate) async fn stop_leftovers(client: &mut Client) -> Vec<String> {
    let open: Vec<(&'static Family, String, Credential)> = {
        let history = client.history();
        let open = history.jobs().iter().filter(|job| {
            history.first_terminal(job).is_none() && !history.cancels(job).any(Seen::is_success)
        });
        let who = |owner: &str| match owner {
            "$KEY_A" => Some(Credential::A),
            "$KEY_B" => Some(Credential::B),
            _ => None,
        };
        open.filter_map(|job| Some((job.family, job.id.clone(), who(&job.owner)?))).collect()
    };
    let mut left = Vec::new();
    for (family, id, who) in open {
        let stopped = match client.cancel(family, who, &id).await {
            Ok(seen) if seen.is_success() => true,
            // A refusal may mean that it is over, by itself or because of what it waited for.
            Ok(_) => is_over(client, family, who, &id).await,
            Err(_) => false,
        };
        if !stopped {
            left.push(format!("{} {id}, which may still be running", family.name));
        }
    }
    left
}

async fn is_over(client: &mut Client, family: &Family, who: Credential, id: &str) -> bool {
    let seen = client.get(family, who, id, "").await;
    seen.is_ok_and(|seen| seen.state().is_some_and(is_terminal))
}
