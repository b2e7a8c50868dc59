//! What a record says of each run, exchange by exchange.

use std::collections::{HashMap, HashSet};

use fixtures::contract::{Dependency, Lifecycle};
use serde_json::Value;

use super::model::{Graph, Model, Spot, World, Worlds};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::{Family, field};

/// One run and everything the record says of it.
#[derive(Debug)]
pub(super) struct Run<'h> {
    pub(super) id: String,
    pub(super) lifecycle: &'h Lifecycle,
    /// What happened to it, in the order of the starts.
    pub(super) events: Vec<Event>,
    /// The run it waits for, if it says or was asked so.
    pub(super) waits_for: Option<String>,
    /// Whether it may wait for another run, and whether it may not.
    waits: (bool, bool),
    /// Whether the record has its beginning.
    is_born_here: bool,
}

/// Whose state an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The run that is followed.
    Own,
    /// The run it waits for.
    Other,
}

/// One exchange, as far as it concerns one run.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// The exchange's number.
    pub(super) id: u64,
    /// Its interval, in milliseconds.
    pub(super) started: u64,
    pub(super) ended: u64,
    pub(super) subject: Subject,
    pub(super) act: Act,
    /// Where the state stands in the answer.
    pub(super) pointer: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A create was answered with the run's id, showing this state.
    Created { shown: Option<usize> },
    /// A create got no answer, or a 5xx, and may have made the run.
    MaybeCreated,
    /// The run was shown in one of these states, by a sign that only these edges leave, if there was one.
    Shown { states: Vec<usize>, told: Vec<usize> },
    /// A list of all runs in these states was without it.
    Lacking { states: Vec<usize> },
    /// A control was sent.
    Control { name: String, answer: Answer },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    Refused,
    Unknown,
}

/// The most runs that are followed though the record does not create them. A list shows a hundred; a server that makes
/// up more is not worth the time.
const OTHERS_MAX: usize = 1_000;

/// Every run that the record creates, and of those that it only shows the first [`OTHERS_MAX`], in the order in which
/// they first appear.
pub(super) fn runs(history: &History) -> Vec<Run<'_>> {
    let cast = Cast::of(history);
    let runs = cast.runs.iter().filter_map(|(family, id, owner)| {
        let lifecycle = history.contract.lifecycle_of(family.get)?;
        Some(Reader { history, cast: &cast, family, lifecycle, id, owner }.run())
    });
    runs.collect()
}

/// Who is in a record.
#[derive(Default)]
struct Cast<'h> {
    /// The runs to follow: family, id, and whose it is.
    runs: Vec<(&'static Family, &'h str, &'h str)>,
    /// How many runs of each family and owner there are.
    counts: HashMap<(&'static str, &'h str), usize>,
}

impl<'h> Cast<'h> {
    fn of(history: &'h History) -> Self {
        let mut cast = Cast::default();
        let mut known = HashSet::new();
        let mut others = 0;
        // Who creates a run owns it, even if another key was shown it before.
        for job in history.jobs() {
            if known.insert((job.family.name, &*job.id)) {
                cast.add(job.family, &job.id, &job.owner, true);
            }
        }
        let mut note = |cast: &mut Self, family: &'static Family, id: &'h str, owner: &'h str| {
            if known.insert((family.name, id)) {
                cast.add(family, id, owner, others < OTHERS_MAX);
                others += 1;
            }
        };
        for seen in history.all().iter().filter(|seen| seen.is_success() && seen.has_good_key()) {
            let family = seen.operation().and_then(|operation| history.profile.family_of(operation));
            let (Some(family), Some(owner)) = (family, seen.credential()) else { continue };
            if let Some(id) = seen.run().filter(|_| seen.is(family.get)) {
                note(&mut cast, family, id, owner);
            } else if seen.is(family.list) {
                History::listed(seen).keys().for_each(|id| note(&mut cast, family, id, owner));
            }
        }
        cast
    }

    fn add(&mut self, family: &'static Family, id: &'h str, owner: &'h str, is_followed: bool) {
        *self.counts.entry((family.name, owner)).or_default() += 1;
        if is_followed {
            self.runs.push((family, id, owner));
        }
    }
}

/// Reads the record with one run in mind.
struct Reader<'h, 'c> {
    history: &'h History,
    cast: &'c Cast<'h>,
    family: &'static Family,
    lifecycle: &'h Lifecycle,
    id: &'h str,
    owner: &'h str,
}

