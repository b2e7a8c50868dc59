//! What goes wrong on purpose: which faults meet a request, and what they do to an answer.
//!
//! [`Faults`] are those of one world, with their counters. [`Faults::meet`] decides about a request before anything is
//! done about it; every draw is a hash of the world's stream, the fault, the request and how many equal ones came
//! before, so that other traffic shifts no decision. What is decided is a [`Course`]; carrying it out is the business
//! of whoever answers. Nothing here sleeps, and no lock is taken.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::VirtualTime;
use crate::scenario::fault::when::{Chance, Per, Pick};
use crate::scenario::fault::{Effect, Fault, Phase};
use crate::scenario::request::RequestSubject;
use crate::seed::{Digest, Draws, Stream};
use crate::window::{Standing, Window};

pub mod drift;
pub mod firing;
pub mod payload;
#[cfg(test)]
mod tests;

/// How many runs, or different requests, a fault counts apart. Beyond it the counts begin again.
pub const SCOPES_MAX: usize = 65_536;

/// The faults of one world, in the order in which they are looked at: those added last by the control plane first, then
/// the scenario's.
#[derive(Debug, Default)]
pub struct Faults {
    ad_hoc: Vec<Armed>,
    scenario: Vec<Armed>,
}

/// A fault with what it has counted.
#[derive(Debug)]
pub struct Armed {
    fault: Arc<Fault>,
    since: VirtualTime,
    world: Counter,
    scoped: HashMap<Scope, Counter>,
    matched: u64,
    fired: u64,
}

/// What is counted together, where that is not the whole world.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Scope {
    Run(Box<str>),
    Request(Digest),
}

#[derive(Debug, Default)]
struct Counter {
    /// How many requests matched.
    seen: u64,
    /// How many in a row were met, up to the last.
    row: u32,
    /// The requests that a limit let through.
    window: Window,
}

/// A request that faults may meet.
#[derive(Debug, Clone, Copy)]
pub struct Met<'a> {
    /// What is known of it.
    pub subject: &'a RequestSubject<'a>,
    /// What it asks for, in short.
    pub digest: Digest,
    /// How many equal requests came before it.
    pub occurrence: u64,
    /// The draws of its world.
    pub stream: &'a Stream,
    /// The world's time.
    pub now: VirtualTime,
}

/// What will happen to a request.
#[derive(Debug, Default)]
pub struct Course {
    /// The delays, in order.
    pub delays: Vec<Delay>,
    /// The one other thing.
    pub deed: Option<Deed>,
    /// Where limits leave the request that let it through: the tightest.
    pub standing: Option<Standing>,
}

/// A delay that has been decided.
#[derive(Debug)]
pub struct Delay {
    /// Whose it is.
    pub fault: Arc<Fault>,
    /// How long, in real time.
    pub by: Duration,
}

/// What happens to a request beside delays.
#[derive(Debug)]
pub struct Deed {
    /// Whose it is.
    pub fault: Arc<Fault>,
    /// What it draws from.
    pub draws: Draws,
    /// Of a limit that turns the request away: where that leaves it.
    pub standing: Option<Standing>,
}

impl Course {
    /// How long the request waits at this place.
    pub fn delay(&self, phase: Phase) -> Duration {
        let here = self.delays.iter().filter(|delay| delay.fault.phase == phase);
        here.map(|delay| delay.by).fold(Duration::ZERO, Duration::saturating_add)
    }
}

impl Faults {
    /// Those of a world that begins at `start` and follows a scenario with `faults`.
    pub fn new(faults: &[Arc<Fault>], start: VirtualTime) -> Self {
        Self { ad_hoc: Vec::new(), scenario: armed(faults, start) }
    }

    /// Lets another scenario's faults take the place of the present one's. Their counts and windows begin now; what the
    /// control plane added stays.
    pub fn follow(&mut self, faults: &[Arc<Fault>], now: VirtualTime) {
        self.scenario = armed(faults, now);
    }

    /// Adds a fault beside the scenario's, in front of all others.
    pub fn add(&mut self, fault: &Arc<Fault>, now: VirtualTime) {
        self.ad_hoc.insert(0, Armed::new(fault, now));
    }

    /// Takes an added fault away.
    pub fn remove(&mut self, id: &str) {
        self.ad_hoc.retain(|armed| *armed.fault.id != *id);
    }

    /// Takes every added fault away.
    pub fn clear(&mut self) {
        self.ad_hoc.clear();
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ad_hoc.is_empty() && self.scenario.is_empty()
    }

    /// Those that were added, the last one first.
    pub fn added(&self) -> &[Armed] {
        &self.ad_hoc
    }

    /// Those of the scenario, in its order.
    pub fn of_scenario(&self) -> &[Armed] {
        &self.scenario
    }

    /// The fault with this id.
    pub fn find(&self, id: &str) -> Option<&Armed> {
        self.ad_hoc.iter().chain(&self.scenario).find(|armed| *armed.fault.id == *id)
    }

    /// Whether any of them asks what a request is about.
    pub fn ask_about(&self) -> bool {
        self.ad_hoc
            .iter()
            .chain(&self.scenario)
            .any(|armed| armed.fault.matcher.asks_about() || armed.fault.when.per == Per::Run)
    }

