//! One line on standard error that says what a check is doing, while there is a terminal to show it. A server whose
//! clock cannot be moved takes its time, and silence looks like a hang.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use conformance::clock::Stopwatch;
use conformance::progress::{Doing, Progress};
use tokio::task::JoinHandle;

/// Between two lines; faster is only flicker.
const EVERY: Duration = Duration::from_millis(100);

/// The line of a check that is under way.
#[derive(Debug)]
pub(super) struct Line(Option<JoinHandle<()>>);

impl Line {
    /// Starts showing a line about a check that takes at most `limit`, if standard error is a terminal, and gives where
    /// to tell what is done.
    pub(super) fn start(limit: Duration) -> (Self, Progress) {
        if !io::stderr().is_terminal() {
            return (Line(None), Progress::default());
        }
        let (progress, watcher) = Progress::watched();
        let task = tokio::spawn(async move {
            let watch = Stopwatch::start();
            let mut often = tokio::time::interval(EVERY);
            loop {
                often.tick().await;
                let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0);
                let text = text(*watcher.borrow(), watch.elapsed(), limit);
                // One column stays free: some terminals wrap when the last one is written to.
                let text: String = text.chars().take(usize::from(width).saturating_sub(1)).collect();
                show(&format!("{ERASE}{text}"));
            }
        });
        (Line(Some(task)), progress)
    }

    /// Takes the line away.
    pub(super) async fn erase(self) {
        let Some(task) = self.0 else { return };
        task.abort();
        // It ends as cancelled, which is what was asked of it.
        let _ = task.await;
        show(ERASE);
    }
}

/// Back to the first column, and nothing to the right of it.
const ERASE: &str = "\r\u{1b}[2K";

fn show(text: &str) {
    // Who looks on is not worth ending a check for.
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

fn text(doing: Doing, elapsed: Duration, limit: Duration) -> String {
    let Doing { phase, requests, open } = doing;
    if phase.is_empty() {
        return String::new();
    }
    let open = match open {
        0 => String::new(),
        1 => ", 1 run open".into(),
        several => format!(", {several} runs open"),
    };
    let (elapsed, limit) = (elapsed.as_secs(), limit.as_secs());
    format!("checking: {phase} ({requests} requests{open}, {elapsed} of at most {limit} s)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_done_and_how_much_is_open() {
        let limit = Duration::from_secs(600);
        let doing = Doing { phase: "sending requests", requests: 12, open: 0 };
        let shown = text(doing, Duration::from_millis(900), limit);
        assert_eq!(shown, "checking: sending requests (12 requests, 0 of at most 600 s)");
        let shown = text(Doing { open: 3, ..doing }, Duration::from_secs(61), limit);
        assert_eq!(shown, "checking: sending requests (12 requests, 3 runs open, 61 of at most 600 s)");
        assert_eq!(text(Doing::default(), Duration::ZERO, limit), "");
    }
}
