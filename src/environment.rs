//! How flags are read from the environment, for every subcommand alike.

use clap::builder::{BoolishValueParser, Resettable};
use clap::{Arg, ArgAction, Command};

/// The command with its variables read as people set them: an empty one counts as not set, as the matrices of CI
/// systems leave them, and a switch may be `1`, `yes` or `on` as well as `true`.
pub(crate) fn lenient(command: Command) -> Command {
    command.mut_args(argument).mut_subcommands(lenient)
}

fn argument(argument: Arg) -> Arg {
    let empty = argument.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    let argument = if empty { argument.env(Resettable::Reset) } else { argument };
    match argument.get_action() {
        ArgAction::SetTrue => argument.value_parser(BoolishValueParser::new()),
        _ => argument,
    }
}
