//! Follows one run through its exchanges, in every order they may have taken effect in.

use super::model::{Model, Worlds};
use super::timeline::{Act, Event, Subject};

/// The most exchanges about one run, all overlapping, whose orders are told apart. Sets of exchanges are explored, not
/// orders: each way to have done some of them first is looked at once, so the work grows with 2^n, not with n!.
pub const OVERLAPPING_MAX: usize = 10;

/// An exchange that left no world.
#[derive(Debug, Clone)]
pub(super) struct Break {
    /// The exchange.
    pub(super) event: Event,
    /// The last exchange about the run itself that came before it or overlapped it.
    pub(super) prior: Option<Event>,
    /// The states in which the run was shown last.
    pub(super) shown: Vec<usize>,
    /// The worlds that the exchange before it left.
    pub(super) base: Worlds,
    /// What they may have become since: the last worlds there were.
    pub(super) last: Worlds,
}

/// Follows `worlds` through `events`, which are in the order of their starts.
pub(super) fn follow(model: &Model<'_>, mut worlds: Worlds, events: &[Event]) -> Vec<Break> {
    let mut breaks = Vec::new();
    let mut done = 0;
    while done < events.len() {
        let group = overlapping(&events[done..]);
        worlds = if group.len() > OVERLAPPING_MAX {
            anything(model, &worlds, group)
        } else {
            in_any_order(model, worlds, group, &events[..done], &mut breaks)
        };
        done += group.len();
    }
    breaks
}

/// The first events, as far as each begins before one of those before it has ended. Events that only touch are in
/// order.
fn overlapping(events: &[Event]) -> &[Event] {
    let mut end = 0;
    let mut count = 0;
    for event in events {
        if count > 0 && event.started >= end {
            break;
        }
        end = end.max(event.ended);
        count += 1;
    }
    &events[..count]
}

/// Every set of events that can have been the first to take effect, with the worlds after it.
fn in_any_order(
    model: &Model<'_>,
    worlds: Worlds,
    group: &[Event],
    before: &[Event],
    breaks: &mut Vec<Break>,
) -> Worlds {
    let full = (1_usize << group.len()) - 1;
    let mut after = vec![Worlds::new(); full + 1];
    after[0] = worlds;
    for done in 0..full {
        if after[done].is_empty() {
            continue;
        }
        let closed = model.closure(&after[done]);
        for (at, event) in group.iter().enumerate().filter(|(at, _)| may_be_next(group, done, *at)) {
            let left = model.step(&closed, event);
            after[done | 1 << at].extend(left);
        }
    }
    if !after[full].is_empty() {
        return std::mem::take(&mut after[full]);
    }
    // The largest set that something explains; what is missing from it is what nothing explains.
    let explained = (0..full).filter(|done| !after[*done].is_empty());
    let best = explained.max_by_key(|done| (done.count_ones(), std::cmp::Reverse(*done))).unwrap_or(0);
    let mut worlds = std::mem::take(&mut after[best]);
    let mut is_told = false;
    for (at, event) in group.iter().enumerate().filter(|(at, _)| best & (1 << at) == 0) {
        let base = worlds;
        let closed = model.closure(&base);
        worlds = model.step(&closed, event);
        if worlds.is_empty() {
            if !is_told {
                let known = before.iter().chain(group.iter().take(at));
                let mut known = known.rev().filter(|event| event.subject == Subject::Own);
                let shown = known.clone().find_map(|event| match &event.act {
                    Act::Shown { states, .. } => Some(states.clone()),
                    _ => None,
                });
                let prior = known.find(|event| !matches!(event.act, Act::MaybeCreated)).cloned();
                let shown = shown.unwrap_or_default();
                breaks.push(Break { event: event.clone(), prior, shown, base, last: closed.clone() });
                is_told = true;
            }
            worlds = model.believe(&closed, event);
        }
    }
    worlds
}

/// Whether an event is still to come, and everything that ended before it began is done.
fn may_be_next(group: &[Event], done: usize, at: usize) -> bool {
    let is_done = |other: usize| done & (1 << other) != 0;
    !is_done(at) && (0..at).all(|other| is_done(other) || group[other].ended > group[at].started)
}

/// The worlds after too many events at once: whatever the requests among them may have brought about.
fn anything(model: &Model<'_>, worlds: &Worlds, group: &[Event]) -> Worlds {
    let mut all = worlds.clone();
    loop {
        let mut next = model.closure(&all);
        for event in group.iter().filter(|it| !matches!(it.act, Act::Shown { .. } | Act::Lacking { .. })) {
            let stepped = model.step(&next, event);
            next.extend(stepped);
        }
        if next.len() == all.len() {
            return next;
        }
        all = next;
    }
}
