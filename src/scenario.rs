//! `rehearsal scenario`: checks scenario files and shows the ones that come with the program.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use mock_server::scenario::load::{LoadError, load};
use mock_server::scenario::{library, parse, schema};
use serde_json::json;

use crate::answer::{Answer, counted};
use crate::exit::{MISTAKES, USAGE};

/// The arguments of `rehearsal scenario`.
#[derive(Debug, Args)]
pub(crate) struct ScenarioArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check scenarios and report every mistake in them
    ///
    /// Mistakes go to standard error, each with its place, the line and what to write instead; a summary of one line
    /// goes to standard output. The exit code is 0 if all scenarios are good, 1 if any has a mistake, and 2 if any is
    /// unknown or cannot be read.
    Lint {
        /// Paths of files, or names of shipped scenarios
        ///
        /// What has a `/` in it or ends in `.yaml`, `.yml` or `.json` is a path.
        #[arg(required = true, value_name = "FILE|NAME")]
        scenarios: Vec<String>,
    },
    /// List the scenarios that come with the program
    List {
        /// Print JSON: an array of `{"name", "description"}`
        #[arg(long)]
        json: bool,
    },
    /// Print a scenario that comes with the program, as the start of one's own
    Show {
        /// Its name, as `list` gives it
        name: String,
    },
    /// Print the JSON Schema (draft-07) of scenario files, for completion in editors
    ///
    /// Save it beside the scenarios as `scenario.schema.json`, and begin each of them with the line
    /// `# yaml-language-server: $schema=scenario.schema.json`.
    Schema,
}

/// Carries out the command.
pub(crate) fn run(args: &ScenarioArgs) -> ExitCode {
    let answer = match &args.command {
        Command::Lint { scenarios } => lint(scenarios),
        Command::List { json } => list(*json),
        Command::Show { name } => show(name),
        Command::Schema => Answer { out: format!("{:#}\n", schema()), ..Answer::default() },
    };
    answer.deliver()
}

fn lint(scenarios: &[String]) -> Answer {
    let (mut mistakes, mut unreadable) = (0, 0);
    let mut complaints = Vec::new();
    for scenario in scenarios {
        match load(scenario) {
            Ok(_) => {}
            Err(LoadError::Mistakes(diagnostics)) => {
                mistakes += diagnostics.count();
                complaints.push(diagnostics.render(true));
            }
            Err(error @ (LoadError::Unknown { .. } | LoadError::Unreadable { .. })) => {
                unreadable += 1;
                complaints.push(format!("error: {error}\n"));
            }
        }
    }
    let not_read = if unreadable > 0 { format!(", {unreadable} not read") } else { String::new() };
    Answer {
        out: format!(
            "{}: {}{not_read}\n",
            counted(scenarios.len(), "scenario"),
            counted(mistakes, "mistake")
        ),
        err: complaints.join("\n"),
        code: match (unreadable, mistakes) {
            (0, 0) => 0,
            (0, _) => MISTAKES,
            _ => USAGE,
        },
    }
}

fn list(json: bool) -> Answer {
    // That the shipped scenarios can be parsed is a test of the library.
    let described: Vec<(&str, String)> = library::shipped()
        .iter()
        .filter_map(|shipped| Some((shipped.name, parse(shipped.name, shipped.text).ok()?.description)))
        .collect();
    let out = if json {
        let scenarios: Vec<_> = described
            .iter()
            .map(|(name, description)| json!({ "name": name, "description": description }))
            .collect();
        format!("{:#}\n", json!(scenarios))
    } else {
        let width = described.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        described.iter().map(|(name, description)| format!("{name:width$}  {description}\n")).collect()
    };
    Answer { out, ..Answer::default() }
}

fn show(name: &str) -> Answer {
    match library::find(name) {
        Some(shipped) => Answer { out: shipped.text.to_owned(), ..Answer::default() },
        None => {
            let advice = match library::nearest_name(name) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`rehearsal scenario list` names the shipped ones".to_owned(),
            };
            Answer::refusal(&format!("there is no scenario `{name}`; {advice}"))
        }
    }
}
