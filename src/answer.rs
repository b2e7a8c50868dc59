//! What a command that judges files has to say, and how it says it.

use std::io::Write;
use std::process::ExitCode;

/// At least one of the files has a mistake.
pub(crate) const MISTAKES: u8 = 1;

/// The command cannot be carried out as it was given.
pub(crate) const USAGE: u8 = 2;

/// The texts for both streams, and the exit code.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: u8,
}

impl Answer {
    /// The answer to a command that cannot be carried out.
    pub(crate) fn refusal(message: &str) -> Answer {
        Answer { err: format!("error: {message}\n"), code: USAGE, ..Answer::default() }
    }

    /// Prints it; the exit code.
    pub(crate) fn deliver(&self) -> ExitCode {
        // Writing fails when nobody reads any more, which does not change the answer. The streams drop the colours
        // where they are not wanted.
        let _ = anstream::stderr().write_all(self.err.as_bytes());
        let _ = anstream::stdout().write_all(self.out.as_bytes());
        ExitCode::from(self.code)
    }
}

/// `1 scenario`, `2 scenarios`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
