//! Requests that are made again, slots, and credits.

mod idempotency;

use self::idempotency::{once, other_body, same_answer};
use super::super::{Check, Cost};
use super::{asked, called, expect, good, jobs, member, must, should};
use crate::history::History;
use crate::history::seen::{LIMITED_KEY, Seen};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "idempotency.once",
        "A create or a restart that repeats its Idempotency-Key happens once",
        Cost::Job,
        &["extralt.v1.idempotency.once"],
        "two equal requests with one Idempotency-Key",
        once,
    ),
    should(
        "idempotency.same-answer",
        "Such a request is answered as the first was",
        Cost::Job,
        &["extralt.v1.idempotency.same-answer"],
        "two equal requests with one Idempotency-Key",
        same_answer,
    ),
    should(
        "idempotency.other-body",
        "The same Idempotency-Key with another body is answered with 409",
        Cost::Job,
        &["extralt.v1.idempotency.other-body"],
        "two different requests with one Idempotency-Key",
        other_body,
    ),
    must(
        "slots.start-one",
        "On the plan Start no two runs are at work at the same time",
        Cost::Long,
        &["extralt.v0.concurrency.start-one"],
        "a list of runs of an organization on the plan Start",
        start_one,
    ),
    must(
        "slots.queued",
        "A run beyond the limit is accepted, and pending until a slot is free",
        Cost::Long,
        &["extralt.v0.concurrency.queued"],
        "a list of runs of an organization on the plan Start",
        queued,
    ),
    should(
        "slots.waits",
        "A run that finds no free slot is accepted and waits, pending",
        Cost::Long,
        &["extralt.v1.concurrency.queued"],
        "a list of runs of an organization on the plan Start",
        queued,
    ),
    must(
        "slots.scale",
        "On the plan Scale no run waits for another one",
        Cost::Job,
        &["extralt.v0.concurrency.scale"],
        "two runs at work at the same time",
        scale,
    ),
    must(
        "credits.402",
        "What cannot be paid for is answered with 402",
        Cost::Long,
        &["extralt.v0.errors.insufficient-credits-402", "extralt.v1.errors.insufficient-credits-402"],
        "a run asked for without credits",
        unpaid,
    ),
    should(
        "credits.prices",
        "Each capture costs two credits, taken as it is made",
        Cost::Long,
        &["extralt.v1.credits.prices"],
        "a run with credits for one capture and a part of another",
        prices,
    ),
    should(
        "credits.unlimited",
        "Unless somebody says how many there are, credits never run out",
        Cost::Passive,
        &["extralt.v0.credits.unlimited"],
        "an accepted create",
        unlimited,
    ),
    must(
        "limit.429",
        "Requests beyond the rate limit are answered with 429",
        Cost::Read,
        &["extralt.v0.errors.rate-limited-429", "extralt.v1.errors.rate-limited-429"],
        "many requests at once under a limit that was switched on",
        limited,
    ),
    should(
        "limit.bucket",
        "An organization may make thirty requests at once",
        Cost::Read,
        &["extralt.v0.rate-limit.bucket"],
        "many requests at once under a limit that was switched on",
        bucket,
    ),
    must(
        "schedule.rests",
        "A schedule rests by itself while there are no credits",
        Cost::Long,
        &["extralt.v0.schedules.pause.no-credits"],
        "an interval of a schedule without credits",
        rests,
    ),
    should(
        "schedule.no-credits",
        "A schedule without credits is paused, with no_credits as the reason",
        Cost::Long,
        &["extralt.v1.schedules.pause.no-credits"],
        "an interval of a schedule without credits",
        rests,
    ),
];

/// The lists of the organization that is on the plan Start, with the runs at work and those that wait.
fn queues(history: &History) -> Vec<(&Seen, usize, usize)> {
    let lists = good(history, "extralt.runs.list").filter(|list| list.credential() == Some(LIMITED_KEY));
    let count = |list: &Seen, states: &[&str]| {
        let is = |state: &serde_json::Value| states.iter().any(|known| state == known);
        list.items().iter().filter(|item| is(member(item, "status"))).count()
    };
    let counted = lists.map(|list| {
        (list, count(list, &["starting", "running", "finalizing"]), count(list, &["pending", "restarting"]))
    });
    counted.collect()
}

fn start_one(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (list, working, _) in queues(history) {
        tally.saw(list);
        if working > 1 {
            tally.broke(list, "two-at-work", "one at most", working.to_string());
        }
    }
    tally
}

fn queued(history: &History) -> Tally {
    let mut tally = Tally::default();
    let creates = asked(history, "extralt.runs.create").filter(|seen| seen.credential() == Some(LIMITED_KEY));
    let lists = queues(history);
    let Some((first, ..)) = lists.first() else { return tally };
    expect(&mut tally, creates.filter(|seen| seen.id() < first.id()), "refused", &[202]);
    if let Some((last, ..)) = lists.last()
        && !lists.iter().any(|(_, working, waiting)| *working == 1 && *waiting > 0)
    {
        tally.broke(last, "none-waits", "a run at work and others pending", "never both");
    }
    tally
}

