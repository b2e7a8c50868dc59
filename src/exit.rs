//! The exit codes, by name.

use std::process::ExitCode;

/// All is well.
pub(crate) const SUCCESS: ExitCode = ExitCode::SUCCESS;
/// Something this program cannot help failed.
pub(crate) const FAILURE: ExitCode = ExitCode::FAILURE;
/// A flag, a file or a scenario is wrong.
pub(crate) fn usage() -> ExitCode {
    ExitCode::from(2)
}
/// `serve` cannot listen at the address.
pub(crate) fn cannot_bind() -> ExitCode {
    ExitCode::from(4)
}
