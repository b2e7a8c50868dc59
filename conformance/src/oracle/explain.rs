//! Puts a breach into words: what was possible, what was shown, and what would have had to be allowed.

use std::collections::BTreeSet;

use fixtures::contract::Cause;

use super::Breach;
use super::model::{Model, World, Worlds};
use super::timeline::{Act, Answer, Event, Subject};
use super::track::Break;

/// What a break says to people.
pub(super) fn breach(model: &Model<'_>, found: &Break) -> Breach {
    let Break { event, prior, last, .. } = found;
    let states = own_states(last);
    let names = |states: &BTreeSet<usize>| -> Vec<&str> {
        states.iter().map(|state| model.own.name(*state)).collect()
    };
    let possible = names(&states).join(" or ");
    let waiting = if last.iter().all(|world| world.waits) { ", of a run that waits for another" } else { "" };
    let (expected, observed) = match &event.act {
        Act::Shown { .. } if is_by_another_edge(event, &states) => {
            let edges = conditional(model, found, &states).join(" or ");
            (format!("{possible} for another reason"), format!("a sign that only {edges} leaves"))
        }
        Act::Shown { states: shown, .. } if event.subject == Subject::Own => {
            let shown: BTreeSet<usize> = shown.iter().copied().collect();
            let shown_names = names(&shown).join(" or ");
            (
                format!("{possible}{waiting}"),
                format!("{shown_names}, which needs {}", needed(model, found, &shown)),
            )
        }
        Act::Control { name, answer: Answer::Accepted } => {
            let edges = names(&states).into_iter().map(|state| format!("an edge out of {state} ({name})"));
            let edges = edges.collect::<Vec<_>>().join(" or ");
            (format!("{name} refused in {possible}{waiting}"), format!("accepted, which needs {edges}"))
        }
        Act::Control { name, .. } => {
            (format!("{name} accepted in {possible}"), "refused, which needs a state that refuses it".into())
        }
        Act::Lacking { .. } => {
            (format!("the run in this list, since it is {possible}"), "a complete list without it".into())
        }
        Act::Shown { .. } | Act::Created { .. } | Act::MaybeCreated => {
            let last_shown: BTreeSet<usize> = found.shown.iter().copied().collect();
            let shown = if last_shown.is_empty() { &states } else { &last_shown };
            let needs = needed(model, found, shown);
            let shown = names(shown).join(" or ");
            let observed = format!("{shown} while the run it waits for was not over, which needs {needs}");
            ("the state it waits in".into(), observed)
        }
    };
    let mut exchanges: Vec<u64> = prior.iter().map(|prior| prior.id).collect();
    exchanges.push(event.id);
    Breach { reason: reason(model, found, &states), expected, observed, pointer: event.pointer, exchanges }
}

fn own_states(worlds: &Worlds) -> BTreeSet<usize> {
    worlds.iter().filter_map(|world| world.own.state).collect()
}

fn reason(model: &Model<'_>, found: &Break, possible: &BTreeSet<usize>) -> &'static str {
    let Break { event, prior, last, .. } = found;
    let shown = match &event.act {
        Act::Control { answer: Answer::Accepted, .. } => return "impossible-control",
        Act::Control { .. } => return "refused-control",
        Act::Lacking { .. } => return "missing-from-list",
        Act::Shown { states, .. } if event.subject == Subject::Own => states,
        Act::Shown { .. } | Act::Created { .. } | Act::MaybeCreated => return "started-early",
    };
    let lifecycle = model.own.lifecycle;
    let is_over = |state: &usize| lifecycle.is_terminal(model.own.name(*state));
    if is_by_another_edge(event, possible) {
        return "wrong-cause";
    }
    if is_explained_unguarded(model, event, last) {
        return "started-early";
    }
    let is_final = |state: &usize| lifecycle.is_final(model.own.name(*state));
    // What was never shown to be over was only said to be, by an answer that turns out wrong.
    if found.shown.is_empty() || !found.shown.iter().all(is_final) {
        match prior.as_ref().map(|prior| &prior.act) {
            _ if found.base.iter().all(|world| is_driven(model, world)) => return "control-ignored",
            Some(Act::Control { answer: Answer::Refused, .. }) => return "refused-control",
            Some(Act::Lacking { .. }) => return "missing-from-list",
            _ => {}
        }
    } else if possible.iter().all(is_final) {
        return if shown.iter().any(is_over) { "changed-end" } else { "revived" };
    }
    let reaches = |from: &usize, to: &usize| lifecycle.reaches(model.own.name(*from), model.own.name(*to));
    let pairs = || possible.iter().flat_map(|from| shown.iter().map(move |to| (from, to)));
    let leads_back = pairs().any(|(from, to)| reaches(to, from));
    let leads_on = pairs().any(|(from, to)| reaches(from, to));
    if leads_back && !leads_on { "went-back" } else { "illegal-edge" }
}

/// Whether the state is right, and only the sign of the edge that led there is wrong.
fn is_by_another_edge(event: &Event, possible: &BTreeSet<usize>) -> bool {
    let shown = match &event.act {
        Act::Shown { states, .. } if event.subject == Subject::Own => states.as_slice(),
        _ => &[],
    };
    shown.iter().any(|state| possible.contains(state))
}

/// Whether a control led to where the run is.
fn is_driven(model: &Model<'_>, world: &World) -> bool {
    let via = world.own.via.and_then(|index| model.own.lifecycle.edges.get(index));
    via.is_some_and(|edge| edge.cause.control().is_some())
}

/// Whether only a guard or a dependency is in the way.
fn is_explained_unguarded(model: &Model<'_>, event: &Event, last: &Worlds) -> bool {
    let free = model.unguarded();
    !free.step(&free.closure(last), event).is_empty()
}

/// The edges that would have had to be there, or to be open.
fn needed(model: &Model<'_>, found: &Break, shown: &BTreeSet<usize>) -> String {
    let closed = conditional(model, found, shown);
    if !closed.is_empty() {
        return format!("{} before its condition held", closed.join(" or "));
    }
    let possible = own_states(&found.last);
    let pairs = possible.iter().flat_map(|from| shown.iter().map(move |to| (from, to)));
    let edges = pairs.map(|(from, to)| format!("{} -> {}", model.own.name(*from), model.own.name(*to)));
    edges.collect::<Vec<_>>().join(" or ")
}

/// The documented edges to where the run was shown that it could not take, because of what it waits for.
fn conditional(model: &Model<'_>, found: &Break, shown: &BTreeSet<usize>) -> Vec<String> {
    let Break { event, last, .. } = found;
    let possible = own_states(last);
    let edges = model.own.lifecycle.edges.iter().enumerate();
    let fits = edges.filter(|(index, edge)| {
        let is =
            |states: &BTreeSet<usize>, state| model.own.index(state).is_some_and(|it| states.contains(&it));
        match &event.act {
            Act::Shown { told, .. } if !told.is_empty() => told.contains(index),
            _ => {
                let waits = matches!(edge.cause, Cause::DependencyCompleted | Cause::DependencyFailed);
                let is_open = event.subject == Subject::Other || is(&possible, &edge.from);
                waits && is(shown, &edge.to) && is_open
            }
        }
    });
    fits.map(|(_, edge)| edge.label()).collect()
}
