//! A scenario file that is edited while the server runs: its good versions are followed, one after the other.

use std::slice;
use std::sync::Arc;

use thiserror::Error;

use crate::control::{change, scenario};
use crate::scenario::Scenario;
use crate::shared::Shared;
use crate::shared::watched::Watched;

/// Brings the versions of one file to the worlds of a server.
#[derive(Debug)]
pub struct Reload {
    shared: Arc<Shared>,
    /// The last good version, which new worlds begin with.
    serving: Arc<Scenario>,
}

/// How far a new version reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The worlds that follow it from now on.
    pub worlds: usize,
    /// Those that were given another scenario, or whose log is full, and that keep what they have.
    pub others: usize,
}

/// The version declares other accounts than the one that the server was started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("`accounts` are fixed when the server starts; put them back as they were, or start the server again")]
pub struct AccountsChanged;

impl Reload {
    /// Follows `file`, whose present version is what the worlds of the server begin with.
    pub(crate) fn new(shared: Arc<Shared>, file: &str) -> Self {
        shared.watched.get_or_init(|| Watched::new(file));
        let serving = shared.registry.template().scenario;
        Self { shared, serving }
    }

    /// Lets every world that follows the last good version follow this one, and new worlds begin with it. Runs in flight
    /// keep their plan; what only counts from the start of a world waits for its next reset. `None` if it says the same
    /// as the last good one, as after a change of a comment.
    ///
    /// # Errors
    ///
    /// If it declares other accounts. Nothing is changed then.
    pub fn good(&mut self, mut version: Scenario) -> Result<Option<Reached>, AccountsChanged> {
        if version.accounts != self.serving.accounts {
            return Err(AccountsChanged);
        }
        scenario::spare_declared(&self.shared, &mut version);
        if version == *self.serving {
            self.note(0);
            return Ok(None);
        }
        let version = Arc::new(version);
        // First, so that no world comes into being that this one does not reach.
        self.shared.registry.renew(&version);
        let commands = scenario::commands(&self.shared, &version);
        let worlds = self.shared.registry.all();
        let follows = |world| {
            let changed = change::everywhere(&self.shared, slice::from_ref(world), |state, _| {
                let follows = Arc::ptr_eq(state.scenario(), &self.serving);
                Ok(if follows { commands.clone() } else { Vec::new() })
            });
            changed.is_ok_and(|changed| changed == 1)
        };
        let reached = worlds.iter().filter(|world| follows(world)).count();
        self.serving = version;
        self.note(0);
        Ok(Some(Reached { worlds: reached, others: worlds.len() - reached }))
    }

    /// Notes that the present version of the file has so many mistakes, at least one; the last good one still serves.
    pub fn bad(&self, mistakes: usize) {
        self.note(mistakes.max(1));
    }

    fn note(&self, mistakes: usize) {
        if let Some(watched) = self.shared.watched.get() {
            watched.note(mistakes);
        }
    }
}