impl<'h> Reader<'h, '_> {
    fn run(&self) -> Run<'h> {
        let create = self.history.job(self.id).map(|job| self.history.create(job));
        let mut events = Vec::new();
        let mut named = None;
        for seen in self.history.all() {
            let Some((act, pointer)) = self.act(seen, create, &events) else { continue };
            named = named.or_else(|| self.named(seen, &act));
            let (started, ended) = (seen.exchange().started_ms(), seen.exchange().ended_ms());
            events.push(Event { id: seen.id(), started, ended, subject: Subject::Own, act, pointer });
        }
        events.sort_by_key(|event| (event.started, event.id));
        let asked = self.lifecycle.dependency.as_ref().and_then(|it| create?.request().pointer(&it.asked));
        let waits = match (&self.lifecycle.dependency, create, asked, &named) {
            (None, ..) | (Some(_), Some(_), None, None) => (false, true),
            (Some(_), _, Some(_), Some(_)) | (Some(_), None, _, Some(_)) => (true, false),
            // It says that it waits though nobody asked for that, or it was asked and does not say so.
            (Some(_), ..) => (true, true),
        };
        let waits_for = named.or_else(|| asked.and_then(Value::as_str).map(str::to_owned));
        let is_born_here = create.is_some_and(|create| is_first(&events, create));
        Run { id: self.id.to_owned(), lifecycle: self.lifecycle, events, waits_for, waits, is_born_here }
    }

    /// What an exchange says of the run, if anything, and where.
    fn act(
        &self,
        seen: &Seen,
        create: Option<&Seen>,
        before: &[Event],
    ) -> Option<(Act, Option<&'static str>)> {
        let operation = seen.operation()?;
        let is_owner = seen.credential() == Some(self.owner);
        if let Some(name) = self.lifecycle.control(operation).filter(|_| seen.run() == Some(self.id)) {
            if seen.is_refusal() && self.is_faulty(seen) {
                return None;
            }
            let name = name.to_owned();
            if self.is_repeat(seen) {
                return Some((Act::Control { name, answer: Answer::Unknown }, None));
            }
            return Some((Act::Control { name, answer: answer(seen, is_owner)? }, None));
        }
        if !is_owner {
            return None;
        }
        if operation == self.family.create {
            let create = create?;
            if seen.id() == create.id() {
                let shown = seen.state().and_then(|state| self.index(state));
                return Some((Act::Created { shown }, Some(field::STATUS)));
            }
            return (is_lost(seen) && seen.id() < create.id()).then_some((Act::MaybeCreated, None));
        }
        if operation == self.family.get && seen.run() == Some(self.id) && seen.is_success() {
            let states = vec![self.index(seen.state()?)?];
            return Some((Act::Shown { told: self.told(seen, &states), states }, Some(field::STATUS)));
        }
        if operation == self.family.list && seen.is_success() && seen.is_list() {
            return self.listed(seen, before).map(|act| (act, None));
        }
        None
    }

    /// Whether a control has a body that its contract does not allow, so that it is refused in any state.
    fn is_faulty(&self, seen: &Seen) -> bool {
        let operation = seen.operation().and_then(|id| self.history.contract.operation(id));
        let has_body = !seen.exchange().request().body.is_empty();
        let takes = operation.filter(|operation| has_body && operation.request_schema().is_some());
        takes.is_some_and(|operation| !operation.request_violations(seen.request()).is_empty())
    }

    /// Whether a control was sent before under the same key, and so may do nothing.
    fn is_repeat(&self, seen: &Seen) -> bool {
        let key = |seen: &Seen| seen.exchange().request().header("idempotency-key").map(str::to_owned);
        let Some(own) = key(seen) else { return false };
        let all = self.history.all().iter().take_while(|it| it.id() < seen.id());
        let mut same = all.filter(|it| it.operation() == seen.operation() && it.run() == seen.run());
        same.any(|it| it.credential() == seen.credential() && key(it).as_ref() == Some(&own))
    }

    fn listed(&self, list: &Seen, before: &[Event]) -> Option<Act> {
        if let Some(item) = list.item(self.id) {
            let states = self.meaning(item.pointer(field::STATUS)?.as_str()?);
            return (!states.is_empty()).then_some(Act::Shown { states, told: Vec::new() });
        }
        let states = self.meaning(list.query("status")?);
        // A full page may have cut it off, whether runs are counted before the filter or after it.
        let size: usize = list.query("page_size")?.parse().ok()?;
        let shown = list.items().len();
        let siblings = self.cast.counts.get(&(self.family.name, self.owner));
        let was_there = before.iter().any(|event| {
            event.ended <= list.exchange().started_ms()
                && matches!(event.act, Act::Created { .. } | Act::Shown { .. })
        });
        let is_complete = shown < size && siblings.is_none_or(|count| *count <= size);
        (was_there && is_complete && !states.is_empty()).then_some(Act::Lacking { states })
    }

    /// The edges that an answer says were taken, where only runs that took one of them show what it shows.
    fn told(&self, seen: &Seen, states: &[usize]) -> Vec<usize> {
        let edges = self.lifecycle.edges.iter().enumerate();
        let told = edges.filter(|(_, edge)| {
            let leads_here = self.index(&edge.to).is_some_and(|to| states.contains(&to));
            let sign = edge.told_by.as_ref();
            leads_here && sign.is_some_and(|sign| seen.text(&sign.at) == Some(&sign.is))
        });
        told.map(|(index, _)| index).collect()
    }

    /// The run that an answer about a run that has not left its first state says it waits for.
    fn named(&self, seen: &Seen, act: &Act) -> Option<String> {
        let Dependency { named, .. } = self.lifecycle.dependency.as_ref()?;
        let is_early = match act {
            Act::Created { .. } => true,
            Act::Shown { states, .. } => {
                states.iter().all(|state| Some(*state) == self.index(&self.lifecycle.initial))
            }
            Act::MaybeCreated | Act::Lacking { .. } | Act::Control { .. } => false,
        };
        seen.text(named).filter(|_| is_early).map(str::to_owned)
    }

    fn meaning(&self, word: &str) -> Vec<usize> {
        self.lifecycle.meaning(word).into_iter().filter_map(|state| self.index(state)).collect()
    }

    fn index(&self, state: &str) -> Option<usize> {
        self.lifecycle.states.iter().position(|known| known == state)
    }
}