fn scale(history: &History) -> Tally {
    let mut tally = Tally::default();
    let names = called(history);
    let work = ["starting", "running", "finalizing"];
    let is_at_work = |item: &&serde_json::Value| work.iter().any(|state| member(item, "status") == state);
    let mut own = good(history, "extralt.runs.list").filter(|list| list.credential() == Some("$KEY_A"));
    let two_at_work = |list: &&Seen| list.items().iter().filter(is_at_work).count() > 1;
    if let Some(list) = own.rfind(two_at_work) {
        tally.saw(list);
    }
    // Two that were started before either was over worked at the same time.
    let spans: Vec<_> = jobs(history, "run")
        .filter(|job| job.owner == "$KEY_A" && history.restarts(job).next().is_none())
        .filter_map(|job| {
            let read = super::end(history, job)?;
            let started = super::instant(member(read.body(), names.started))?;
            let length = read.at("/duration").as_f64()?;
            Some((read, super::instant(member(read.body(), names.created))?, started, started + length))
        })
        .collect();
    for (nth, (read, created, started, _)) in spans.iter().enumerate() {
        let long = |from: &f64, until: &f64| until - from >= LONG_MS;
        for (other, _, from, until) in spans[..nth].iter().filter(|(_, _, from, until)| long(from, until)) {
            // Both were waiting to begin, and this one began when the other was over.
            if created <= from && started >= until {
                tally
                    .broke(read, "waited", "a start of its own", "a start after the other's end")
                    .after(other);
            }
        }
    }
    tally
}

/// No run takes so long to begin by itself, in milliseconds.
const LONG_MS: f64 = 6_000.0;

/// The runs of the poor organization that ended for want of credits.
fn dry(history: &History) -> impl Iterator<Item = &Seen> {
    let reason = called(history).reason;
    jobs(history, "run")
        .filter(|job| job.owner == LIMITED_KEY)
        .filter_map(|job| super::end(history, job))
        .filter(move |read| member(read.body(), reason) == "Out of credits")
}

fn unpaid(history: &History) -> Tally {
    let mut tally = Tally::default();
    let Some(end) = dry(history).next() else { return tally };
    for seen in asked(history, "extralt.runs.create") {
        if seen.credential() == Some(LIMITED_KEY) && seen.id() > end.id() {
            tally.saw(seen);
            if seen.status() != Some(402) {
                tally.broke(seen, "not-402", "402", seen.status_text()).after(end);
            }
        }
    }
    tally
}

fn prices(history: &History) -> Tally {
    let mut tally = Tally::default();
    for read in dry(history) {
        tally.saw(read);
        // There were three credits, and a capture costs two.
        if read.at("/extracted") != 1 {
            tally.broke(
                read,
                "other-price",
                "one capture for three credits",
                read.at("/extracted").to_string(),
            );
        }
    }
    tally
}

fn unlimited(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in asked(history, "extralt.runs.create").filter(|seen| seen.credential() == Some("$KEY_A")) {
        tally.saw(seen);
        if seen.status() == Some(402) {
            tally.broke(seen, "out-of-credits", "credits without end", "402");
        }
    }
    tally
}

/// The last requests of the poor organization in a row that list runs as they come.
fn burst(history: &History) -> Vec<&Seen> {
    let own = history.all().iter().filter(|seen| seen.credential() == Some(LIMITED_KEY));
    let plain = |seen: &&&Seen| seen.is("extralt.runs.list") && seen.exchange().request().query().is_empty();
    let own: Vec<_> = own.collect();
    let mut burst: Vec<_> = own.iter().rev().take_while(|seen| plain(seen)).copied().collect();
    burst.reverse();
    burst
}

/// Fewer at once show nothing.
const MANY: usize = 50;

fn limited(history: &History) -> Tally {
    let mut tally = Tally::default();
    let burst = burst(history);
    let turned_away = burst.iter().find(|seen| seen.status() == Some(429));
    match (turned_away, burst.last()) {
        (Some(seen), _) => tally.saw(seen),
        (None, Some(last)) if burst.len() >= MANY => {
            tally.broke(last, "no-429", "429 beyond the limit", format!("{} answers", burst.len()));
        }
        _ => {}
    }
    tally
}

/// How many requests may be made at once.
const BUCKET: usize = 30;

fn bucket(history: &History) -> Tally {
    let mut tally = Tally::default();
    let burst = burst(history);
    let admitted = burst.iter().filter(|seen| seen.status() != Some(429)).count();
    if let Some(last) = burst.iter().find(|seen| seen.status() == Some(429)) {
        tally.saw(last);
        // What was asked for before may have taken some of them, and time gives back two in a second.
        if !(BUCKET - 5..=BUCKET + 5).contains(&admitted) {
            tally.broke(last, "other-size", BUCKET.to_string(), admitted.to_string());
        }
    }
    tally
}

fn rests(history: &History) -> Tally {
    let mut tally = Tally::default();
    let get = "extralt.schedules.get";
    let reads: Vec<_> = good(history, get).filter(|seen| seen.credential() == Some(LIMITED_KEY)).collect();
    let (Some(before), Some(after)) = (reads.first(), reads.get(1)) else { return tally };
    if dry(history).next().is_none() {
        return tally;
    }
    tally.saw(after);
    let lists = good(history, "extralt.runs.list").filter(|list| list.credential() == Some(LIMITED_KEY));
    let lists: Vec<_> = lists.collect();
    let one = lists.iter().rfind(|list| list.id() < before.id());
    let other = lists.iter().find(|list| list.id() > before.id());
    if let (Some(one), Some(other)) = (one, other)
        && other.items().len() > one.items().len()
    {
        tally.broke(other, "run", "no run without credits", "a new run").after(before);
    }
    if history.profile.version == "v1" && after.text("/pause_reason") != Some("no_credits") {
        let observed = after.at("/pause_reason").to_string();
        tally.broke(after, "other-reason", "no_credits", observed).at("/pause_reason").after(before);
    }
    tally
}
