//! `rehearsal clauses`: every clause of a contract, which checks judge it, and what became of it in a run.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as ClapArgs, ValueEnum};
use conformance::ledger::run::Run;
use conformance::ledger::table::WIDTH;
use conformance::ledger::{Ledger, STATES, State, json, markdown, table};
use conformance::verdict::ExitCode as Code;

use crate::answer::{deliver, fail};
use crate::api;

const STATES_HELP: &str = "\
States:
  checked     its checks judge all of it
  partly      its checks judge a part of it; what they leave out is said
  conflict    the vendor's pages contradict each other; every reading will do
  unobserved  its checks did not meet their occasion, or need luck or money to
  excluded    no check can judge it; why is said
  unchecked   no check judges it";

/// Which clauses to show, and how.
#[derive(Debug, ClapArgs)]
#[command(after_help = STATES_HELP)]
pub(crate) struct Args {
    /// The API, with a version if need be: catalog, extralt (v0), extralt/v1, llama-extract
    /// (extractionv2), llama-extract/v1, llama-extract/v2
    #[arg(long, value_name = "API", default_value = "catalog")]
    api: String,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Only clauses in these states, separated by commas
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    state: Vec<State>,

    /// A JSON report of a check: shows what became of the clauses in that run
    #[arg(long, value_name = "PATH")]
    report_from: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a document
    Markdown,
}

/// Prints the ledger.
pub(crate) fn run(args: &Args) -> ExitCode {
    let ledger = match ledger(args) {
        Ok(ledger) => ledger.only(&args.state),
        Err(message) => return fail(Code::Usage, &message),
    };
    let text = match args.format {
        Format::Table => table::render(&ledger, width()),
        Format::Json => json::render(&ledger),
        Format::Markdown => markdown::render(&ledger),
    };
    deliver(&text)
}

fn ledger(args: &Args) -> Result<Ledger, String> {
    let (profile, contract) = api::named(&args.api)?;
    let Some(path) = &args.report_from else { return Ok(Ledger::new(contract, None)) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("--report-from: cannot read {}: {error}", path.display()))?;
    let run = Run::parse(&text, profile.api, profile.version)
        .map_err(|error| format!("--report-from: {}: {error}", path.display()))?;
    Ok(Ledger::new(contract, Some(&run)))
}

/// The terminal's width, within what reads well; the usual one where there is none.
fn width() -> u16 {
    terminal_size::terminal_size_of(std::io::stdout()).map_or(WIDTH, |(width, _)| width.0.clamp(80, 140))
}

fn state(text: &str) -> Result<State, String> {
    STATES.into_iter().find(|state| state.word() == text).ok_or_else(|| {
        let known = STATES.map(State::word).join(", ");
        format!("there are {known}")
    })
}
