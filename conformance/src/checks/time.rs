//! Time stamps: well formed, there when they have to be, and in order.

use fixtures::contract::Level::{Must, Should};
use jiff::Timestamp;
use serde_json::Value;

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "time.format",
        title: "Every time stamp is ISO 8601 with a zone",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.times-iso-8601"],
        needs: "an answer with a time stamp",
        judge: format,
    },
    Check {
        id: "time.notation",
        title: "A read tells times in UTC with milliseconds, the list of crawls with an offset",
        level: Should,
        cost: Cost::Passive,
        clauses: &["catalog.execution.time-format", "catalog.crawl.list.time-format"],
        needs: "an answer with a time stamp",
        judge: notation,
    },
    Check {
        id: "job.stop-date-iff-terminal",
        title: "A run has a stop date when it is over and null before",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.stop-date-iff-terminal",
            "catalog.extract.get.stop-date",
            "catalog.agentic-search.get.stop-date-iff-terminal",
        ],
        needs: "a successful read of a run",
        judge: stop_date_iff_terminal,
    },
    Check {
        id: "time.start-date-iff-started",
        title: "A run has a start date once it runs and null before",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.start-date",
            "catalog.extract.get.start-date",
            "catalog.agentic-search.get.start-date",
        ],
        needs: "a read of a run that is pending or running",
        judge: start_date_iff_started,
    },
    Check {
        id: "time.order",
        title: "A run is created, then starts, then stops",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.times-ordered"],
        needs: "a run with two time stamps",
        judge: order,
    },
    Check {
        id: "time.duration",
        title: "The duration of a finished run is the time from its start to its stop",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.times-ordered"],
        needs: "a read of a run with start, stop and duration",
        judge: duration,
    },
    Check {
        id: "time.duration-iff-started",
        title: "A run has a duration once it has started and null before, and it does not shrink",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.duration",
            "catalog.extract.get.duration",
            "catalog.agentic-search.get.duration",
        ],
        needs: "a successful read of a run",
        judge: duration_iff_started,
    },
    Check {
        id: "time.started-once",
        title: "A start date never changes",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.started-once"],
        needs: "two reads of a run that has started",
        judge: started_once,
    },
];

fn stamp(value: &Value) -> Option<Timestamp> {
    // An ISO 8601 date and time, and nothing that is only a date or has a space in the middle.
    value.as_str().filter(|text| text.contains('T')).and_then(|text| text.parse().ok())
}

fn format(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut judge = |seen: &Seen, pointer: String, value: &Value| {
        if value.is_null() {
            return;
        }
        tally.saw(seen);
        if stamp(value).is_none() {
            let expected = "ISO 8601 with a zone, e.g. 2026-01-15T10:30:00.000Z";
            tally.broke(seen, "not-iso8601", expected, value.to_string()).at(pointer);
        }
    };
    for (_, seen) in history.all_reads() {
        for pointer in [field::STARTED, field::STOPPED] {
            judge(seen, pointer.to_owned(), seen.at(pointer));
        }
    }
    for family in history.profile.families {
        for list in history.lists(family) {
            for (index, item) in list.at("/data").as_array().into_iter().flatten().enumerate() {
                judge(
                    list,
                    format!("/data/{index}/created_at"),
                    item.get("created_at").unwrap_or(&Value::Null),
                );
            }
        }
        for cancel in history.of(family.cancel).filter(|seen| seen.is_success()) {
            judge(cancel, "/stop_date".to_owned(), cancel.at("/stop_date"));
        }
    }
    tally
}

fn stop_date_iff_terminal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads() {
        let Some(state) = seen.state() else { continue };
        tally.saw(seen);
        let (started, stopped) = (seen.at(field::STARTED), seen.at(field::STOPPED));
        // A run that failed before it started has neither date.
        let never_ran = state == "failed" && started.is_null();
        match (is_terminal(state), stopped.is_null()) {
            (false, false) => {
                let expected = format!("null while {state}");
                tally.broke(seen, "set-while-active", expected, stopped.to_string()).at(field::STOPPED);
            }
            (true, true) if !never_ran => {
                let expected = format!("a time stamp once {state}");
                tally.broke(seen, "missing-when-terminal", expected, "null").at(field::STOPPED);
            }
            _ => {}
        }
    }
    tally
}

fn start_date_iff_started(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads() {
        let started = seen.at(field::STARTED);
        let (reason, expected) = match (seen.state(), started.is_null()) {
            (Some("pending"), false) => ("set-while-pending", "null while pending"),
            (Some("running" | "completed"), true) => ("missing-once-running", "a time stamp once running"),
            (Some("pending" | "running" | "completed"), _) => {
                tally.saw(seen);
                continue;
            }
            _ => continue,
        };
        tally.broke(seen, reason, expected, started.to_string()).at(field::STARTED);
    }
    tally
}

