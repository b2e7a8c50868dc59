//! Worlds, and how they change: by themselves, and by what a client did.

use std::collections::BTreeSet;

use fixtures::contract::{Cause, Edge, Guard, Lifecycle};

use super::timeline::{Act, Answer, Event, Subject};

/// A change to a lifecycle, to find out what the record says without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    /// As it is written.
    None,
    /// Without the edge of this index.
    Without(usize),
    /// With the disputed edge of this index beyond dispute.
    Certain(usize),
    /// With every guard and dependency met.
    Unguarded,
}

/// What one run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The index of its state; none before it exists.
    pub(super) state: Option<usize>,
    /// The index of the edge it came over last, where that matters later: an answer may tell it, or a control that is
    /// sent again may be answered as before.
    pub(super) via: Option<usize>,
}

/// One explanation of everything seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct World {
    /// The run.
    pub(super) own: Spot,
    /// Whether it was created to wait for another.
    pub(super) waits: bool,
    /// That other run, if it is in the record.
    pub(super) other: Option<Spot>,
}

pub(super) type Worlds = BTreeSet<World>;

/// One lifecycle, with a twist.
#[derive(Debug, Clone, Copy)]
pub(super) struct Graph<'c> {
    pub(super) lifecycle: &'c Lifecycle,
    twist: Twist,
}

/// The lifecycles that a world moves through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Model<'c> {
    pub(super) own: Graph<'c>,
    pub(super) other: Option<Graph<'c>>,
}

impl<'c> Graph<'c> {
    pub(super) fn new(lifecycle: &'c Lifecycle, twist: Twist) -> Self {
        Graph { lifecycle, twist }
    }

    pub(super) fn index(&self, state: &str) -> Option<usize> {
        self.lifecycle.states.iter().position(|known| known == state)
    }

    pub(super) fn name(&self, state: usize) -> &'c str {
        self.lifecycle.states.get(state).map_or("", String::as_str)
    }

    /// The edges out of a spot that `can` be taken, with where they lead.
    fn ways(&self, from: Spot, can: impl Fn(&Edge) -> bool) -> Vec<(&'c Edge, Spot)> {
        let Some(state) = from.state.map(|state| self.name(state)) else { return Vec::new() };
        let edges = self.lifecycle.edges.iter().enumerate();
        let here = edges.filter(|(index, edge)| edge.from == state && self.twist != Twist::Without(*index));
        let open = here.filter(|(_, edge)| self.twist == Twist::Unguarded || can(edge));
        open.filter_map(|(index, edge)| {
            let matters = edge.cause.control().is_some() || edge.told_by.is_some();
            let to = Spot { state: Some(self.index(&edge.to)?), via: matters.then_some(index) };
            Some((edge, to))
        })
        .collect()
    }

    /// Where a spot may be next without a client.
    fn by_itself(&self, from: Spot, can: impl Fn(&Edge) -> bool) -> Vec<Spot> {
        let ways = self.ways(from, can).into_iter();
        let mut next: Vec<Spot> =
            ways.filter(|(edge, _)| edge.cause.control().is_none()).map(|(_, to)| to).collect();
        if from.state.is_some_and(|state| !self.lifecycle.is_final(self.name(state))) {
            let unexplained = self.lifecycle.unexplained.iter().filter_map(|state| self.index(state));
            next.extend(unexplained.map(|state| Spot { state: Some(state), via: None }));
        }
        next
    }

    /// Where a control leads.
    fn driven(&self, from: Spot, control: &str, can: impl Fn(&Edge) -> bool) -> Vec<Spot> {
        let ways = self.ways(from, can).into_iter();
        ways.filter(|(edge, _)| edge.cause.control() == Some(control)).map(|(_, to)| to).collect()
    }

    /// Whether the documents agree that the control works here.
    fn must_accept(&self, from: Spot, control: &str, can: impl Fn(&Edge) -> bool) -> bool {
        let ways = self.ways(from, can);
        ways.iter().any(|(edge, _)| edge.cause.control() == Some(control) && self.is_agreed(edge))
    }

    fn is_agreed(&self, edge: &Edge) -> bool {
        let certain = match self.twist {
            Twist::Certain(index) => self.lifecycle.edges.get(index),
            Twist::None | Twist::Without(_) | Twist::Unguarded => None,
        };
        edge.disputed.is_none() || certain == Some(edge)
    }

    /// Whether the spot was reached by this very control.
    fn is_repeat(&self, spot: Spot, control: &str) -> bool {
        let via = spot.via.and_then(|index| self.lifecycle.edges.get(index));
        via.is_some_and(|edge| edge.cause.control() == Some(control))
    }

    /// What `act` leaves of a spot: nothing if they contradict each other.
    fn after(&self, spot: Spot, act: &Act, can: impl Fn(&Edge) -> bool + Copy) -> Vec<Spot> {
        let keep = |keep: bool| if keep { vec![spot] } else { Vec::new() };
        let newborn = Spot { state: self.index(&self.lifecycle.initial), via: None };
        match act {
            Act::Created { shown } if spot.state.is_none() => {
                let older = shown.filter(|state| Some(*state) != newborn.state);
                [Some(newborn), older.map(|state| Spot { state: Some(state), via: None })]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            Act::MaybeCreated if spot.state.is_none() => vec![spot, newborn],
            Act::Created { .. } | Act::MaybeCreated => vec![spot],
            Act::Shown { states, told } => {
                let came = told.is_empty() || spot.via.is_some_and(|via| told.contains(&via));
                keep(came && spot.state.is_some_and(|state| states.contains(&state)))
            }
            Act::Lacking { states } => keep(spot.state.is_none_or(|state| !states.contains(&state))),
            Act::Control { name, answer: Answer::Accepted } => {
                let mut spots = self.driven(spot, name, can);
                if self.is_repeat(spot, name) {
                    spots.push(spot);
                }
                spots
            }
            Act::Control { name, answer: Answer::Refused } => keep(!self.must_accept(spot, name, can)),
            Act::Control { name, answer: Answer::Unknown } => {
                let mut spots = self.driven(spot, name, can);
                spots.push(spot);
                spots
            }
        }
    }

    /// Where a run may be after an act that contradicts everything: as it says, or as before if it was wrong.
    fn believed(&self, spot: Spot, act: &Act) -> Vec<Spot> {
        match act {
            Act::Shown { states, told } => {
                let ways = || told.iter().copied().map(Some).chain(told.is_empty().then_some(None));
                let spots =
                    states.iter().flat_map(|state| ways().map(|via| Spot { state: Some(*state), via }));
                spots.collect()
            }
            Act::Control { name, answer: Answer::Accepted } => {
                let edges = self.lifecycle.edges.iter().enumerate();
                let taken = edges.filter(|(_, edge)| edge.cause.control() == Some(name));
                let ends = taken.map(|(index, edge)| Spot { state: self.index(&edge.to), via: Some(index) });
                ends.chain([spot]).collect()
            }
            Act::Created { .. } | Act::MaybeCreated | Act::Lacking { .. } | Act::Control { .. } => vec![spot],
        }
    }
}

