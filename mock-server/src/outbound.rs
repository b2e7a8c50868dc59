//! Sends webhooks: the one thing that happens in the background.
//!
//! One task for each server sleeps until a world with endpoints wants its attention or something becomes due in one, then
//! reads that world, which settles it, and sends what is due (`send`). What came of it is a logged change of the world.
//! No read of a run depends on it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use crate::apis::outgoing::outgoing;
use crate::clock::{Mode, RealTime, VirtualTime};
use crate::shared::Shared;
use crate::webhooks::delivery::{Outcome, Reason};
use crate::webhooks::state::Command;
use crate::world::World;
use crate::world::log;
use crate::world::state::{LOG_MAX, WorldState};

mod send;

use send::{Parcel, Sender};

/// The most requests that are sent at a time; the others wait. To one endpoint there is one at a time, so that it is told
/// of events in their order.
pub const SENDS_MAX: usize = 64;
/// The longest sleep, in real time: timers do not reach as far as virtual time does.
const SLEEP_MAX: Duration = Duration::from_secs(86_400);

/// Sends what becomes due, until the server is about to end.
pub async fn run(shared: Arc<Shared>) {
    let mut post = Post {
        shared: Arc::clone(&shared),
        sender: Sender::default(),
        worlds: HashMap::new(),
        busy: HashMap::new(),
        sends: JoinSet::new(),
    };
    loop {
        let sleep = post.look();
        tokio::select! {
            () = shared.ended() => return,
            () = shared.registry.attention().wanted() => {}
            Some(sent) = post.sends.join_next_with_id(), if !post.sends.is_empty() => {
                let id = sent.map_or_else(|error| error.id(), |(id, ())| id);
                post.sent(id);
            }
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// One endpoint, which gets one request at a time: its world's number and its own id.
type Lane = (u64, Arc<str>);

struct Post {
    shared: Arc<Shared>,
    sender: Sender,
    /// The worlds with endpoints, by number, and when each is to be looked at.
    worlds: HashMap<u64, Watched>,
    busy: HashMap<Id, Lane>,
    /// Dropped with this, which ends what is under way.
    sends: JoinSet<()>,
}

struct Watched {
    world: Weak<World>,
    /// `None` until it wants attention.
    at: Option<RealTime>,
}

impl Post {
    /// Looks at every world whose time has come, and says how long it is until the next.
    fn look(&mut self) -> Duration {
        let (now, _) = self.shared.now();
        for (number, world) in self.shared.registry.attention().take() {
            self.worlds.insert(number, Watched { world, at: Some(now) });
        }
        let ready: Vec<u64> = self
            .worlds
            .iter()
            .filter(|(_, it)| it.at.is_some_and(|at| at <= now))
            .map(|(it, _)| *it)
            .collect();
        for number in ready {
            let world = self.worlds.get(&number).and_then(|watched| watched.world.upgrade());
            match world.filter(|world| !world.is_forgotten()).and_then(|world| self.serve(number, &world)) {
                Some(at) => {
                    if let Some(watched) = self.worlds.get_mut(&number) {
                        watched.at = at;
                    }
                }
                None => drop(self.worlds.remove(&number)),
            }
        }
        let next = self.worlds.values().filter_map(|watched| watched.at).min();
        let sleep = next.map_or(SLEEP_MAX, |next| next.elapsed().saturating_sub(now.elapsed()));
        sleep.min(SLEEP_MAX)
    }

    /// Sends what is due in a world, and says when it is to be looked at again; `None` if it has no endpoints.
    fn serve(&mut self, number: u64, world: &Arc<World>) -> Option<Option<RealTime>> {
        let (real, wall) = self.shared.now();
        let taken: HashSet<&Arc<str>> =
            self.busy.values().filter(|(of, _)| *of == number).map(|(_, endpoint)| endpoint).collect();
        let room = SENDS_MAX.saturating_sub(self.sends.len());
        let (parcels, at) = world.at(real, |state, now| {
            if state.webhooks().is_empty() {
                return (Vec::new(), None);
            }
            // What came of a delivery could not be noted.
            let room = if state.log().len() + room > LOG_MAX { 0 } else { room };
            let parcels = parcels(&self.shared, state, now, &taken, room, wall.as_millis() / 1_000, real);
            let mode = state.clock().mode();
            let due = state.next_due().filter(|_| mode != Mode::Manual);
            // A timer that is a little early would find nothing.
            let pause =
                due.map(|due| mode.real_time(due.since(now)).min(SLEEP_MAX) + Duration::from_millis(1));
            (parcels, Some(pause.map(|pause| RealTime::from_elapsed(real.elapsed() + pause))))
        });
        for parcel in parcels {
            let lane = (number, Arc::clone(&parcel.endpoint));
            let (shared, world, sender) =
                (Arc::clone(&self.shared), Arc::downgrade(world), self.sender.clone());
            let sending = async move {
                let outcome = sender.send(&parcel).await;
                note(&shared, &world, &parcel, outcome);
            };
            self.busy.insert(self.sends.spawn(sending).id(), lane);
        }
        at
    }

    /// A request has been sent: others have waited for its place, in its lane or in all.
    fn sent(&mut self, id: Id) {
        let full = self.sends.len() + 1 >= SENDS_MAX;
        let lane = self.busy.remove(&id);
        let (now, _) = self.shared.now();
        for (number, watched) in &mut self.worlds {
            if full || lane.as_ref().is_some_and(|(of, _)| of == number) {
                watched.at = Some(now);
            }
        }
    }
}

/// What is to be sent of what is due: the first delivery for each endpoint that is not busy. What may not be sent at all is
/// noted at once.
fn parcels(
    shared: &Shared,
    state: &mut WorldState,
    now: VirtualTime,
    taken: &HashSet<&Arc<str>>,
    room: usize,
    seconds: u64,
    real: RealTime,
) -> Vec<Parcel> {
    let mut parcels: Vec<Parcel> = Vec::new();
    let due: Vec<u64> = state.webhooks().due(now).collect();
    for delivery in due {
        if parcels.len() >= room {
            break;
        }
        let Some(found) = state.webhooks().delivery(delivery) else { continue };
        let endpoint = &found.to.id;
        if taken.contains(endpoint) || parcels.iter().any(|parcel| parcel.endpoint == *endpoint) {
            continue;
        }
        let url = found.to.url.parse().map_err(|_| Reason::Unwritten);
        let parcel = url.and_then(|url| {
            shared.targets.send(&url)?;
            let outgoing = outgoing(state, found, seconds).ok_or(Reason::Unwritten)?;
            Ok(Parcel {
                generation: state.generation(),
                delivery,
                endpoint: Arc::clone(endpoint),
                url,
                patience: found.to.manner.patience,
                outgoing,
            })
        });
        match parcel {
            Ok(parcel) => parcels.push(parcel),
            Err(reason) => {
                let outcome = Outcome::NotSent(reason);
                let command = log::Command::Webhooks(Command::Attempted { delivery, outcome });
                if state.apply(command, now, real).is_err() {
                    break;
                }
            }
        }
    }
    parcels
}

/// Notes what came of a delivery, unless its world has begun again since or is gone.
fn note(shared: &Shared, world: &Weak<World>, parcel: &Parcel, outcome: Outcome) {
    let Some(world) = world.upgrade().filter(|world| !world.is_forgotten()) else { return };
    let (real, _) = shared.now();
    world.at(real, |state, now| {
        if state.generation() == parcel.generation {
            let command = Command::Attempted { delivery: parcel.delivery, outcome };
            // A full log has been thought of: there was room for this when it was sent.
            let _ = state.apply(log::Command::Webhooks(command), now, real);
        }
    });
}
