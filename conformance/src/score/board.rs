//! The score as data; the formats render it and decide nothing.

pub mod csv;
pub mod json;
pub mod terminal;

use std::collections::BTreeSet;

use fixtures::contract::{Evidence, Level, Party};
use serde::Serialize;

use super::figure::{Figure, bound_after_none};
use super::hopeless::Outcome;
use super::lawful::Tolerated;
use super::run::Entries;
use super::trial::{Alarm, Bench};
use super::verdict::{Fate, Scored};
use crate::checks::{Check, GROUPS};
use crate::report::level;
use crate::verdict::ExitCode;

/// The version of the score's shape. It changes when a member changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// What became of every server that was tried.
#[derive(Debug, Default)]
pub struct Tried {
    /// Broken by hand.
    pub mutants: Vec<Scored>,
    /// Broken as schemas suggest.
    pub generated: Vec<Scored>,
    /// Broken by blunt rules.
    pub held_out: Vec<Scored>,
    /// Lawful.
    pub lawful: Vec<Tolerated>,
    /// No API at all.
    pub hopeless: Vec<Outcome>,
}

/// What a suite is worth.
#[derive(Debug, Serialize)]
pub struct Score {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of the harness.
    pub harness: &'static str,
    /// The API.
    pub api: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The seed of the trials.
    pub seed: u64,
    /// What the process exits with.
    pub exit_code: u8,
    /// Killed of those that count.
    pub figure: Figure,
    /// The same by group of checks.
    pub groups: Vec<Share>,
    /// The same by how strongly the check binds.
    pub levels: Vec<Share>,
    /// MUST clauses that some check judges: those whose check has killed something, of all.
    pub must_clauses: Figure,
    /// How many servers met which fate.
    pub fates: Vec<Count>,
    /// Servers that are broken by hand.
    pub mutants: Vec<Scored>,
    /// Every check with what it killed.
    pub checks: Vec<Proof>,
    /// Servers that follow from the schemas, apart: nobody wrote a check for them.
    pub generated: Generation,
    /// Servers that follow from blunt rules about refusals and lists, apart as well.
    pub held_out: Generation,
    /// Servers that are lawful.
    pub lawful: Vec<Tolerated>,
    /// Servers that are no API.
    pub hopeless: Vec<Outcome>,
    /// The good server.
    pub control: ControlReport,
    /// What somebody has to do something about, in sentences.
    pub problems: Vec<String>,
    /// Whether only some servers were tried; checks that none of them is broken for are then no problem.
    pub partial: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// A part of the broken servers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// Which part.
    pub name: &'static str,
    /// Killed of those that count.
    #[serde(flatten)]
    pub figure: Figure,
}

/// How many met a fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The fate.
    pub fate: Fate,
    /// How many.
    pub count: usize,
}

/// What a check has shown of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The check.
    pub check: &'static str,
    /// Servers that were broken for it and that it killed.
    pub kills: usize,
    /// Servers, of all that are broken, that it failed.
    pub fails: usize,
    /// Why it kills nothing, if that is known.
    pub because: Option<String>,
}

/// Servers that follow from the contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Generation {
    /// Killed by any check, of those that took effect.
    pub figure: Figure,
    /// Those that never took effect, for want of such an answer.
    pub not_triggered: usize,
    /// Those that no check noticed.
    pub unnoticed: Vec<Scored>,
    /// The names of those that some check noticed.
    pub killed: Vec<String>,
    #[serde(skip)]
    all: Vec<Scored>,
}

/// The good server under many seeds.
#[derive(Debug, Default)]
pub struct Control {
    /// The first seed; the others follow it.
    pub first_seed: u64,
    /// How many runs there were.
    pub runs: usize,
    /// Those that alarmed.
    pub alarms: Vec<ControlAlarm>,
}

/// An alarm about a good server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlAlarm {
    /// The seed that shows it.
    pub seed: u64,
    /// The checks that alarmed.
    pub alarms: Vec<Alarm>,
    /// What else is wrong with the run.
    pub wrong: Option<String>,
}

