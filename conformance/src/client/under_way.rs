//! Requests that were sent and not recorded yet.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use fixtures::exchange::{Outcome, Parts, Unredacted};
use futures_util::future::join_all;

use super::answer::{pause, recorded};
use super::{Ask, Client, SILENCE, Stop};
use crate::transport::TransportError;

/// What follows requests that were sent together starts in a later millisecond than the one they may be said to end in.
const APART: Duration = Duration::from_millis(2);

/// When a request left, when its answer was there, and the answer.
type Sent = (u64, u64, Result<http::Response<Bytes>, TransportError>);

/// Requests and the answers to come. A drive that is dropped loses nothing of them.
pub(super) struct UnderWay {
    asks: Vec<Ask>,
    answers: Pin<Box<dyn Future<Output = Vec<Sent>> + Send>>,
}

/// What became of requests.
struct Answered {
    /// How long the server asked to wait.
    wait: Option<Duration>,
    /// Why an answer did not come.
    failure: Option<TransportError>,
}

impl fmt::Debug for UnderWay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UnderWay").field("asks", &self.asks).finish_non_exhaustive()
    }
}

impl Client {
    /// Sends and records; answers how long to wait if the server asked for a pause.
    pub(super) async fn send_all(&mut self, asks: &[Ask]) -> Result<Option<Duration>, Stop> {
        if !self.spacing.is_zero() {
            tokio::time::sleep(self.spacing).await;
        }
        let wires = asks.iter().map(Ask::wire).collect::<Result<Vec<_>, _>>()?;
        let sending = asks.iter().zip(wires).map(|(ask, wire)| {
            let (watch, transport) = (self.watch, Arc::clone(ask.via.as_ref().unwrap_or(&self.transport)));
            async move {
                let started = watch.elapsed_ms();
                let answer = transport.send(wire).await;
                (started, watch.elapsed_ms(), answer)
            }
        });
        let answers = Box::pin(join_all(sending.collect::<Vec<_>>()));
        self.under_way = Some(UnderWay { asks: asks.to_vec(), answers });
        let answered = self.answered().await;
        if asks.len() > 1 {
            tokio::time::sleep(APART).await;
        }
        match answered.failure {
            Some(error) if self.silent >= SILENCE => Err(Stop::Silent(error)),
            _ if self.scale.is_full() => Err(Stop::TooMuch),
            _ => Ok(answered.wait),
        }
    }

    /// Waits for the answers to creates that were cut off, at most so long, and records them, so that what they began can
    /// be taken back. What is still not answered then, but for the keys that are `forgotten` with all they have. Whatever
    /// else is under way is given up.
    pub(crate) async fn finish_creates(
        &mut self,
        within: Duration,
        forgotten: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let profile = self.history.profile;
        let family = |ask: &Ask| {
            let operation = ask.operation.as_deref()?;
            profile.family_of(operation).filter(|family| family.create == operation)
        };
        let asks = self.under_way.as_ref().map(|under_way| under_way.asks.clone()).unwrap_or_default();
        let mut lost = Vec::new();
        if asks.iter().any(|ask| family(ask).is_some()) {
            let silent = self.silent;
            let finished = tokio::time::timeout(within, self.answered()).await;
            // One more that got no answer is no reason not to take back the others.
            self.silent = self.silent.min(silent);
            if finished.is_err() {
                lost = asks;
            }
        }
        self.under_way = None;
        let began = lost.iter().filter(|ask| !ask.key().is_some_and(&forgotten));
        began
            .filter_map(|ask| {
                let (name, request) = (family(ask)?.name, &ask.request);
                Some(format!("{name}, perhaps: {} {} got no answer", request.method, request.target))
            })
            .collect()
    }

    /// Waits for what is under way and records it.
    async fn answered(&mut self) -> Answered {
        let (asks, answers) = poll_fn(|context| self.poll_answers(context)).await;
        let mut sent: Vec<_> = asks.iter().zip(answers).collect();
        sent.sort_by_key(|(_, (started, ..))| *started);
        // Times are whole milliseconds. Requests that were under way together must not look as if they had followed one
        // another.
        let last_start = sent.last().map_or(0, |(_, (started, ..))| *started);
        let together = sent.len() > 1;

        let (mut wait, mut failure) = (None, None);
        for (ask, (started_ms, ended_ms, answer)) in sent {
            let ended_ms = if together { ended_ms.max(last_start + 1) } else { ended_ms };
            wait = wait.max(answer.as_ref().ok().and_then(pause));
            self.silent = if answer.is_err() { self.silent + 1 } else { 0 };
            self.broke = matches!(answer, Err(TransportError::Broken(_)));
            if let Ok(answer) = &answer {
                self.scale.add(answer.body());
                self.raw = answer.body().clone();
            }
            let outcome = match answer {
                // It is not read any more; what was kept until now is judged.
                Ok(_) if self.scale.is_full() => Outcome::Failure(Stop::TooMuch.to_string()),
                Ok(answer) => Outcome::Response(recorded(&answer)),
                Err(error) => {
                    let text = error.to_string();
                    if matches!(error, TransportError::Connect(_)) {
                        self.unheard.insert(self.history.all().len() as u64 + 1);
                    }
                    failure = Some(error);
                    Outcome::Failure(text)
                }
            };
            let parts = Parts {
                id: self.history.all().len() as u64 + 1,
                operation: ask.operation.clone(),
                started_ms,
                ended_ms,
                request: ask.request.clone(),
                outcome,
            };
            self.history.push(self.redactor.exchange(Unredacted(parts)));
            self.progress.request(|| self.history.open_runs());
        }
        Answered { wait, failure }
    }

    /// The answers to what is under way, once all are there. While they are looked at they belong to nobody, so that
    /// what breaks then is not looked at again.
    fn poll_answers(&mut self, context: &mut Context<'_>) -> Poll<(Vec<Ask>, Vec<Sent>)> {
        let Some(mut under_way) = self.under_way.take() else { return Poll::Ready((Vec::new(), Vec::new())) };
        match under_way.answers.as_mut().poll(context) {
            Poll::Ready(answers) => Poll::Ready((under_way.asks, answers)),
            Poll::Pending => {
                self.under_way = Some(under_way);
                Poll::Pending
            }
        }
    }
}
