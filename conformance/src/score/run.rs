//! The whole score: the control first, then every server, several at a time, in an order that does not depend on who is
//! done first.

use std::future::Future;

use fixtures::contract::Contract;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde::Serialize;

use super::board::{Control, ControlAlarm, Score, Tried};
use super::files::{self, Mistake};
use super::generated::{self, Generated};
use super::lawful::{self, Lawful, Tolerated};
use super::mutant::{self, Kill, Mutant};
use super::trial::{Bench, Difference, Trial};
use super::unproven::{self, Unproven};
use super::verdict::{Fate, Scored};
use super::{held_out, hopeless};
use crate::clock::Stopwatch;
use crate::report::Report;
use crate::verdict::{ExitCode, RunOutcome};

/// What is tried.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// Servers that are broken by hand.
    pub mutants: Vec<Mutant>,
    /// Servers that follow from the schemas.
    pub generated: Vec<Generated>,
    /// Servers that follow from blunt rules.
    pub held_out: Vec<Generated>,
    /// Servers that are lawful.
    pub lawful: Vec<Lawful>,
    /// Checks that are known to prove nothing.
    pub unproven: Vec<Unproven>,
    /// Whether this is a part only: servers that are no API are left out, and so are checks that nothing here is
    /// broken for.
    pub partial: bool,
}

/// How much is tried, and how.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// The seed of every trial but those of the control.
    pub seed: u64,
    /// How many seeds the control runs under, `seed` being the first.
    pub seeds: u32,
    /// How many trials run at a time.
    pub jobs: usize,
}

impl Entries {
    /// Everything this build knows about the API of a contract.
    ///
    /// # Errors
    ///
    /// Every mistake in its files.
    pub fn shipped(contract: &Contract) -> Result<Self, Vec<Mistake>> {
        Ok(Entries {
            mutants: mutant::shipped(contract)?,
            generated: generated::all(contract),
            held_out: held_out::all(contract),
            lawful: lawful::shipped(contract)?,
            unproven: unproven::shipped(contract)?,
            partial: false,
        })
    }

    /// Only the broken servers of one file.
    ///
    /// # Errors
    ///
    /// Every mistake in the text.
    pub fn of(file: &str, text: &str, contract: &Contract) -> Result<Self, Vec<Mistake>> {
        let mutants = files::read([(file, text)], contract)?;
        Ok(Entries { mutants, partial: true, ..Entries::default() })
    }

    /// Keeps at most `most` of the generated servers and of those that are held out, evenly spread.
    #[must_use]
    pub fn with_generated(mut self, most: usize) -> Self {
        for servers in [&mut self.generated, &mut self.held_out] {
            let all = servers.len();
            let kept = |index: usize| all <= most || (index * most) / all != ((index + 1) * most) / all;
            let mut index = 0;
            servers.retain(|_| {
                index += 1;
                kept(index - 1)
            });
        }
        self
    }
}

/// Scores the suite.
pub async fn score(bench: &Bench, entries: &Entries, effort: Effort) -> Score {
    let watch = Stopwatch::start();
    let Effort { seed, seeds, jobs } = effort;
    let mut tried = Tried::default();
    let mut alarms: Vec<ControlAlarm> = control(bench.clone(), seed).await.into_iter().collect();
    let mut runs = 1;
    // Without a green control nothing that a check says about a broken server means anything.
    if alarms.is_empty() {
        tried = try_all(bench, entries, seed, jobs).await;
        let more: Vec<u64> = (1..seeds).map(|offset| seed.wrapping_add(u64::from(offset))).collect();
        let controls = in_order(jobs, more.iter().map(|seed| control(bench.clone(), *seed))).await;
        runs += controls.len();
        let controls = more.iter().zip(controls).filter_map(|(seed, alarm)| match alarm {
            Ok(alarm) => alarm,
            Err(reason) => Some(ControlAlarm { seed: *seed, alarms: Vec::new(), wrong: Some(reason) }),
        });
        alarms.extend(controls);
    }
    let control = Control { first_seed: seed, runs, alarms };
    Score::new(bench, entries, tried, control, watch.elapsed_ms())
}

async fn try_all(bench: &Bench, entries: &Entries, seed: u64, jobs: usize) -> Tried {
    let trial = |difference: Difference| {
        let bench = bench.clone();
        async move { bench.try_out(seed, difference).await }
    };
    let mutants = entries.mutants.iter().map(|mutant| {
        let (trial, mutant) = (trial(mutant.difference()), mutant.clone());
        async move { Scored::new(&mutant, &trial.await) }
    });
    let mutants = in_order(jobs, mutants).await;
    let any_alarm = async |servers: &[Generated]| {
        let mutants: Vec<Mutant> = servers.iter().map(as_mutant).collect();
        let scored = mutants.iter().map(|mutant| {
            let (trial, mutant) = (trial(mutant.difference()), mutant.clone());
            async move { Scored::new(&mutant, &trial.await).by_any_alarm() }
        });
        let scored = in_order(jobs, scored).await;
        whole(&mutants, scored, |it, reason| Scored::new(it, &Err(reason)))
    };
    let generated = any_alarm(&entries.generated).await;
    let held_out = any_alarm(&entries.held_out).await;
    let lawful = entries.lawful.iter().map(|lawful| {
        let (trial, lawful, contract) = (trial(lawful.difference()), lawful.clone(), bench.contract);
        async move { lawful.judged(&trial.await, contract) }
    });
    let lawful = in_order(jobs, lawful).await;
    let obstacles = if entries.partial { &[] } else { hopeless::ALL };
    let hopeless = obstacles.iter().map(|it| hopeless::judge(bench.profile, *it));
    let hopeless = in_order(jobs, hopeless).await.into_iter().map(Result::flatten).collect();

    Tried {
        mutants: whole(&entries.mutants, mutants, |it, reason| Scored::new(it, &Err(reason))),
        generated,
        held_out,
        lawful: whole(&entries.lawful, lawful, |it, reason| it.judged(&Err(reason), bench.contract)),
        hopeless: whole(obstacles, hopeless, hopeless::Hopeless::broke),
    }
}

