//! Answers that come late: what was true a moment ago.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{Response, StatusCode};

use super::replace;
use crate::score::edit::asked::Asked;

/// How many reads of a run do not know of its cancel yet.
const UNAWARE: u32 = 2;

/// What was answered before.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// What each list should have shown the last time, by key and target.
    lists: Mutex<HashMap<(String, String), Bytes>>,
    /// What the last read of each run showed, and how many reads more are to show it.
    runs: Mutex<HashMap<String, (Bytes, u32)>>,
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
        if answer.status() != StatusCode::OK {
            return false;
        }
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if operation.ends_with(".cancel") {
            if let Some((_, left)) = runs.get_mut(run) {
                *left = UNAWARE;
            }
            return false;
        }
        // Pages of a result are no reads of the run alone.
        if asked.target().contains('?') {
            return false;
        }
        match runs.get_mut(run) {
            Some((last, left)) if *left > 0 => {
                *left -= 1;
                replace(answer, last.clone())
            }
            _ => {
                runs.insert(run.to_owned(), (answer.body().clone(), 0));
                false
            }
        }
    }
}
