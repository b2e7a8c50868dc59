//! `rehearsal score`: proves the checks on servers that are broken on purpose.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use clap::builder::RangedU64ValueParser;
use clap::{Args as ClapArgs, ValueEnum};
use conformance::score::board::{Score, csv, json, terminal};
use conformance::score::files::Mistake;
use conformance::score::listing;
use conformance::score::run::{Effort, Entries, only, score};
use conformance::score::trial::Bench;
use conformance::verdict::ExitCode as Code;
use fixtures::contract::Contract;
use mock_server::shared::defects::Defect;

use self::stand::OwnServer;
use crate::answer::{fail, print};
use crate::api;

mod stand;

const EXIT_CODES: &str = "\
Exit codes:
  0  proven: every broken server was found by its check, or it is written down why not; no good server alarms
  1  not proven
  2  a flag or a file is wrong
  4  the harness itself failed";

/// What to try, and how.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// The API whose checks are proven, with a version if need be: catalog, extralt (v0), extralt/v1, llama-extract
    /// (extractionv2), llama-extract/v1, llama-extract/v2
    #[arg(long, value_name = "API", env = "REHEARSAL_SCORE_API", default_value = "catalog")]
    api: String,

    /// The seed of the servers
    #[arg(long, value_name = "N", env = "REHEARSAL_SCORE_SEED", default_value_t = 1)]
    seed: u64,

    /// Under how many seeds the good server is checked for false alarms
    #[arg(long, value_name = "N", env = "REHEARSAL_SCORE_SEEDS", default_value_t = 100,
        value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    seeds: u32,

    /// How many of the servers that follow from the schemas to try; all unless given
    #[arg(long, value_name = "N", env = "REHEARSAL_SCORE_GENERATED")]
    generated: Option<usize>,

    /// Try this one broken or lawful server, and print what the checks found
    #[arg(long, value_name = "ID", env = "REHEARSAL_SCORE_ONLY")]
    only: Option<String>,

    /// Print what would be tried, and try nothing
    #[arg(long, env = "REHEARSAL_SCORE_LIST", conflicts_with_all = ["only", "format"])]
    list: bool,

    /// Try the broken servers of this file, and nothing else but the good one
    #[arg(long, value_name = "FILE", env = "REHEARSAL_SCORE_BROKEN")]
    broken: Option<PathBuf>,

    /// How many servers to try at a time; as many as there are processors unless given
    #[arg(long, value_name = "N", env = "REHEARSAL_SCORE_JOBS",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=64))]
    jobs: Option<usize>,

    /// What to print
    #[arg(long, value_enum, env = "REHEARSAL_SCORE_FORMAT", default_value_t = Format::Terminal)]
    format: Format,

    /// Also write the score to a file: json=PATH, or the kill matrix: csv=PATH; may be given several times
    #[arg(long, value_name = "json|csv=PATH", env = "REHEARSAL_SCORE_REPORT", value_parser = report_file)]
    report: Vec<ReportFile>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Terminal,
    /// For programs
    Json,
}

/// A file to write, and what into it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ReportFile {
    Json(PathBuf),
    Csv(PathBuf),
}

/// Runs the score; every way out has its code.
pub(crate) async fn run(args: Args) -> ExitCode {
    match carried_out(&args).await {
        Ok(code) => ExitCode::from(code),
        Err((code, message)) => fail(code, &message),
    }
}

async fn carried_out(args: &Args) -> Result<u8, (Code, String)> {
    let usage = |message: String| (Code::Usage, message);
    let (profile, contract) = api::named(&args.api).map_err(usage)?;
    let bench = Bench { stand: Arc::new(OwnServer), profile, contract };
    let entries = entries(args, contract).map_err(usage)?;
    if args.list {
        printed(&listing::render(&entries))?;
        return Ok(0);
    }
    if let Some(id) = &args.only {
        let (only, report) = only(&bench, &entries, id, args.seed).await.map_err(usage)?;
        let text = match args.format {
            Format::Terminal => terminal::render_only(&only, report.as_ref(), io::stdout().is_terminal()),
            Format::Json => format!("{}\n", serde_json::json!({ "tried": only, "report": report })),
        };
        printed(&text)?;
        return Ok(only.exit().code());
    }
    let jobs = args.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(2, usize::from));
    let effort = Effort { seed: args.seed, seeds: args.seeds, jobs };
    if args.format == Format::Terminal && io::stderr().is_terminal() {
        let count = entries.mutants.len() + entries.generated.len() + entries.lawful.len();
        let _ = writeln!(anstream::stderr().lock(), "trying {count} servers, and {} good ones …", args.seeds);
    }
    let score = score(&bench, &entries, effort).await;
    for file in &args.report {
        write(file, &score)?;
    }
    let text = match args.format {
        Format::Terminal => terminal::render(&score, io::stdout().is_terminal()),
        Format::Json => json::render(&score),
    };
    printed(&text)?;
    Ok(score.exit_code)
}

/// Writes to standard output.
fn printed(text: &str) -> Result<(), (Code, String)> {
    print(text).map_err(|error| (Code::Harness, format!("cannot print the score: {error}")))
}

fn entries(args: &Args, contract: &Contract) -> Result<Entries, String> {
    let entries = match &args.broken {
        None => Entries::shipped(contract),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("--broken: cannot read {}: {error}", path.display()))?;
            Entries::of(&path.display().to_string(), &text, contract)
        }
    };
    let entries = entries.map_err(|mistakes| listed(&mistakes))?;
    if let (Some(path), true) = (&args.broken, entries.mutants.is_empty()) {
        return Err(format!("--broken: {} has no entries", path.display()));
    }
    for mutant in &entries.mutants {
        for name in &mutant.defects {
            let known = name.parse::<Defect>();
            known.map_err(|error| format!("entry `{}`: {error}", mutant.id))?;
        }
        // The server is not started before the score, which says nothing of one that cannot be.
        if let Some(text) = &mutant.scenario {
            stand::parsed(text)
                .map_err(|mistakes| format!("entry `{}`: its scenario is wrong\n{mistakes}", mutant.id))?;
        }
    }
    Ok(match args.generated {
        Some(most) => entries.with_generated(most),
        None => entries,
    })
}

fn listed(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\nerror: ")
}

fn write(file: &ReportFile, score: &Score) -> Result<(), (Code, String)> {
    let (path, text) = match file {
        ReportFile::Json(path) => (path, json::render(score)),
        ReportFile::Csv(path) => (path, csv::render(score)),
    };
    std::fs::write(path, text)
        .map_err(|error| (Code::Harness, format!("cannot write the score to {}: {error}", path.display())))
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    match text.split_once('=') {
        Some((_, "-")) => Err("a report goes to a file; --format chooses what is printed".to_owned()),
        Some(("json", path)) if !path.is_empty() => Ok(ReportFile::Json(path.into())),
        Some(("csv", path)) if !path.is_empty() => Ok(ReportFile::Csv(path.into())),
        _ => Err(format!("`{text}` is neither json=PATH nor csv=PATH")),
    }
}