/// What came of each item, in their order; `broke` says it for those whose trial itself broke.
fn whole<T, R>(items: &[T], results: Vec<Result<R, String>>, broke: impl Fn(&T, String) -> R) -> Vec<R> {
    let pairs = items.iter().zip(results);
    pairs.map(|(item, result)| result.unwrap_or_else(|reason| broke(item, reason))).collect()
}

/// Runs futures, at most `jobs` at a time, and collects what they give in their order.
async fn in_order<F>(jobs: usize, futures: impl Iterator<Item = F>) -> Vec<Result<F::Output, String>>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let running = stream::iter(futures.map(tokio::spawn)).buffered(jobs.max(1));
    let results = running.map(|result| result.map_err(|error| format!("the trial itself broke: {error}")));
    results.collect().await
}

/// Judges the good server; `None` if nothing is wrong.
async fn control(bench: Bench, seed: u64) -> Option<ControlAlarm> {
    let trial = match bench.try_out(seed, Difference::default()).await {
        Ok(trial) => trial,
        Err(reason) => return Some(ControlAlarm { seed, alarms: Vec::new(), wrong: Some(reason) }),
    };
    let alarms = trial.alarms();
    let wrong = match &trial.result {
        Err(error) => Some(error.to_string()),
        Ok(report) if alarms.is_empty() && report.outcome != RunOutcome::Conformant => {
            Some(format!("nothing failed, but the outcome is not conformant: {}", report.notes.join(" ")))
        }
        Ok(_) => None,
    };
    (wrong.is_some() || !alarms.is_empty()).then_some(ControlAlarm { seed, alarms, wrong })
}

/// A generated server as an entry. Most are about the members of a schema, so that is the check that ought to notice;
/// but any will do.
fn as_mutant(generated: &Generated) -> Mutant {
    Mutant {
        id: generated.id.clone(),
        what: "It follows from the contract".into(),
        kills: Kill { check: "schema.response".into(), reasons: vec!["shape".into()] },
        edits: vec![generated.edit.clone()],
        defects: Vec::new(),
        scenario: None,
        equivalent: None,
        survives: None,
    }
}

/// What became of one server.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// One that is broken by hand.
    Broken(Scored),
    /// One that follows from a schema.
    Generated(Scored),
    /// One that is lawful.
    Lawful(Tolerated),
}

impl Only {
    /// How the process ends.
    pub fn exit(&self) -> ExitCode {
        let broke = matches!(self, Only::Broken(it) | Only::Generated(it) if it.fate == Fate::Error);
        match (broke, self.is_fine()) {
            (true, _) => ExitCode::Harness,
            (false, true) => ExitCode::Conformant,
            (false, false) => ExitCode::Nonconformant,
        }
    }

    /// Whether the suite took it for what it is.
    pub fn is_fine(&self) -> bool {
        match self {
            Only::Broken(scored) => !scored.is_open(),
            Only::Generated(scored) => scored.fate == Fate::Killed,
            Only::Lawful(tolerated) => tolerated.is_fine(),
        }
    }
}

/// One trial of the server with this id: what became of it, and the report, if there is one.
///
/// # Errors
///
/// When nothing has this id.
pub async fn only(
    bench: &Bench,
    entries: &Entries,
    id: &str,
    seed: u64,
) -> Result<(Only, Option<Report>), String> {
    let report = |trial: Result<Trial, String>| trial.ok().and_then(|trial| trial.result.ok());
    if let Some(mutant) = entries.mutants.iter().find(|mutant| mutant.id == id) {
        let trial = bench.try_out(seed, mutant.difference()).await;
        return Ok((Only::Broken(Scored::new(mutant, &trial)), report(trial)));
    }
    if let Some(lawful) = entries.lawful.iter().find(|lawful| lawful.id == id) {
        let trial = bench.try_out(seed, lawful.difference()).await;
        return Ok((Only::Lawful(lawful.judged(&trial, bench.contract)), report(trial)));
    }
    let mut generated = entries.generated.iter().chain(&entries.held_out);
    if let Some(mutant) = generated.find(|generated| generated.id == id).map(as_mutant) {
        let trial = bench.try_out(seed, mutant.difference()).await;
        return Ok((Only::Generated(Scored::new(&mutant, &trial).by_any_alarm()), report(trial)));
    }
    let ids = entries.mutants.iter().map(|it| it.id.as_str());
    let ids = ids.chain(entries.lawful.iter().map(|it| it.id.as_str()));
    let near: Vec<&str> = ids.filter(|known| known.contains(id) || id.contains(known)).take(5).collect();
    let advice = if near.is_empty() {
        format!(
            "`rehearsal score --api {}/{} --list` names them all",
            bench.profile.api, bench.profile.version
        )
    } else {
        format!("perhaps {}", near.join(", "))
    };
    Err(format!("there is no server `{id}` to try; {advice}"))
}
