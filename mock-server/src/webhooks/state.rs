//! The endpoints and listeners of one world and the deliveries to them. Changed only through [`Webhooks::apply`] and, where
//! something happens that they listen to, [`Webhooks::happened`], [`Webhooks::told`] and [`Webhooks::stop_listening`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::VirtualTime;
use crate::webhooks::delivery::{ATTEMPTS_KEPT, Attempt, Delivery, Event, Outcome, Reason, Standing};
use crate::webhooks::endpoint::{Endpoint, Registration};

/// The most endpoints of a world; another one is refused.
pub const ENDPOINTS_MAX: usize = 100;
/// The most deliveries that a world keeps. The oldest that are done go first; while all are under way, nothing more is
/// delivered.
pub const DELIVERIES_MAX: usize = 10_000;
/// The most that the listeners of a world may weigh, in bytes, from its start on: its log keeps those of runs that are
/// over. More are refused.
pub const LISTENERS_WEIGHT_MAX: usize = 64 * 1024 * 1024;
/// What is attempted later than this was due while the clock was moved over it. It counts as attempted when it was due,
/// so that a long step leads to the same attempts as many short ones.
const LATE_MAX: Duration = Duration::from_secs(60);

/// A change that has been decided and accepted.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// An endpoint is created.
    Register(Arc<Registration>),
    /// An endpoint is deleted, with what is kept of deliveries to it.
    Delete(Arc<str>),
    /// A run brings these listeners along. They must be there before it is, to hear of its beginning.
    Listen(Arc<[Arc<Registration>]>),
    /// An event is made for one endpoint, to try it. It is delivered once, also to an endpoint that is disabled.
    Test {
        /// The endpoint.
        endpoint: Arc<str>,
        /// The event's id.
        event: Arc<str>,
        /// Its type.
        kind: &'static str,
    },
    /// A delivery was attempted.
    Attempted {
        /// Its number.
        delivery: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// A delivery is due now: once more if it is done, or before its time.
    Again(u64),
}

/// The webhooks of one world; `S` is what events are about.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhooks<S> {
    /// In the order of creation.
    endpoints: Vec<Endpoint>,
    /// The listeners of each run that is not over.
    listeners: BTreeMap<Arc<str>, Vec<Arc<Registration>>>,
    /// What all listeners so far weigh, those included that only the log still has.
    listened: usize,
    deliveries: BTreeMap<u64, Delivery<S>>,
    /// Those that are under way, by when their next attempt is due.
    due: BTreeSet<(VirtualTime, u64)>,
    /// Those that are done.
    done: BTreeSet<u64>,
    last: u64,
    dropped: u64,
    most: usize,
}

impl<S> Default for Webhooks<S> {
    fn default() -> Self {
        Self::with_capacity(DELIVERIES_MAX)
    }
}

impl<S> Webhooks<S> {
    /// Without endpoints, for at most so many deliveries.
    pub fn with_capacity(most: usize) -> Self {
        Self {
            endpoints: Vec::new(),
            listeners: BTreeMap::new(),
            listened: 0,
            deliveries: BTreeMap::new(),
            due: BTreeSet::new(),
            done: BTreeSet::new(),
            last: 0,
            dropped: 0,
            most,
        }
    }

    /// Carries out a command that has been accepted.
    pub fn apply(&mut self, command: &Command, at: VirtualTime) {
        match command {
            Command::Register(registration) => self.endpoints.push(Endpoint {
                registration: Arc::clone(registration),
                enabled: true,
                given_up: 0,
            }),
            Command::Delete(id) => self.delete(id),
            Command::Listen(listeners) => self.listen(listeners),
            Command::Test { endpoint, event, kind } => {
                if let Some(to) = self.find(endpoint).map(|it| Arc::clone(&it.registration)) {
                    let event = Event { id: Arc::clone(event), kind, at, subject: None };
                    self.add(&to, &Arc::new(event), &[], false, at);
                }
            }
            Command::Attempted { delivery, outcome } => self.attempted(*delivery, outcome, at),
            Command::Again(number) => self.again(*number, at),
        }
    }