/// The control as it is reported.
#[derive(Debug, Serialize)]
pub struct ControlReport {
    /// The first seed; the others follow it.
    pub first_seed: u64,
    /// How many runs there were.
    pub runs: usize,
    /// Those that alarmed.
    pub alarms: Vec<ControlAlarm>,
    /// The most, in percent, that good servers alarm in 95 of 100 cases (rule of three); none after an alarm.
    pub at_most_percent: Option<f64>,
}

impl Score {
    /// Puts together what was tried.
    pub fn new(bench: &Bench, entries: &Entries, tried: Tried, control: Control, duration_ms: u64) -> Self {
        let Tried { mutants, generated, held_out, lawful, hopeless } = tried;
        let broken: Vec<&Scored> = mutants.iter().chain(&generated).chain(&held_out).collect();
        let checks = proofs(bench, &mutants, &broken, entries);
        let (generated, held_out) = (Generation::new(generated), Generation::new(held_out));
        let at_most_percent = control.alarms.is_empty().then(|| bound_after_none(control.runs));
        let Control { first_seed, runs, alarms } = control;
        let mut score = Score {
            schema: SCHEMA,
            harness: env!("CARGO_PKG_VERSION"),
            api: bench.profile.api,
            version: bench.profile.version,
            seed: first_seed,
            exit_code: 0,
            figure: figure(mutants.iter()),
            groups: groups(&mutants),
            levels: levels(&mutants),
            must_clauses: must_clauses(bench, &checks),
            fates: fates(&mutants),
            mutants,
            checks,
            generated,
            held_out,
            lawful,
            hopeless,
            control: ControlReport { first_seed, runs, alarms, at_most_percent },
            problems: Vec::new(),
            partial: entries.partial,
            duration_ms,
        };
        score.problems = score.find_problems();
        score.exit_code = score.exit().code();
        score
    }

    /// Every broken server, by hand first.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, &Scored)> {
        let by_hand = self.mutants.iter().map(|scored| ("by-hand", scored));
        let generated = self.generated.all.iter().map(|scored| ("generated", scored));
        by_hand.chain(generated).chain(self.held_out.all.iter().map(|scored| ("held-out", scored)))
    }

    /// Whether it shows which checks have no proof: a part of the servers does not, nor does the good one alone, after
    /// whose alarm nothing else is tried.
    pub fn shows_unproven(&self) -> bool {
        !self.partial && !self.hopeless.is_empty()
    }

    fn find_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for alarm in &self.control.alarms {
            problems.push(format!("the good server alarms under seed {}", alarm.seed));
        }
        for scored in self.mutants.iter().filter(|scored| scored.is_open()) {
            problems.push(format!("{}: {}", scored.id, scored.fate.words()));
        }
        let errors = self.generated.all.iter().chain(&self.held_out.all);
        let errors = errors.filter(|scored| scored.fate == Fate::Error);
        problems.extend(errors.map(|scored| format!("{}: {}", scored.id, scored.fate.words())));
        for proof in self.checks.iter().filter(|_| self.shows_unproven()) {
            match (proof.kills, &proof.because) {
                (0, None) => problems.push(format!("{} kills nothing", proof.check)),
                (1.., Some(_)) => {
                    problems.push(format!("{} is listed as unproven and is not", proof.check));
                }
                _ => {}
            }
        }
        problems.extend(
            self.lawful
                .iter()
                .filter(|it| !it.is_fine())
                .map(|it| format!("{}: a lawful server alarms", it.id)),
        );
        let hopeless = self.hopeless.iter().filter_map(|it| Some((it.id, it.wrong.as_ref()?)));
        problems.extend(hopeless.map(|(id, wrong)| format!("{id}: {wrong}")));
        problems
    }

    fn exit(&self) -> ExitCode {
        let harness = self.broken().any(|(_, scored)| scored.fate == Fate::Error)
            || self.hopeless.iter().any(|it| it.exit_code == ExitCode::Harness.code());
        match (harness, self.problems.is_empty()) {
            (true, _) => ExitCode::Harness,
            (false, false) => ExitCode::Nonconformant,
            (false, true) => ExitCode::Conformant,
        }
    }
}