impl<'c> Model<'c> {
    /// The same without guards.
    pub(super) fn unguarded(&self) -> Model<'c> {
        Model { own: Graph { twist: Twist::Unguarded, ..self.own }, other: self.other }
    }

    /// Whether the run of a world meets the conditions of an edge.
    fn can(&self, world: &World, edge: &Edge) -> bool {
        let guard = match edge.guard {
            Some(Guard::Waiting) => world.waits,
            Some(Guard::NotWaiting) => !world.waits,
            None => true,
        };
        let needed = self.own.lifecycle.dependency.as_ref().and_then(|dependency| match edge.cause {
            Cause::DependencyCompleted => Some(&dependency.completed),
            Cause::DependencyFailed => Some(&dependency.failed),
            Cause::Time | Cause::Failure | Cause::CreateAgain | Cause::Control(_) => None,
        });
        guard && needed.is_none_or(|states| self.other_is_in(world, states))
    }

    /// Whether the other run is in one of these states, for all the record can say.
    fn other_is_in(&self, world: &World, states: &[String]) -> bool {
        match (world.other, &self.other) {
            (Some(spot), Some(graph)) => {
                spot.state.is_some_and(|state| states.iter().any(|known| known == graph.name(state)))
            }
            _ => true,
        }
    }

    /// The worlds that these may have become while nobody looked.
    pub(super) fn closure(&self, worlds: &Worlds) -> Worlds {
        let mut closed = worlds.clone();
        let mut open: Vec<World> = worlds.iter().copied().collect();
        while let Some(world) = open.pop() {
            let own = self.own.by_itself(world.own, |edge| self.can(&world, edge));
            let mut next: Vec<World> = own.into_iter().map(|own| World { own, ..world }).collect();
            if let (Some(spot), Some(graph)) = (world.other, &self.other) {
                // What the other run waits for is not in the picture.
                let other = graph.by_itself(spot, |_| true);
                next.extend(other.into_iter().map(|spot| World { other: Some(spot), ..world }));
            }
            open.extend(next.into_iter().filter(|world| closed.insert(*world)));
        }
        closed
    }

    /// The worlds of a closed set that agree with an exchange, as it leaves them.
    pub(super) fn step(&self, worlds: &Worlds, event: &Event) -> Worlds {
        self.each(worlds, event, |graph, world, spot| match event.subject {
            Subject::Own => graph.after(spot, &event.act, |edge| self.can(world, edge)),
            Subject::Other => graph.after(spot, &event.act, |_| true),
        })
    }

    /// The worlds after an exchange that none of them agrees with.
    pub(super) fn believe(&self, worlds: &Worlds, event: &Event) -> Worlds {
        self.each(worlds, event, |graph, _, spot| graph.believed(spot, &event.act))
    }

    fn each(
        &self,
        worlds: &Worlds,
        event: &Event,
        change: impl Fn(&Graph<'c>, &World, Spot) -> Vec<Spot>,
    ) -> Worlds {
        let mut changed = Worlds::new();
        for world in worlds {
            match (event.subject, world.other, &self.other) {
                (Subject::Other, Some(spot), Some(graph)) => changed.extend(
                    change(graph, world, spot).into_iter().map(|spot| World { other: Some(spot), ..*world }),
                ),
                (Subject::Own, _, _) => changed.extend(
                    change(&self.own, world, world.own).into_iter().map(|own| World { own, ..*world }),
                ),
                (Subject::Other, _, _) => {
                    changed.insert(*world);
                }
            }
        }
        changed
    }
}
