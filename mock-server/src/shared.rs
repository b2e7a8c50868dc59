//! What every request shares: the worlds, the real clock and the limits.

use std::sync::{Arc, OnceLock};

use tokio::sync::{Semaphore, watch};

use crate::clock::{RealClock, RealTime, VirtualTime};
use crate::journal::Journal;
use crate::webhooks::inbox::Inboxes;
use crate::webhooks::target::Targets;
use crate::world::World;
use crate::world::keys::REFUSED;
use crate::world::registry::{Registry, Template};
use crate::world::state::WorldState;

pub mod counters;
pub mod defects;
pub mod public_url;
pub mod watched;

use counters::Counters;
use defects::{Defect, Defects};
use public_url::PublicUrl;
use watched::Watched;

/// The largest body of a request to an emulated API, in bytes.
pub const BODY_MAX: usize = 4 * 1024 * 1024;
/// The most worlds, unless configured otherwise.
pub const WORLDS_MAX: usize = 100_000;

/// The most bodies that are written while they are sent, at a time. Each takes a thread until it is written, and a
/// runtime has 512 threads for what blocks.
pub const STREAMS_MAX: usize = 64;

/// The most files that are fetched at a time; further ones wait.
pub const FETCHES_MAX: usize = 16;

/// The state of one server.
#[derive(Debug)]
pub struct Shared {
    /// Every world.
    pub registry: Registry,
    /// The source of real time.
    pub clock: RealClock,
    /// Whether every answer of an emulated API is held against its contract before it leaves.
    pub strict: bool,
    /// Where requests go that have no world of their own: refused keys and worlds above the cap.
    pub refused: Arc<World>,
    /// How it is broken on purpose; usually not at all.
    pub defects: Defects,
    /// The scenario file that it follows, if it follows one.
    pub watched: OnceLock<Watched>,
    /// What the addresses begin with that are handed out; without it, as the request for one was addressed.
    pub public_url: Option<PublicUrl>,
    /// Where webhooks may go.
    pub targets: Targets,
    /// Where webhooks can be received.
    pub inboxes: Inboxes,
    ending: watch::Sender<bool>,
    /// A place for each body that is written while it is sent: [`STREAMS_MAX`].
    pub streams: Arc<Semaphore>,
    /// A place for each file that is being fetched: [`FETCHES_MAX`].
    pub fetches: Semaphore,
    /// What it has done since its start.
    pub counters: Counters,
}

impl Shared {
    /// The state of a server whose worlds begin as `template`, at most `worlds` of them, with these defects.
    pub fn new(template: Template, worlds: usize, strict: bool, defects: &[Defect]) -> Self {
        let clock = RealClock::start();
        let real = clock.now();
        let name = REFUSED;
        let origin = template.origin(name, template.account(), clock.wall(real));
        let registry = Registry::new(template, worlds);
        let journal = Journal::new(Arc::clone(registry.journals()));
        let refused = Arc::new(World::new(name, WorldState::new(origin, real), journal));
        Self {
            registry,
            clock,
            strict,
            refused,
            defects: Defects::new(defects),
            watched: OnceLock::new(),
            public_url: None,
            targets: Targets::default(),
            inboxes: Inboxes::default(),
            ending: watch::Sender::new(false),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            fetches: Semaphore::new(FETCHES_MAX),
            counters: Counters::new(),
        }
    }

    /// Lets every answer end that would go on for as long as the server does.
    pub fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Turns true when the server is to end.
    pub fn ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// The present reading of the real clock and the wall-clock time it stands for.
    pub fn now(&self) -> (RealTime, VirtualTime) {
        let real = self.clock.now();
        (real, self.clock.wall(real))
    }

    /// Resolves when the server is about to end.
    pub async fn ended(&self) {
        // The sender lives as long as `self`.
        drop(self.ending.subscribe().wait_for(|ending| *ending).await);
    }
}
