//! The runs of every API in one shape, for all that is done with a run whatever it is: listing, finding and waiting for
//! it, telling what became of it, an operator's controls.
//!
//! What an API says of its runs stands in a module of its own here; the rest only asks whose a run is.

use std::sync::Arc;
use std::{iter, mem};

use crate::clock::VirtualTime;
use crate::lifecycle::{Action, Fraction};
use crate::model::RunId;
use crate::scenario::kind::{Api, RunKind};
use crate::scenario::request::About;
use crate::world::log::Command;
use crate::world::state::WorldState;

mod catalog;
mod extralt;
mod llama_extract;

/// A run of a world, and whose it is. Of one API, those created later are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunRef {
    /// Catalog's.
    Catalog(RunId),
    /// Extralt's.
    Extralt(RunId),
    /// LlamaExtract's.
    LlamaExtract(RunId),
}

/// Something that happened to a run by itself, and the place of this among the changes of its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// Which.
    pub run: RunRef,
    /// When.
    pub at: VirtualTime,
    /// What.
    pub what: Happened,
    /// How many commands the world had accepted by then.
    pub after: u32,
}

/// What happens to a run by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It began, as a schedule or another run had it.
    Began,
    /// It ended, in the state of this word.
    Ended(&'static str),
}

/// What every run has, at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// The id that the client knows it by.
    pub id: Arc<str>,
    /// Its kind, which also says whose it is.
    pub kind: RunKind,
    /// The word for its state; one of [`states`] of its kind.
    pub state: &'static str,
    /// Whether that is a state in which runs end.
    pub has_ended: bool,
    /// How much of its work is done.
    pub work: Fraction,
    /// When it was created.
    pub created: VirtualTime,
    /// When it went to work.
    pub started: Option<VirtualTime>,
    /// When it ended.
    pub ended: Option<VirtualTime>,
    /// What its client is told of why it failed.
    pub error: Option<Box<str>>,
    /// The client's id of the run that it waits for.
    pub waits_for: Option<Arc<str>>,
    /// How often something was done to it after it was created.
    pub controls: usize,
    /// What it costs, in credits.
    pub credits: u64,
}

/// Runs of a world that may be in a state, newest first.
#[derive(Debug)]
pub struct Newest<I> {
    /// How many there are, if that is known without looking at each: then all of them are in the state.
    pub total: Option<usize>,
    /// The runs.
    pub runs: I,
}

/// Those of one kind.
type OfOneKind<'a> = Newest<Box<dyn Iterator<Item = RunRef> + 'a>>;

/// The words for the states of a kind of run, those that end it last.
pub fn states(kind: RunKind) -> &'static [&'static str] {
    match kind.api() {
        Api::Catalog => catalog::STATES,
        Api::Extralt => extralt::states(kind),
        Api::LlamaExtract => llama_extract::STATES,
    }
}

impl WorldState {
    /// The run that a client knows by this id. The building of a robot has one of its own in Extralt v0; an extraction
    /// has that of its job, with `ext-` in front in v2, and that of its run.
    pub fn find_run(&self, id: &str) -> Option<RunRef> {
        let catalog = self.catalog().find(id).map(|(run, _)| RunRef::Catalog(run));
        let extralt = || self.extralt().find_any(id).or_else(|| self.extralt().find_build(id));
        let extralt = || extralt().map(|(run, _)| RunRef::Extralt(run));
        let llama_extract = || llama_extract::find(self.llama_extract(), id).map(RunRef::LlamaExtract);
        catalog.or_else(extralt).or_else(llama_extract)
    }

    /// What `run` looks or looked like at `at`, up to which the world must be settled.
    pub fn brief(&self, run: RunRef, at: VirtualTime) -> Option<Brief> {
        match run {
            RunRef::Catalog(run) => catalog::brief(self.catalog(), run, at),
            RunRef::Extralt(run) => extralt::brief(self.extralt(), run, at),
            RunRef::LlamaExtract(run) => llama_extract::brief(self.llama_extract(), run, at),
        }
    }

    /// What a request that names `run` is about.
    pub fn about_run(&self, run: RunRef) -> Option<About> {
        match run {
            RunRef::Catalog(run) => catalog::about(self.catalog(), run),
            RunRef::Extralt(run) => extralt::about(self.extralt(), run),
            RunRef::LlamaExtract(run) => llama_extract::about(self.llama_extract(), run),
        }
    }

    /// How many runs there are.
    pub fn run_count(&self) -> usize {
        self.catalog().len() + self.extralt().len() + self.llama_extract().len()
    }

    /// The runs of these kinds that may be in the state of this word, or all of them.
    pub fn newest_runs(
        &self,
        kinds: &[RunKind],
        state: Option<&str>,
    ) -> Newest<impl Iterator<Item = RunRef>> {
        let lists: Vec<OfOneKind<'_>> = kinds
            .iter()
            .map(|kind| match kind.api() {
                Api::Catalog => catalog::newest(self.catalog(), *kind, state),
                Api::Extralt => extralt::newest(self.extralt(), *kind, state),
                Api::LlamaExtract => llama_extract::newest(self.llama_extract(), state),
            })
            .collect();
        let total = lists.iter().map(|list| list.total).sum();
        let key = |run: &RunRef| (self.created(*run), *run);
        Newest { total, runs: merged(lists.into_iter().map(|list| list.runs), key) }
    }

    fn created(&self, run: RunRef) -> Option<VirtualTime> {
        match run {
            RunRef::Catalog(run) => self.catalog().run(run).map(|run| run.record.created),
            RunRef::Extralt(run) => self.extralt().run(run).map(|run| run.record.created),
            RunRef::LlamaExtract(run) => self.llama_extract().run(run).map(|run| run.record.created),
        }
    }
}

/// The command by which an operator does something to a run. `error` is what its client shall be told, with
/// [`Action::Fail`].
pub fn operator_command(run: RunRef, action: Action, error: Option<Box<str>>) -> Command {
    match run {
        RunRef::Catalog(run) => Command::Catalog(catalog::operator_command(run, action, error)),
        RunRef::Extralt(run) => Command::Extralt(extralt::operator_command(run, action, error)),
        RunRef::LlamaExtract(run) => {
            Command::LlamaExtract(llama_extract::operator_command(run, action, error))
        }
    }
}

/// The items of several lists that are sorted by their key, greatest first; as is what comes of them. No list is read
/// further than its next item.
fn merged<T, K: Ord>(
    lists: impl Iterator<Item = impl Iterator<Item = T>>,
    key: impl Fn(&T) -> K,
) -> impl Iterator<Item = T> {
    let mut lists: Vec<_> = lists
        .map(|mut list| {
            let next = list.next();
            (next.as_ref().map(&key), next, list)
        })
        .collect();
    iter::from_fn(move || {
        let (greatest, next, rest) = lists.iter_mut().max_by(|one, other| one.0.cmp(&other.0))?;
        let after = rest.next();
        *greatest = after.as_ref().map(&key);
        mem::replace(next, after)
    })
}

#[cfg(test)]
mod tests;
