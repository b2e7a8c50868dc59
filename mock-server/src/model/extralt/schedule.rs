//! Schedules: runs that begin by themselves, again and again. Which occurrence is next is a pure function of the
//! instant from which they are counted, so nothing waits for it.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{VIRTUAL_TIME_MAX, VirtualTime};
use crate::model::RunId;
use crate::scenario::contents::extralt::{Cadence, CadenceUnit};
use crate::seed::Digest;

/// A schedule's place in the order of creation within its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScheduleId(pub u32);

/// The most schedules of a world.
pub const SCHEDULES_MAX: usize = 10_000;

/// The longest interval of a schedule, in its unit.
pub const INTERVAL_MAX: u32 = 10_000;

/// Occurrence `number`, counted from one, of those that are counted from `anchor`. Months are calendar months; a day that
/// a month does not have is its last.
fn occurrence(cadence: Cadence, anchor: VirtualTime, number: u64) -> VirtualTime {
    let count = u64::from(cadence.every).saturating_mul(number);
    match hours(cadence.unit) {
        Some(hours) => anchor.after(Duration::from_secs(count.saturating_mul(hours * 3_600))),
        None => anchor.months_after(u32::try_from(count).unwrap_or(u32::MAX)),
    }
}

/// The number of the first occurrence after `now`, and its instant; none where time ends.
fn next(cadence: Cadence, anchor: VirtualTime, now: VirtualTime) -> Option<(u64, VirtualTime)> {
    // A month has no more than 31 days, so this many occurrences have certainly passed; the few that are left are
    // counted.
    let longest = hours(cadence.unit).unwrap_or(31 * 24) * 3_600 * u64::from(cadence.every.max(1));
    let mut number = (now.since(anchor).as_secs() / longest).max(1);
    loop {
        let at = occurrence(cadence, anchor, number);
        if at > now || at >= VIRTUAL_TIME_MAX {
            return (at < VIRTUAL_TIME_MAX).then_some((number, at));
        }
        number += 1;
    }
}

/// How many hours a unit has; a month has none in particular.
fn hours(unit: CadenceUnit) -> Option<u64> {
    match unit {
        CadenceUnit::Hour => Some(1),
        CadenceUnit::Day => Some(24),
        CadenceUnit::Week => Some(24 * 7),
        CadenceUnit::Month => None,
    }
}

/// What a schedule is called that was given no name (guide "Schedules").
pub fn usual_name(cadence: Cadence, robot: &str) -> String {
    let adverb = match cadence.unit {
        CadenceUnit::Hour => "Hourly",
        CadenceUnit::Day => "Daily",
        CadenceUnit::Week => "Weekly",
        CadenceUnit::Month => "Monthly",
    };
    match cadence.every {
        1 => format!("{adverb} {robot} run"),
        every => format!("Every {every} {}s {robot} run", cadence.unit.name()),
    }
}

/// Why a schedule begins no runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Its owner wants none.
    User,
    /// The credits do not suffice.
    NoCredits,
}

impl Pause {
    /// The word on the wire (v1's `pause_reason`).
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::NoCredits => "no_credits",
        }
    }
}

/// What can be changed about a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The robot whose runs it begins.
    pub robot: RunId,
    /// How often.
    pub cadence: Cadence,
    /// What it is called.
    pub name: Arc<str>,
    /// Where its runs begin; nowhere in particular if empty.
    pub start_urls: Arc<[Box<str>]>,
    /// How many captures each run may yield.
    pub budget: Option<u64>,
    /// Whether its runs are enriched.
    pub auto_enrich: bool,
}

/// The facts recorded when a schedule was created.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRecord {
    /// The id that clients know it by.
    pub id: Arc<str>,
    /// When.
    pub created: VirtualTime,
    /// As it was then.
    pub settings: Settings,
    /// The digest of the request that created it.
    pub digest: Digest,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// What was decided.
    pub record: Arc<ScheduleRecord>,
    /// As it is now.
    pub settings: Settings,
    /// Why it begins no runs, if it does not.
    pub paused: Option<Pause>,
    /// When it begins the next one.
    pub next: Option<VirtualTime>,
    /// The last one, and when.
    pub last: Option<(RunId, VirtualTime)>,
    /// How many it has begun.
    pub begun: u64,
    /// When it was changed last.
    pub updated: VirtualTime,
    /// Whether it is gone for its clients.
    pub deleted: bool,
    /// From when its occurrences are counted.
    anchor: VirtualTime,
}

