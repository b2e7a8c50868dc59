//! Time and worlds: how a run waits for a server's work, and how it leaves no trace.
//!
//! With a control plane the run makes worlds of its own, moves their clocks, and forgets them at the end. Without
//! one it waits for real.

pub mod control;
mod mover;

use std::time::Duration;

use serde_json::Value;

use self::control::{ControlPlane, Health};
pub use self::mover::Mover;
use crate::client::{Ask, Keys, Stop};
use crate::clock;
use crate::profile;

/// What the driver of a run may do beside sending requests.
#[derive(Debug)]
pub struct Session {
    control: Option<ControlPlane>,
    /// The API whose account is changed.
    api: &'static str,
    health: Option<Health>,
    /// Keys of worlds that this run made and has to forget.
    made: Vec<String>,
    /// What tells the names of this run from those of others.
    mark: String,
    /// Whether there were such worlds.
    owned: bool,
    /// Keys whose clocks this run may move.
    moved: Vec<String>,
    /// Whether a run of some key goes on by itself only, so that it has to be waited for.
    waits: bool,
    pace: Duration,
}

/// How often a run is read where nothing else is said: within what the pages recommend for crawls (10 to 30 seconds)
/// and for extracts and searches (5 to 10).
pub const DOCUMENTED_PACE: Duration = Duration::from_secs(10);

/// Credits for a world of the run's own: enough for everything, and countable.
const CREDITS: u64 = 1_000_000;

/// What a caller gives and allows.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// The first key; without one the run makes its own.
    pub key: Option<String>,
    /// The second key.
    pub other_key: Option<String>,
    /// Whether the clock of a given key's world may be moved.
    pub move_clock: bool,
    /// Time between two reads; [`DOCUMENTED_PACE`] unless given.
    pub pace: Option<Duration>,
    /// What tells the keys of this run from those of others; drawn unless given. Who gives one has to know that no
    /// other run against the same server has it.
    pub nonce: Option<String>,
}

impl Session {
    /// Decides on keys, given a control plane or none. `api` is the one whose accounts it changes. Sends nothing.
    pub fn new(api: &'static str, control: Option<(ControlPlane, Health)>, wishes: &Wishes) -> (Self, Keys) {
        let nonce = wishes.nonce.clone().unwrap_or_else(clock::nonce);
        let (control, health) =
            control.map_or((None, None), |(control, health)| (Some(control), Some(health)));
        let own_a = format!("check-{nonce}-a");
        let own_b = format!("check-{nonce}-b");
        let own_c = format!("check-{nonce}-c");
        let welcome = control.is_some() && health.as_ref().is_some_and(|health| health.accounts == 0);

        let mut made = Vec::new();
        let mut moved = Vec::new();
        let a = match &wishes.key {
            Some(key) => key.clone(),
            None => {
                made.push(own_a.clone());
                own_a
            }
        };
        // A foreign server knows the keys it gave out; one of ours welcomes any.
        let b = match (&wishes.other_key, &wishes.key) {
            (Some(key), _) => Some(key.clone()),
            (None, None) => Some(own_b.clone()),
            (None, Some(_)) => welcome.then(|| own_b.clone()),
        };
        if b.as_ref() == Some(&own_b) {
            made.push(own_b);
        }
        // Only a world of the run's own may be made poor and slow.
        let c = (welcome && wishes.key.is_none()).then_some(own_c);
        made.extend(c.clone());
        if control.is_some() {
            moved.clone_from(&made);
            let given = [wishes.key.as_ref(), wishes.other_key.as_ref()];
            moved.extend(given.into_iter().flatten().filter(|_| wishes.move_clock).cloned());
        } else {
            // Without a control plane there is no world to forget, only a key nobody knows.
            made.clear();
        }
        let waits = [Some(&a), b.as_ref()].into_iter().flatten().any(|key| !moved.contains(key));
        let forbidden = control.is_some().then(|| format!("forbidden-{nonce}"));
        let keys = Keys { a, b, c, refused: format!("invalid-{nonce}"), forbidden };
        let pace = wishes.pace.unwrap_or(DOCUMENTED_PACE);
        let owned = !made.is_empty();
        (Session { control, api, health, made, mark: nonce, owned, moved, waits, pace }, keys)
    }

    /// What the control plane said of itself.
    pub fn health(&self) -> Option<&Health> {
        self.health.as_ref()
    }

    /// Whether this run made worlds of its own, forgotten or not.
    pub fn owned_a_world(&self) -> bool {
        self.owned
    }

    /// The keys of the worlds that this run made and has not forgotten yet.
    pub(crate) fn worlds(&self) -> impl Iterator<Item = &str> {
        self.made.iter().map(String::as_str)
    }