fn order(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let lists = history.lists(job.family).filter(|list| list.credential() == Some(&job.owner));
        let created = lists.into_iter().find_map(|list| {
            let item = list.item(&job.id)?;
            stamp(item.get("created_at")?)
        });
        for seen in history.reads(job) {
            let (started, stopped) = (stamp(seen.at(field::STARTED)), stamp(seen.at(field::STOPPED)));
            let pairs = [
                ("created", created, "started", started, field::STARTED),
                ("started", started, "stopped", stopped, field::STOPPED),
            ];
            for (first, earlier, second, later, pointer) in pairs {
                let (Some(earlier), Some(later)) = (earlier, later) else { continue };
                tally.saw(seen);
                // Stamps of different pages are cut to different precisions; a millisecond is not a contradiction.
                if earlier.as_millisecond() > later.as_millisecond() + 1 {
                    let observed = format!("{first} {earlier}, {second} {later}");
                    tally
                        .broke(seen, "out-of-order", format!("{first} before {second}"), observed)
                        .at(pointer);
                }
            }
        }
    }
    tally
}

fn duration(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads() {
        let stamps = (stamp(seen.at(field::STARTED)), stamp(seen.at(field::STOPPED)));
        let (Some(started), Some(stopped)) = stamps else { continue };
        let Some(duration) = seen.at(field::DURATION).as_f64() else { continue };
        tally.saw(seen);
        #[expect(clippy::cast_precision_loss, reason = "a run of 285,000 years would lose a millisecond")]
        let expected = (stopped.as_millisecond() - started.as_millisecond()) as f64;
        if (duration - expected).abs() > 1.0 {
            let expected = format!("{expected}, from start to stop, give or take 1");
            tally.broke(seen, "differs", expected, duration.to_string()).at(field::DURATION);
        }
    }
    tally
}

fn started_once(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, before, after) in history.read_pairs() {
        let (then, now) = (before.at(field::STARTED), after.at(field::STARTED));
        if then.is_null() {
            continue;
        }
        tally.saw(after);
        if then != now {
            tally
                .broke(after, "rewritten", then.to_string(), now.to_string())
                .at(field::STARTED)
                .after(before);
        }
    }
    tally
}

fn duration_iff_started(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let Some(state) = seen.state() else { continue };
        let shown = seen.at(field::DURATION);
        let started = seen.at(field::STARTED).is_string();
        tally.saw(seen);
        let clause = history.clause(&format!("catalog.{}.get.duration", job.family.name));
        let open = clause.filter(|clause| !clause.readings.is_empty());
        let (reason, expected) = match (state, shown.is_number()) {
            ("pending", true) => ("set-before-start", "null while pending"),
            ("running", shown) if open.is_some() => {
                // Null, says the text; growing, shows the example.
                if let Some(clause) = open {
                    tally.reading(&clause.id, usize::from(shown), seen);
                }
                continue;
            }
            ("running", false) => ("missing-while-running", "a number while running"),
            (over, false) if is_terminal(over) && started => {
                ("missing-once-over", "a number once the run is over")
            }
            _ => continue,
        };
        tally.broke(seen, reason, expected, shown.to_string()).at(field::DURATION);
    }
    for (_, before, after) in history.read_pairs() {
        let both = (before.at(field::DURATION).as_f64(), after.at(field::DURATION).as_f64());
        let (Some(then), Some(now)) = both else { continue };
        if before.state() == Some("running") && now < then {
            let expected = format!("at least {then}");
            tally.broke(after, "shrank", expected, now.to_string()).at(field::DURATION).after(before);
        }
    }
    tally
}

fn notation(history: &History) -> Tally {
    let mut tally = Tally::default();
    let millis = |text: &str| text.len() == "2026-01-15T10:30:00.000Z".len() && text.ends_with('Z');
    for (_, seen) in history.all_reads() {
        for pointer in [field::STARTED, field::STOPPED] {
            let Some(text) = seen.text(pointer) else { continue };
            tally.saw(seen);
            if !millis(text) {
                tally.broke(seen, "not-utc-millis", "e.g. 2026-01-15T10:30:00.000Z", text).at(pointer);
            }
        }
    }
    for family in history.profile.families.iter().filter(|family| family.name == "crawl") {
        for list in history.lists(family) {
            for (index, item) in list.at("/data").as_array().into_iter().flatten().enumerate() {
                let Some(text) = item.get("created_at").and_then(Value::as_str) else { continue };
                tally.saw(list);
                let digits = text.split_once('.').map_or("", |(_, rest)| rest.trim_end_matches("+00:00"));
                if !text.ends_with("+00:00") || digits.len() > 6 {
                    let expected = "an offset and at most six digits, e.g. 2026-01-15T10:30:00.5+00:00";
                    tally.broke(list, "no-offset", expected, text).at(format!("/data/{index}/created_at"));
                }
            }
        }
    }
    tally
}