impl Generation {
    fn new(all: Vec<Scored>) -> Self {
        let triggered = all.iter().filter(|scored| scored.fate != Fate::NotTriggered);
        let killed: Vec<String> =
            all.iter().filter(|scored| scored.fate == Fate::Killed).map(|scored| scored.id.clone()).collect();
        let unnoticed: Vec<Scored> =
            triggered.filter(|scored| scored.fate != Fate::Killed).cloned().collect();
        Generation {
            figure: Figure::new(killed.len(), killed.len() + unnoticed.len()),
            not_triggered: all.len() - killed.len() - unnoticed.len(),
            unnoticed,
            killed,
            all,
        }
    }
}

fn figure<'a>(mutants: impl Iterator<Item = &'a Scored>) -> Figure {
    let counted: Vec<_> = mutants.filter(|scored| scored.fate.counts()).collect();
    let killed = counted.iter().filter(|scored| scored.fate == Fate::Killed).count();
    Figure::new(killed, counted.len())
}

fn fates(mutants: &[Scored]) -> Vec<Count> {
    let counts =
        Fate::ALL.map(|fate| Count { fate, count: mutants.iter().filter(|it| it.fate == fate).count() });
    counts.into_iter().filter(|count| count.count > 0).collect()
}

fn groups(mutants: &[Scored]) -> Vec<Share> {
    let shares = GROUPS.iter().map(|group| {
        let own = |scored: &&Scored| group.checks.iter().any(|check| check.id == scored.check);
        Share { name: group.title, figure: figure(mutants.iter().filter(own)) }
    });
    shares.filter(|share| share.figure.of > 0).collect()
}

fn levels(mutants: &[Scored]) -> Vec<Share> {
    let shares = [Level::Must, Level::Should, Level::May].map(|wanted| {
        let own = |scored: &&Scored| check(&scored.check).is_some_and(|check| check.level == wanted);
        Share { name: level(wanted), figure: figure(mutants.iter().filter(own)) }
    });
    shares.into_iter().filter(|share| share.figure.of > 0).collect()
}

fn check(id: &str) -> Option<&'static Check> {
    crate::checks::find(id)
}

fn proofs(bench: &Bench, mutants: &[Scored], broken: &[&Scored], entries: &Entries) -> Vec<Proof> {
    crate::checks::of(bench.contract)
        .map(|(_, check)| {
            let killed = |it: &&Scored| it.fate == Fate::Killed && it.check == check.id;
            let failed = |it: &&&Scored| it.alarms.iter().any(|alarm| alarm.check == check.id);
            let because = entries.unproven.iter().find(|unproven| unproven.check == check.id);
            Proof {
                check: check.id,
                kills: mutants.iter().filter(killed).count(),
                fails: broken.iter().filter(failed).count(),
                because: because.map(|unproven| unproven.because.clone()),
            }
        })
        .collect()
}

fn must_clauses(bench: &Bench, proofs: &[Proof]) -> Figure {
    let judged = |proven: bool| -> BTreeSet<&str> {
        let checks = proofs.iter().filter(|proof| !proven || proof.kills > 0);
        let clauses = checks.filter_map(|proof| check(proof.check)).flat_map(|check| check.clauses);
        let clauses = clauses.filter_map(|id| bench.contract.clause(id));
        let binding = clauses.filter(|clause| {
            let documented = matches!(clause.evidence, Evidence::Documented | Evidence::Mentioned);
            documented && clause.level == Level::Must && clause.binds == Party::Server
        });
        binding.map(|clause| clause.id.as_str()).collect()
    };
    Figure::new(judged(true).len(), judged(false).len())
}

#[cfg(test)]
mod tests;