/// Whether nothing showed the run before a create could have made it.
fn is_first(events: &[Event], create: &Seen) -> bool {
    let made =
        events.iter().filter(|event| matches!(event.act, Act::MaybeCreated)).map(|event| event.started);
    let earliest = made.min().unwrap_or(u64::MAX).min(create.exchange().started_ms());
    let mut shown = events.iter().filter(|event| matches!(event.act, Act::Shown { .. }));
    !shown.any(|event| event.ended < earliest || (event.ended == earliest && event.id < create.id()))
}

/// Whether nobody can say if the request took effect.
fn is_lost(seen: &Seen) -> bool {
    seen.status().is_none_or(|status| status >= 500 || status == 408)
}

/// What the answer to a control says about the run. A key that does not own it should have no effect on it, but may.
fn answer(seen: &Seen, is_owner: bool) -> Option<Answer> {
    match seen.status() {
        Some(200..=299) if is_owner => Some(Answer::Accepted),
        Some(400 | 409 | 422) if is_owner => Some(Answer::Refused),
        Some(400..=499) if !is_lost(seen) => None,
        _ => Some(Answer::Unknown),
    }
}

impl Run<'_> {
    /// The exchanges that say something of a run that was known before them.
    pub(super) fn occasions(&self) -> impl Iterator<Item = u64> {
        let telling = self.events.iter().filter(|event| match event.act {
            Act::Created { .. } | Act::Shown { .. } | Act::Lacking { .. } => true,
            Act::Control { answer, .. } => answer != Answer::Unknown,
            Act::MaybeCreated => false,
        });
        telling.skip(1).map(|event| event.id)
    }

    /// The worlds before the record begins; `other` is the run it waits for, if it is followed as well.
    pub(super) fn start(&self, model: &Model<'_>, other: Option<&Run<'_>>) -> Worlds {
        let others: Vec<Option<Spot>> = match (&model.other, other) {
            (Some(graph), Some(other)) => other.spots(graph).into_iter().map(Some).collect(),
            _ => vec![None],
        };
        let flags = [(true, self.waits.0), (false, self.waits.1)];
        let waits: Vec<bool> = flags.into_iter().filter(|(_, may)| *may).map(|(waits, _)| waits).collect();
        let spots = self.spots(&model.own);
        let all = spots.iter().flat_map(|own| waits.iter().map(move |waits| (*own, *waits)));
        all.flat_map(|(own, waits)| others.iter().map(move |other| World { own, waits, other: *other }))
            .collect()
    }

    /// Where the run may be before the record begins.
    fn spots(&self, graph: &Graph<'_>) -> Vec<Spot> {
        if self.is_born_here {
            return vec![Spot { state: None, via: None }];
        }
        let states = (0..self.lifecycle.states.len()).map(|state| Spot { state: Some(state), via: None });
        let edges = self.lifecycle.edges.iter().enumerate();
        let ways = edges.map(|(via, edge)| Spot { state: graph.index(&edge.to), via: Some(via) });
        states.chain(ways).collect()
    }
}