    /// Decides what happens to a request, and counts it. Delays add up; of all else the first wins, and the others count
    /// the request all the same, so that what one fault does shifts nothing for another.
    pub fn meet(&mut self, met: &Met<'_>) -> Course {
        let mut course = Course::default();
        for armed in self.ad_hoc.iter_mut().chain(&mut self.scenario) {
            let fault = Arc::clone(&armed.fault);
            let Some((draws, counter)) = armed.meets(met) else { continue };
            match &fault.effect {
                Effect::Delay(range) => {
                    let by = range.sample(&mut draws.part(DELAY));
                    course.delays.push(Delay { fault, by });
                }
                Effect::Limit(limit) => {
                    let standing = counter.window.admit(*limit, met.now);
                    if standing.admitted {
                        let tighter = |other: &Standing| other.remaining <= standing.remaining;
                        course.standing = course.standing.filter(tighter).or(Some(standing));
                    } else if course.deed.is_none() {
                        course.deed = Some(Deed { fault, draws, standing: Some(standing) });
                    }
                }
                Effect::Respond(_) | Effect::Payload(_) | Effect::Drift(_) | Effect::State(_) => {
                    if course.deed.is_none() {
                        course.deed = Some(Deed { fault, draws, standing: None });
                    }
                }
            }
        }
        course
    }

    /// Notes that a fault took effect.
    pub fn note_fired(&mut self, fault: &Arc<Fault>) {
        let all = self.ad_hoc.iter_mut().chain(&mut self.scenario);
        // By identity: a scenario that came in between may have a fault of the same name.
        if let Some(armed) = all.into_iter().find(|armed| Arc::ptr_eq(&armed.fault, fault)) {
            armed.fired += 1;
        }
    }
}

fn armed(faults: &[Arc<Fault>], now: VirtualTime) -> Vec<Armed> {
    faults.iter().map(|fault| Armed::new(fault, now)).collect()
}

// What a decision draws, each from a part of its own.
const PICK: u64 = 0;
const DELAY: u64 = 1;
/// The part that effects draw from.
pub const EFFECT: u64 = 2;

impl Armed {
    fn new(fault: &Arc<Fault>, since: VirtualTime) -> Self {
        Self {
            fault: Arc::clone(fault),
            since,
            world: Counter::default(),
            scoped: HashMap::new(),
            matched: 0,
            fired: 0,
        }
    }

    /// The fault.
    pub fn fault(&self) -> &Arc<Fault> {
        &self.fault
    }

    /// Since when it counts, and its windows are counted from.
    pub fn since(&self) -> VirtualTime {
        self.since
    }

    /// How many requests matched it, whether or not it met them.
    pub fn matched(&self) -> u64 {
        self.matched
    }

    /// How often it took effect.
    pub fn fired(&self) -> u64 {
        self.fired
    }

    /// Counts a request that matches; what the fault draws from if it meets the request.
    fn meets(&mut self, met: &Met<'_>) -> Option<(Draws, &mut Counter)> {
        let Fault { id, matcher, when, effect, .. } = &*self.fault;
        let concerned = match effect {
            Effect::State(state) => met.subject.operation.is_some_and(|id| state.concerns(id)),
            _ => true,
        };
        let open = when.window.is_none_or(|window| window.is_open(met.now.since(self.since)));
        if !concerned || !open || !matcher.matches(met.subject) {
            return None;
        }
        let scope = match when.per {
            Per::World => None,
            Per::Run => Some(Scope::Run(met.subject.about.run.clone()?)),
            Per::Request => Some(Scope::Request(met.digest)),
        };
        self.matched += 1;
        let place = scope.as_ref().map_or(Digest(0), Scope::digest);
        let counter = match scope {
            None => &mut self.world,
            Some(scope) => {
                if self.scoped.len() >= SCOPES_MAX && !self.scoped.contains_key(&scope) {
                    self.scoped.clear();
                }
                self.scoped.entry(scope).or_default()
            }
        };
        let before = counter.seen;
        counter.seen += 1;
        let draws = met.stream.draws(&format!("fault {id}"), met.digest, met.occurrence);
        let meets = match when.pick {
            Pick::All => true,
            Pick::Nth(nth) => before + 1 == nth,
            Pick::First(first) => before < first,
            Pick::Every(every) => (before + 1).is_multiple_of(every),
            Pick::Probability(chance) => chance.meets(draw(&draws), counter.row),
            Pick::Exactly { count, of } => {
                let row = met.stream.draws(&format!("fault {id} row"), place, before / of);
                is_chosen(&row, before % of, count, of)
            }
        };
        counter.row = if meets { counter.row.saturating_add(1) } else { 0 };
        meets.then_some((draws, counter))
    }
}

impl Scope {
    fn digest(&self) -> Digest {
        match self {
            Self::Run(run) => Digest::of_bytes("run", run, &[]),
            Self::Request(digest) => *digest,
        }
    }
}

/// A draw from 0 to [`Chance::RANGE`].
fn draw(draws: &Draws) -> u64 {
    crate::scenario::duration::uniform(&mut draws.part(PICK), 0, Chance::RANGE - 1)
}

/// Whether `place` is one of `count` places of `of`, each choice of places equally likely: going through them, each is
/// taken with the share of those still to be taken in those still to come.
fn is_chosen(row: &Draws, place: u64, count: u64, of: u64) -> bool {
    let mut rng = row.part(PICK);
    let mut missing = count;
    for passed in 0..of {
        let taken = crate::scenario::duration::uniform(&mut rng, 0, of - passed - 1) < missing;
        if passed == place {
            return taken;
        }
        missing -= u64::from(taken);
    }
    false
}