    /// Whether an endpoint is to be told of events of this type.
    pub fn listens_to(&self, kind: &str) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.listens_to(kind))
    }

    /// Something has happened; whoever listens is to be told.
    pub fn happened(&mut self, event: Event<S>) {
        let listening: Vec<Arc<Registration>> = self
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.listens_to(event.kind))
            .map(|endpoint| Arc::clone(&endpoint.registration))
            .collect();
        let event = Arc::new(event);
        for to in listening {
            self.add(&to, &event, to.manner.retries, true, event.at);
        }
    }

    /// Something has happened to a run; whoever listens to it is to be told.
    pub fn told(&mut self, run: &str, event: Event<S>) {
        let listening: Vec<Arc<Registration>> = self
            .listeners
            .get(run)
            .into_iter()
            .flatten()
            .filter(|it| it.wants(event.kind))
            .cloned()
            .collect();
        let event = Arc::new(event);
        for to in listening {
            self.add(&to, &event, to.manner.retries, false, event.at);
        }
    }

    /// Nothing will happen to a run any more: its listeners are forgotten. What is under way to them stays so.
    pub fn stop_listening(&mut self, run: &str) {
        self.listeners.remove(run);
    }

    /// Whether somebody listens to events of this type of a run.
    pub fn hears(&self, run: &str, kind: &str) -> bool {
        self.listeners.get(run).is_some_and(|listeners| listeners.iter().any(|it| it.wants(kind)))
    }

    /// How many listeners there are.
    pub fn listening(&self) -> usize {
        self.listeners.values().map(Vec::len).sum()
    }

    /// Whether there is room for these listeners.
    pub fn has_room_for(&self, listeners: &[Arc<Registration>]) -> bool {
        let more: usize = listeners.iter().map(|listener| listener.weight()).sum();
        self.listened.saturating_add(more) <= LISTENERS_WEIGHT_MAX
    }

    /// The endpoints, oldest first.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The endpoint that clients know by this id.
    pub fn find(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| *endpoint.registration.id == *id)
    }

    /// Whether nobody listens and nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty() && self.listeners.is_empty() && self.due.is_empty()
    }

    /// Whether there is room for another endpoint.
    pub fn has_room(&self) -> bool {
        self.endpoints.len() < ENDPOINTS_MAX
    }

    /// The delivery with this number.
    pub fn delivery(&self, number: u64) -> Option<&Delivery<S>> {
        self.deliveries.get(&number)
    }

    /// The deliveries that are kept, newest first.
    pub fn deliveries(&self) -> impl Iterator<Item = (u64, &Delivery<S>)> {
        self.deliveries.iter().rev().map(|(number, delivery)| (*number, delivery))
    }

    /// How many deliveries are kept.
    pub fn kept(&self) -> usize {
        self.deliveries.len()
    }

    /// The deliveries that are due by `now`, in the order in which they are, by number.
    pub fn due(&self, now: VirtualTime) -> impl Iterator<Item = u64> {
        self.due.iter().take_while(move |(due, _)| *due <= now).map(|(_, number)| *number)
    }

    /// The instant of the first attempt that is due after `now`.
    pub fn next_after(&self, now: VirtualTime) -> Option<VirtualTime> {
        self.due.range((now, u64::MAX)..).find(|(due, _)| *due > now).map(|(due, _)| *due)
    }

    /// How many deliveries there have been.
    pub fn made(&self) -> u64 {
        self.last
    }

    /// How many attempts are due later or now.
    pub fn pending(&self) -> usize {
        self.due.len()
    }

    /// How many events were not delivered to an endpoint, because too many were under way.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn listen(&mut self, listeners: &[Arc<Registration>]) {
        for listener in listeners {
            // One that is no run's would be told of nothing.
            let Some(run) = &listener.run else { continue };
            self.listened += listener.weight();
            self.listeners.entry(Arc::clone(run)).or_default().push(Arc::clone(listener));
        }
    }

    fn add(
        &mut self,
        to: &Arc<Registration>,
        event: &Arc<Event<S>>,
        retries: &'static [Duration],
        counts: bool,
        at: VirtualTime,
    ) {
        if self.deliveries.len() >= self.most {
            let Some(oldest) = self.done.pop_first() else {
                self.dropped += 1;
                return;
            };
            self.deliveries.remove(&oldest);
        }
        self.last += 1;
        self.due.insert((at, self.last));
        let delivery = Delivery {
            to: Arc::clone(to),
            event: Arc::clone(event),
            standing: Standing::Pending,
            attempts: Vec::new(),
            due: Some(at),
            retries,
            counts,
        };
        self.deliveries.insert(self.last, delivery);
    }

    fn delete(&mut self, id: &str) {
        self.endpoints.retain(|endpoint| *endpoint.registration.id != *id);
        let Self { deliveries, due, done, .. } = self;
        deliveries.retain(|_, delivery| *delivery.to.id != *id);
        due.retain(|(_, number)| deliveries.contains_key(number));
        done.retain(|number| deliveries.contains_key(number));
    }

    fn attempted(&mut self, number: u64, outcome: &Outcome, at: VirtualTime) {
        let Some(delivery) = self.deliveries.get_mut(&number) else { return };
        let Some(due) = delivery.due.take() else { return };
        self.due.remove(&(due, number));
        let at = if at > due.after(LATE_MAX) { due } else { at };
        if !matches!(outcome, Outcome::NotSent(_)) {
            if delivery.attempts.len() >= ATTEMPTS_KEPT {
                delivery.attempts.remove(0);
            }
            delivery.attempts.push(Attempt { at, outcome: outcome.clone() });
        }
        delivery.standing = match (outcome, delivery.retries.split_first()) {
            (Outcome::Answered(200..=299), _) => Standing::Delivered,
            (Outcome::NotSent(reason), _) => Standing::NotSent(*reason),
            (Outcome::Answered(_) | Outcome::Failed(_), Some((pause, left))) => {
                let next = at.after(*pause);
                (delivery.retries, delivery.due) = (left, Some(next));
                self.due.insert((next, number));
                return;
            }
            (Outcome::Answered(_) | Outcome::Failed(_), None) => Standing::GivenUp,
        };
        self.done.insert(number);
        let (standing, counts, to) = (delivery.standing, delivery.counts, Arc::clone(&delivery.to));
        let Some(endpoint) = self.endpoints.iter_mut().find(|it| it.registration.id == to.id) else { return };
        match standing {
            Standing::Delivered => endpoint.given_up = 0,
            Standing::GivenUp if counts => {
                endpoint.given_up += 1;
                if to.manner.disabled_after.is_some_and(|most| endpoint.given_up >= most) {
                    endpoint.enabled = false;
                    self.withdraw(&to);
                }
            }
            Standing::GivenUp | Standing::NotSent(_) | Standing::Pending => {}
        }
    }

    /// An endpoint was disabled: what is on its way to it is not sent any more.
    fn withdraw(&mut self, to: &Registration) {
        for (number, delivery) in &mut self.deliveries {
            if delivery.to.id == to.id
                && delivery.counts
                && let Some(due) = delivery.due.take()
            {
                self.due.remove(&(due, *number));
                self.done.insert(*number);
                delivery.standing = Standing::NotSent(Reason::Disabled);
            }
        }
    }

    fn again(&mut self, number: u64, at: VirtualTime) {
        let Some(delivery) = self.deliveries.get_mut(&number) else { return };
        match delivery.due.replace(at) {
            Some(due) => drop(self.due.remove(&(due, number))),
            // Once, and whatever comes of it says nothing about the endpoint.
            None => (delivery.retries, delivery.counts) = (&[], false),
        }
        self.done.remove(&number);
        self.due.insert((at, number));
        delivery.standing = Standing::Pending;
    }
}
