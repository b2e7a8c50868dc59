//! The figures that answers tell of the limit.
//!
//! The third key's limit is the documented one or off, whatever other keys have, and both tell of the same window.

use std::collections::HashMap;

use super::{LIMIT, REMAINING, is_off, number};
use crate::history::History;
use crate::history::seen::{LIMITED_KEY, Seen};
use crate::verdict::Tally;

/// How many requests the documented window admits.
const WINDOW: u64 = 50;

pub(super) fn limit(history: &History) -> Tally {
    let mut tally = Tally::default();
    // The first look at each account whose limit is off.
    let mut off: HashMap<&str, u64> = HashMap::new();
    for look in history.all().iter().filter(|seen| is_off(seen)) {
        if let Some(key) = look.query("key") {
            off.entry(key).or_insert(look.id());
        }
    }
    let is_documented = |seen: &Seen| {
        seen.credential()
            .is_some_and(|key| key == LIMITED_KEY || off.get(key).is_some_and(|look| *look < seen.id()))
    };
    for seen in history.judged().filter(|seen| seen.is_success() && seen.operation().is_some()) {
        let Some(limit) = number(seen, LIMIT).filter(|_| is_documented(seen)) else { continue };
        tally.saw(seen);
        if limit != WINDOW {
            tally.broke(seen, "other-limit", WINDOW.to_string(), limit.to_string());
        }
    }
    tally
}

pub(super) fn of_refusal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.all().iter().filter(|seen| seen.status() == Some(429)) {
        if let Some(left) = number(seen, REMAINING) {
            tally.saw(seen);
            if left > 0 {
                tally.broke(seen, "some-left", "nothing left", format!("{left} left"));
            }
        }
        let before = history.judged().rev().find(|other| {
            other.id() < seen.id() && other.is_success() && other.credential() == seen.credential()
        });
        let Some(before) = before else { continue };
        if let (Some(then), Some(now)) = (number(before, LIMIT), number(seen, LIMIT)) {
            tally.saw(seen);
            if now != then {
                let expected = format!("{then}, as before");
                tally.broke(seen, "other-limit", expected, now.to_string()).after(before);
            }
        }
    }
    tally
}
