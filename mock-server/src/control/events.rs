//! `GET /_rehearsal/events`: what happens in a world, as server-sent events.
//!
//! Nothing is collected for listeners: events are made from the journal, the log and the list of ended runs when a
//! listener is ready for them ([`tale`]), and the id of each says how far it goes in these three ([`position`]). So a
//! listener that is slow costs nothing, one that comes back misses nothing, and two see the same.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use http::HeaderMap;
use serde::Deserialize;

use crate::clock::Mode;
use crate::control::Outcome;
use crate::control::body::StrictQuery;
use crate::control::error::ControlError;
use crate::control::select;
use crate::shared::Shared;
use crate::world::World;

mod position;
mod tale;

use position::Position;
use tale::{Kind, Made, Piece};

/// How often a listener is told that the connection is alive, in real time.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The longest a listener sleeps before it looks again, in real time: timers do not reach as far as virtual time does.
const SLEEP_MAX: Duration = Duration::from_secs(86_400);
/// As `after`: from the world's start.
const START: &str = "start";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listen {
    key: Option<String>,
    /// The kinds that are wanted, separated by commas.
    kind: Option<String>,
    /// The id of the last event that was received, or [`START`].
    after: Option<String>,
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictQuery(listen): StrictQuery<Listen>,
    headers: HeaderMap,
) -> Outcome {
    let kinds = listen.kind.as_deref().map(kinds).transpose()?;
    // A browser that connects again repeats the address, and says in the header where it was.
    let last = headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default());
    let after = last.or(listen.after.as_deref()).map(after).transpose()?;
    let world = select::existing(&shared, listen.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    let position = after.unwrap_or_else(|| world.witness(real, |seen| Position::now(&seen)));
    // An id without data is no event; it tells a listener where it begins before anything has happened.
    let start = Event::default().id(position.to_string());
    let listener = Listener { shared, world, kinds, position, ready: VecDeque::new() };
    let events = stream::unfold((Some(start), listener), |(start, listener)| async {
        match start {
            Some(start) => Some((Ok::<_, Infallible>(start), (None, listener))),
            None => listener.next().await.map(|(event, listener)| (Ok(event), (None, listener))),
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

fn kinds(names: &str) -> Result<Vec<Kind>, ControlError> {
    let unknown = |name: &str| {
        let name: String = name.chars().take(80).collect();
        let all: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        let message = format!("kind: {name:?} is no kind of event; there are {}", all.join(", "));
        ControlError::bad_request("invalid_query", message)
    };
    names.split(',').map(|name| Kind::of(name).ok_or_else(|| unknown(name))).collect()
}

fn after(id: &str) -> Result<Position, ControlError> {
    if id == START {
        return Ok(Position::default());
    }
    id.parse().map_err(|()| {
        let id: String = id.chars().take(80).collect();
        let message = format!(
            "{id:?} is not the id of an event; send what `id` said, or after={START} for all that is kept"
        );
        ControlError::bad_request("invalid_position", message)
    })
}

/// Somebody who listens to a world.
struct Listener {
    shared: Arc<Shared>,
    world: Arc<World>,
    kinds: Option<Vec<Kind>>,
    position: Position,
    /// What was made already, one piece at most.
    ready: VecDeque<Made>,
}

impl Listener {
    /// The next event, once there is one; `None` when there will be none any more.
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if let Some(made) = self.ready.pop_front() {
                let event = Event::default().event(made.kind.name()).id(made.id).data(made.data.to_string());
                return Some((event, self));
            }
            let world = Arc::clone(&self.world);
            let shared = Arc::clone(&self.shared);
            let mut touched = pin!(world.touched().notified());
            // From here on nothing that happens goes unnoticed.
            touched.as_mut().enable();
            if world.is_forgotten() {
                return None;
            }
            let (more, alarm) = self.look();
            if !self.ready.is_empty() {
                continue;
            }
            if more {
                // There may be much to pass over, and others want to be served.
                tokio::task::yield_now().await;
                continue;
            }
            tokio::select! {
                () = touched => {}
                () = shared.ended() => return None,
                () = tokio::time::sleep(alarm.unwrap_or(SLEEP_MAX)) => {}
            }
        }
    }

    /// Makes the next piece of events. Whether there is more to look at already, and how long it is in real time until
    /// something happens by itself.
    fn look(&mut self) -> (bool, Option<Duration>) {
        let (real, _) = self.shared.now();
        self.world.witness(real, |seen| {
            let Piece { made, more } = tale::next(&seen, &mut self.position, self.kinds.as_deref());
            self.ready.extend(made);
            let mode = seen.state.clock().mode();
            let due = seen.state.next_due().filter(|_| mode != Mode::Manual);
            // A timer that is a little early would find nothing.
            let alarm = due.map(|due| mode.real_time(due.since(seen.now)) + Duration::from_millis(1));
            (more, alarm.map(|alarm| alarm.min(SLEEP_MAX)))
        })
    }
}
