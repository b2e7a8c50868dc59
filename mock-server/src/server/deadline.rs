//! A deadline that starts anew with every sign of life.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

/// Passes when nothing has happened for a while.
#[derive(Debug)]
pub(super) struct Deadline {
    after: Duration,
    running: bool,
    // Kept between waits, so that a busy connection allocates it once.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    pub(super) fn new(after: Duration) -> Self {
        Self { after, running: false, sleep: None }
    }

    /// Something has happened: the time counts from the next wait.
    pub(super) fn renew(&mut self) {
        self.running = false;
    }

    /// Ready once the time has passed. Every call without [`Self::renew`] in between is the same wait.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let after = self.after;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(after)));
        if !self.running {
            sleep.set(tokio::time::sleep(after));
            self.running = true;
        }
        sleep.as_mut().poll(context)
    }
}