    /// What tells the names of what this run makes from those of others.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// Whether time passes at the run's will.
    pub fn moves_clock(&self, key: &str) -> bool {
        self.moved.iter().any(|moved| moved == key)
    }

    /// What lets time pass for the keys whose clocks may be moved.
    pub fn mover(&self) -> Option<Mover> {
        self.control.as_ref().map(|control| Mover::new(control.clone(), self.moved.clone()))
    }

    /// Whether the server says that it is a Rehearsal.
    pub fn is_ours(&self) -> bool {
        self.health.is_some()
    }

    /// Whether `key` is of a world that this run made, where nothing it asks for costs anybody anything.
    pub fn owns(&self, key: &str) -> bool {
        self.made.iter().any(|made| made == key)
    }

    /// The request for the account of `key`, where there is somebody to ask.
    pub(crate) fn ask_account(&self, key: &str) -> Option<Ask> {
        self.control.as_ref().filter(|_| self.owns(key)).map(|control| control.ask_account(key))
    }

    /// The request that moves the clock of `key` forward, where that is allowed.
    pub(crate) fn ask_advance(&self, key: &str, by: Duration) -> Option<Ask> {
        self.control.as_ref().filter(|_| self.moves_clock(key)).map(|control| control.ask_advance(key, by))
    }

    /// The requests that wait for what the world of `key` posts, and then show what came to an inbox of this name and clear
    /// it, where there is somebody to ask.
    pub(crate) fn ask_inbox(&self, key: &str, name: &str) -> Option<[Ask; 3]> {
        self.control.as_ref().filter(|_| self.owns(key)).map(|control| control.ask_inbox(key, name))
    }

    /// Lets a part of the pace pass, where the clock cannot be moved: a run that is over between two reads is seen
    /// running if the first read comes at another moment.
    pub(crate) async fn pause(&self, part: f64) {
        tokio::time::sleep(self.pace.mul_f64(part)).await;
    }

    /// Makes the worlds of its own, with their clocks stopped.
    ///
    /// # Errors
    ///
    /// When the control plane refuses.
    pub async fn open(&self) -> Result<(), Stop> {
        let Some(control) = &self.control else { return Ok(()) };
        for key in &self.made {
            control.stop_clock(key).await?;
            let has_credits = profile::ALL.iter().any(|it| it.api == self.api && it.has_credits);
            control.open_account(self.api, key, has_credits.then_some(CREDITS)).await?;
        }
        Ok(())
    }

    /// Lets `virtual_time` pass where the clock may be moved, and the pace where it may not.
    ///
    /// # Errors
    ///
    /// When the control plane refuses.
    pub async fn pass(&self, virtual_time: Duration) -> Result<(), Stop> {
        self.advance(virtual_time).await?;
        if self.waits {
            tokio::time::sleep(self.pace).await;
        }
        Ok(())
    }

    async fn advance(&self, virtual_time: Duration) -> Result<(), Stop> {
        let Some(control) = &self.control else { return Ok(()) };
        for key in &self.moved {
            control.advance(key, virtual_time).await?;
        }
        Ok(())
    }

    /// Lets a moment pass where the clock may be moved, so that two things do not happen in one instant.
    ///
    /// # Errors
    ///
    /// When the control plane refuses.
    pub async fn tick(&self) -> Result<(), Stop> {
        self.advance(Duration::from_millis(10)).await
    }

    /// Lets a run of `key`'s fail as if by itself; `false` where nobody can.
    ///
    /// # Errors
    ///
    /// When the control plane refuses.
    pub async fn fail(&self, key: &str, run: &str) -> Result<bool, Stop> {
        match &self.control {
            Some(control) => control.fail(key, run).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Changes what the account of `key` has at the API, in the words of a scenario; `false` where nobody can.
    ///
    /// # Errors
    ///
    /// When the control plane refuses.
    pub async fn grant(&self, key: &str, settings: &Value) -> Result<bool, Stop> {
        match self.control.as_ref().filter(|_| self.made.iter().any(|made| made == key)) {
            Some(control) => control.grant(self.api, key, settings).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Whether runs can be made to fail.
    pub fn can_fail_runs(&self) -> bool {
        self.control.is_some()
    }

    /// Forgets every world the run made; the names of those that could not be forgotten.
    pub async fn close(&mut self) -> Vec<String> {
        let mut left = Vec::new();
        let Some(control) = &self.control else { return left };
        for key in self.made.drain(..) {
            if let Err(stop) = control.forget(&key).await {
                left.push(format!("world {key} ({stop})"));
            }
        }
        left
    }
}

#[cfg(test)]
mod tests;
