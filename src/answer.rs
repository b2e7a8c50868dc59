//! What a command has to say, and how it says it.

use std::io::{self, Write};
use std::process::ExitCode;

use conformance::verdict::ExitCode as Code;

use crate::exit::USAGE;

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
        // If standard error is gone there is nobody left to tell. The stream drops the colours where they are not
        // wanted.
        let _ = anstream::stderr().write_all(self.err.as_bytes());
        match print(&self.out) {
            Ok(()) => ExitCode::from(self.code),
            Err(error) => unprinted(&error),
        }
    }
}

/// Writes to standard output, without colours where those are not wanted. A reader that has seen enough and closed it
/// is no failure.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Prints all that a command was asked for, and ends it well.
pub(crate) fn deliver(text: &str) -> ExitCode {
    match print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => unprinted(&error),
    }
}

/// An answer that nobody can read is none, whatever it says.
fn unprinted(error: &io::Error) -> ExitCode {
    fail(Code::Harness, &format!("cannot write to standard output: {error}; send it somewhere else"))
}

/// Says why a command of the harness failed; its exit code.
pub(crate) fn fail(code: Code, message: &str) -> ExitCode {
    // If standard error is gone too there is nobody left to tell.
    let _ = writeln!(anstream::stderr().lock(), "error: {message}");
    ExitCode::from(code.code())
}

/// `1 scenario`, `2 scenarios`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
