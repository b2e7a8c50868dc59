//! Answers that come late: what was true a moment ago.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

use super::replace;
use crate::score::edit::asked::Asked;

/// How many reads of a run do not know of its cancel yet.
const UNAWARE: u32 = 2;

/// The same of a stop, after which a run may soon begin again.
const UNAWARE_OF_STOP: u32 = 1;

/// What was answered before.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// What each list should have shown the last time, by key and target.
    lists: Mutex<HashMap<(String, String), Bytes>>,
    /// The runs that were read.
    runs: Mutex<HashMap<String, Shown>>,
}

/// What the last read of a run showed, and how many reads more are to show it.
#[derive(Debug)]
struct Shown {
    body: Bytes,
    left: u32,
    /// Whether it was stopped already since it began.
    stopped: bool,
}

/// Whether two bodies show one and the same run.
fn is_same(one: &Bytes, other: &Bytes) -> bool {
    let id = |body: &Bytes| Some(serde_json::from_slice::<Value>(body).ok()?.get("id")?.as_str()?.to_owned());
    id(one).is_some() && id(one) == id(other)
}

impl Late {
    /// Answers a list of runs as it should have been answered the last time, if there was one; whether it did.
    pub(super) fn list(&self, asked: &Asked<'_>, answer: &mut Response<Bytes>) -> bool {
        let lists = ["catalog.crawl.list", "catalog.extract.list", "catalog.agentic-search.list"];
        let is_list = asked.operation().is_some_and(|operation| lists.contains(&operation));
        if !is_list || answer.status() != StatusCode::OK {
            return false;
        }
        let key = asked.key().unwrap_or_default().to_owned();
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let last = lists.insert((key, asked.target()), answer.body().clone());
        last.is_some_and(|last| replace(answer, last))
    }

    /// Lets the first reads after an accepted cancel show what the last read before showed; whether it did.
    pub(super) fn cancel(&self, asked: &Asked<'_>, answer: &mut Response<Bytes>) -> bool {
        let (Some(run), Some(operation)) = (asked.run(), asked.operation()) else { return false };
        if !answer.status().is_success() {
            return false;
        }
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let unaware = match operation.rsplit_once('.') {
            Some((_, "cancel")) => Some(UNAWARE),
            Some((_, "stop")) => Some(UNAWARE_OF_STOP),
            _ => None,
        };
        if let Some(unaware) = unaware {
            if let Some(shown) = runs.get_mut(run).filter(|shown| !shown.stopped) {
                (shown.left, shown.stopped) = (unaware, true);
                // Where the answer to a stop is the run itself, it shows what a read would.
                return is_same(&shown.body, answer.body()) && replace(answer, shown.body.clone());
            }
            return false;
        }
        if operation.ends_with(".restart") {
            runs.remove(run);
            return false;
        }
        // Pages of a result are no reads of the run alone.
        if asked.target().contains('?') || answer.status() != StatusCode::OK {
            return false;
        }
        match runs.get_mut(run) {
            Some(shown) if shown.left > 0 => {
                shown.left -= 1;
                replace(answer, shown.body.clone())
            }
            shown => {
                let stopped = shown.is_some_and(|shown| shown.stopped);
                let body = answer.body().clone();
                runs.insert(run.to_owned(), Shown { body, left: 0, stopped });
                false
            }
        }
    }
}
