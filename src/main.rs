//! The command line of Rehearsal: parses, calls a library, exits.

#![expect(clippy::print_stderr, reason = "a command line speaks through it")]

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

mod answer;
mod api;
mod check;
mod clauses;
mod environment;
mod exit;
mod scenario;
mod score;
mod serve;
mod signal;
mod validate;

/// A stand-in for asynchronous extraction APIs, and a harness that checks servers against their documents.
///
/// Start with `rehearsal serve`: it needs no account, no key and no network.
#[derive(Debug, Parser)]
#[command(name = "rehearsal", version, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the stand-in server
    Serve(serve::Args),
    /// Check, list and show scenario files
    Scenario(scenario::ScenarioArgs),
    /// Judge a server against the documents of an API
    Check(check::Args),
    /// Judge payloads against the documents of an API
    Validate(validate::Args),
    /// Prove the checks on servers that are broken on purpose
    Score(score::Args),
    /// Print every clause of an API's contract and the checks that judge it
    Clauses(clauses::Args),
    /// Print a completion script for a shell
    ///
    /// For example: rehearsal completions bash > ~/.local/share/bash-completion/completions/rehearsal
    Completions {
        /// The shell
        shell: Shell,
    },
}

fn main() -> ExitCode {
    let mut command = environment::lenient(Cli::command());
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let cli = parsed.and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match cli.map_err(|error| error.format(&mut command)) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => error.exit(),
        // The help or the version, which was asked for.
        Err(help) => return answer::deliver(&help.render().ansi().to_string()),
    };
    match cli.command {
        Command::Serve(args) => block_on(serve::run(args)),
        Command::Scenario(args) => scenario::run(&args),
        Command::Check(args) => block_on(check::run(args)),
        Command::Validate(args) => validate::run(&args),
        Command::Score(args) => block_on(score::run(args)),
        Command::Clauses(args) => clauses::run(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rehearsal", &mut script);
            answer::deliver(&String::from_utf8_lossy(&script))
        }
    }
}

fn block_on(command: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => {
            eprintln!("error: cannot start threads: {error}");
            exit::FAILURE
        }
    }
}
