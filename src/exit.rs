//! The exit codes, by name.

use std::process::ExitCode;

/// All is well.
pub(crate) const SUCCESS: ExitCode = ExitCode::SUCCESS;
/// Something this program cannot help failed.
pub(crate) const FAILURE: ExitCode = ExitCode::FAILURE;
/// What was judged has mistakes.
pub(crate) const MISTAKES: u8 = 1;
/// The command cannot be carried out as it was given: a flag, a file or a scenario is wrong.
pub(crate) const USAGE: u8 = 2;
/// [`USAGE`], as a process ends with it.
pub(crate) fn usage() -> ExitCode {
    ExitCode::from(USAGE)
}
/// `serve` cannot listen at the address.
pub(crate) fn cannot_bind() -> ExitCode {
    ExitCode::from(4)
}
