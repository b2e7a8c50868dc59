//! What a broken server remembers beside what the server behind it knows.

use std::collections::{HashMap, VecDeque};

use http::Method;
use serde_json::Value;

use super::answer::Answer;
use super::ask::{Ask, What};
use crate::control;

/// The most runs that are remembered; the oldest are forgotten.
const RUNS_MAX: usize = 10_000;
/// The most keys that are remembered, and the most runs that have another name.
const KEYS_MAX: usize = 100;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Keys that were served, the oldest first.
    keys: VecDeque<String>,
    runs: HashMap<String, Run>,
    order: VecDeque<String>,
    aliases: VecDeque<Alias>,
    /// How many good answers there were, by operation.
    good: HashMap<String, u64>,
    /// How many runs were started that nobody asked for.
    pub(super) ghosts: u64,
}

/// What was seen of one run.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) key: String,
    pub(super) kind: String,
    /// How often reads do not find it.
    pub(super) hidden: u32,
    /// The last body of a read that showed it waiting, running, or anything.
    pub(super) waiting: Option<Value>,
    pub(super) running: Option<Value>,
    pub(super) last: Option<Value>,
    /// Reads since it was canceled, if it was.
    pub(super) since_cancel: Option<u32>,
    /// Reads that showed it over.
    pub(super) reads_over: u32,
    /// Whether it fell back to pending.
    pub(super) fell_back: bool,
    /// The status in which a list showed it first.
    pub(super) listed: Option<String>,
}

/// A run that its client knows by another name and of another host.
#[derive(Debug)]
struct Alias {
    shown: [String; 2],
    real: [String; 2],
}

impl Memory {
    /// The first key that was served.
    pub(super) fn first_key(&self) -> Option<&str> {
        self.keys.front().map(String::as_str)
    }

    /// Keys that were served, but for this one.
    pub(super) fn other_keys(&self, key: &str) -> Vec<String> {
        self.keys.iter().filter(|known| *known != key).cloned().collect()
    }

    /// The run with this id, which need not have been seen.
    pub(super) fn run(&mut self, id: &str) -> &mut Run {
        if !self.runs.contains_key(id) {
            self.order.push_back(id.to_owned());
            if self.order.len() > RUNS_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.runs.remove(&oldest);
            }
        }
        self.runs.entry(id.to_owned()).or_default()
    }

    /// Whose run this is; `None` if nobody's was seen.
    pub(super) fn owner(&self, id: &str) -> Option<&str> {
        self.runs.get(id).map(|run| run.key.as_str()).filter(|key| !key.is_empty())
    }

    /// The newest run of a kind and a key.
    pub(super) fn newest(&self, key: &str, kind: &str) -> Option<&str> {
        let fits = |run: &Run| run.key == key && run.kind == kind;
        self.order.iter().rev().find(|id| self.runs.get(*id).is_some_and(fits)).map(String::as_str)
    }

    /// Notes whose request was served, and whose run it is about.
    pub(super) fn meet(&mut self, ask: &Ask, answer: &Answer) {
        let Some(key) = ask.key().filter(|_| answer.is_good()) else { return };
        if !self.keys.iter().any(|known| known == key) && self.keys.len() < KEYS_MAX {
            self.keys.push_back(key.to_owned());
        }
        if let What::Get { kind, id } = &ask.what {
            let run = self.run(id);
            (run.key, run.kind) = (key.to_owned(), kind.clone());
        }
    }

    /// Counts a good answer; how many there were of its operation.
    pub(super) fn good(&mut self, what: &What) -> Option<u64> {
        let (verb, kind) = match what {
            What::Create { kind } => ("create", kind),
            What::List { kind } => ("list", kind),
            What::Get { kind, .. } => ("get", kind),
            What::Cancel { kind, .. } => ("cancel", kind),
            What::Other => return None,
        };
        let count = self.good.entry(format!("{kind} {verb}")).or_default();
        *count += 1;
        Some(*count)
    }

    /// Notes a run that was created.
    pub(super) fn created(&mut self, key: &str, kind: &str, id: &str) {
        let run = self.run(id);
        (run.key, run.kind) = (key.to_owned(), kind.to_owned());
    }

    /// A world that is forgotten by its key takes its runs along. A reset, of whichever world, clears everything: ids
    /// repeat after it.
    pub(super) fn forget(&mut self, method: &Method, path: &str) {
        let path = path.strip_prefix(control::PREFIX).unwrap_or_default();
        if *method == Method::POST && path == "/reset" {
            *self = Self::default();
        } else if let Some(key) = path.strip_prefix("/worlds/").filter(|_| *method == Method::DELETE) {
            self.keys.retain(|known| known != key);
            self.runs.retain(|_, run| run.key != key);
            self.order.retain(|id| self.runs.contains_key(id));
        }
    }

    /// From now on `real` is shown as `shown`: an id and a host each.
    pub(super) fn rename(&mut self, real: [String; 2], shown: [String; 2]) {
        if self.aliases.len() == KEYS_MAX {
            self.aliases.pop_front();
        }
        self.aliases.push_back(Alias { shown, real });
    }

    /// Takes names that were made up out of a request.
    pub(super) fn unalias(&self, ask: &mut Ask) {
        for Alias { shown: [shown, _], real: [real, _] } in &self.aliases {
            if let What::Get { id, .. } | What::Cancel { id, .. } = &ask.what
                && id == shown
            {
                *ask = ask.for_run(real);
            }
            if ask.text().contains(shown.as_str()) {
                *ask = ask.with_text(&ask.text().replace(shown, real));
            }
        }
    }

    /// Puts names that were made up into an answer.
    pub(super) fn alias(&self, answer: &mut Answer) {
        for Alias { shown, real } in &self.aliases {
            for (shown, real) in shown.iter().zip(real) {
                if answer.text().contains(real.as_str()) {
                    answer.set_text(answer.text().replace(real, shown));
                }
            }
        }
    }
}
