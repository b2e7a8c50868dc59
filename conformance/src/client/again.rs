//! Requests that are made again: after a pause that the server asked for, and after a failure on the way.

use std::time::Duration;

use http::Method;

use super::{Ask, Client, Stop};
use crate::history::seen::Seen;
use crate::profile::Family;

/// A request that was turned away for being too many is sent again this many times.
const RETRIES: u32 = 3;

/// The pauses before a request that failed is sent again, while there is patience.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

impl Client {
    /// Sends one request and records it, again if the server asked for a pause. If it failed, or the connection broke, it
    /// is sent once more, and with pauses that grow as long as there is patience, where asking twice starts nothing twice.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn send(&mut self, ask: Ask) -> Result<&Seen, Stop> {
        let (mut attempts, mut failures) = (0, 0);
        let is_safe = !self.starts_something(&ask);
        loop {
            let wait = self.send_all(std::slice::from_ref(&ask)).await?;
            attempts += 1;
            match wait {
                Some(_) if attempts > RETRIES => return Err(Stop::Limited(attempts)),
                Some(wait) => self.rest(&ask, wait * attempts).await?,
                None if is_safe && (self.broke || self.last().is_server_failure()) => {
                    if !self.is_patient(failures).await {
                        break;
                    }
                    failures += 1;
                }
                None => break,
            }
        }
        Ok(self.last())
    }

    /// Waits a while after so many failures of one request before this one; whether it may be sent again.
    async fn is_patient(&mut self, failures: usize) -> bool {
        let pause = PAUSES.get(failures).filter(|pause| **pause <= self.patience);
        if let Some(pause) = pause {
            self.patience -= *pause;
            tokio::time::sleep(*pause).await;
        }
        pause.is_some() || failures == 0
    }

    /// Whether a request asks for a run, so that nobody should make it again before looking what came of it.
    fn starts_something(&self, ask: &Ask) -> bool {
        let Ok(method) = Method::from_bytes(ask.request.method.as_bytes()) else { return true };
        let route = self.history.contract.route(&method, ask.request.path());
        let families = self.history.profile.families;
        route.is_some_and(|(operation, _)| families.iter().any(|family| family.create == operation.id()))
    }

    /// Waits before a request is sent again: on the clock of the world it goes to, where that may be moved.
    async fn rest(&mut self, ask: &Ask, wait: Duration) -> Result<(), Stop> {
        if let (Some(mover), Some(key)) = (&self.mover, ask.key())
            && mover.pass(key, wait).await?
        {
            return Ok(());
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Cancels a run while something else is under way, `asks`, of which one is the cancel; once more if the server failed
    /// at it, as for any other request.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn race(&mut self, family: &Family, asks: &[Ask]) -> Result<(), Stop> {
        self.send_together(asks).await?;
        let since = &self.history.all()[self.history.all().len().saturating_sub(asks.len())..];
        let failed = since.iter().any(|seen| seen.is(family.cancel) && seen.is_server_failure());
        let cancel = asks.iter().find(|ask| ask.operation.as_deref() == Some(family.cancel));
        if let Some(cancel) = cancel.filter(|_| failed) {
            self.send(cancel.clone()).await?;
        }
        Ok(())
    }
}