impl Schedule {
    /// A schedule that has just been created: its first run comes after one interval, which is our choice.
    pub fn new(record: &Arc<ScheduleRecord>) -> Self {
        let mut schedule = Self {
            record: Arc::clone(record),
            settings: record.settings.clone(),
            paused: None,
            next: None,
            last: None,
            begun: 0,
            updated: record.created,
            deleted: false,
            anchor: record.created,
        };
        schedule.aim(record.created);
        schedule
    }

    /// Other settings. A new cadence is counted from now.
    pub fn change(&mut self, settings: Settings, now: VirtualTime) {
        let other = settings.cadence != self.settings.cadence;
        (self.settings, self.updated) = (settings, now);
        if other {
            self.anchor = now;
            self.aim(now);
        }
    }

    /// It begins no more runs.
    pub fn pause(&mut self, why: Pause, now: VirtualTime) {
        (self.paused, self.next, self.updated) = (Some(why), None, now);
    }

    /// It begins runs again. Those that its owner had stopped are counted from now, the others as before.
    pub fn resume(&mut self, now: VirtualTime) {
        let Some(why) = self.paused.take() else { return };
        if why == Pause::User {
            self.anchor = now;
        }
        self.updated = now;
        self.aim(now);
    }

    /// It is gone.
    pub fn delete(&mut self, now: VirtualTime) {
        (self.deleted, self.next, self.updated) = (true, None, now);
    }

    /// It has begun a run.
    pub fn begin(&mut self, run: RunId, at: VirtualTime) {
        self.last = Some((run, at));
        self.begun += 1;
        self.aim(at);
    }

    /// The occurrence at `at` has passed without a run.
    pub fn skip(&mut self, at: VirtualTime) {
        self.aim(at);
    }

    /// How many runs it would begin after `now` and up to `to`.
    pub fn between(&self, now: VirtualTime, to: VirtualTime) -> u64 {
        if self.next.is_none_or(|next| next > to) {
            return 0;
        }
        let number = |at| next(self.settings.cadence, self.anchor, at).map(|(number, _)| number);
        number(to).zip(number(now)).map_or(u64::MAX, |(to, now)| to - now)
    }

    fn aim(&mut self, now: VirtualTime) {
        let alive = self.paused.is_none() && !self.deleted;
        let first = next(self.settings.cadence, self.anchor, now).map(|(_, at)| at);
        self.next = first.filter(|_| alive);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::MANUAL_START;

    fn any_cadence() -> impl Strategy<Value = Cadence> {
        let unit = prop::sample::select(CadenceUnit::ALL.to_vec());
        (1..50_u32, unit).prop_map(|(every, unit)| Cadence { every, unit })
    }

    proptest! {
        #[test]
        fn the_next_occurrence_is_the_first_after_now(cadence in any_cadence(), later in 0..400_000_000_u64) {
            let now = MANUAL_START.after(Duration::from_secs(later));
            let (number, at) = next(cadence, MANUAL_START, now).unwrap();
            prop_assert!(at > now && at == occurrence(cadence, MANUAL_START, number));
            prop_assert!(number == 1 || occurrence(cadence, MANUAL_START, number - 1) <= now);
        }
    }

    #[test]
    fn nothing_comes_after_the_end_of_time() {
        let cadence = Cadence { every: 1, unit: CadenceUnit::Month };
        assert_eq!(next(cadence, MANUAL_START, VIRTUAL_TIME_MAX), None);
    }

    #[test]
    fn months_are_calendar_months_and_end_with_their_last_day() {
        let monthly = Cadence { every: 1, unit: CadenceUnit::Month };
        // From 31 January on.
        let anchor = MANUAL_START.after(Duration::from_secs(16 * 86_400));
        let days = |number| occurrence(monthly, anchor, number).iso_millis()[..10].to_owned();
        assert_eq!([1, 2, 3].map(days), ["2026-02-28", "2026-03-31", "2026-04-30"]);
    }

    #[test]
    fn a_schedule_without_a_name_says_what_it_does() {
        let name = |every, unit| usual_name(Cadence { every, unit }, "a-shop");
        assert_eq!(name(1, CadenceUnit::Day), "Daily a-shop run");
        assert_eq!(name(6, CadenceUnit::Hour), "Every 6 hours a-shop run");
    }
}
