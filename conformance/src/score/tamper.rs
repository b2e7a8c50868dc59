//! A transport that makes edits on what passes through it, and counts how often each made a difference.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fixtures::contract::Contract;
use http::{Request, Response};

use super::edit::Edit;
use super::edit::asked::Asked;
use crate::transport::{Answering, Transport, TransportError};

/// Paths of the control plane, which is never edited.
const CONTROL: &str = "/_rehearsal";

/// Stands between the harness and a server, over whatever `inner` is.
#[derive(Debug)]
pub struct Tamper {
    inner: Arc<dyn Transport>,
    contract: &'static Contract,
    edits: Vec<Edit>,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Matching exchanges by edit and by the run in their path.
    of_run: HashMap<(usize, Option<String>), u32>,
    /// Matching exchanges by edit.
    of_edit: HashMap<usize, u32>,
    /// How often each edit made a difference.
    fired: Vec<u64>,
    /// What tells this run's keys from those of others, once a request showed one.
    nonce: Option<String>,
}

impl Tamper {
    /// Makes `edits` on what passes to and from `inner`, in their order.
    pub fn new(inner: Arc<dyn Transport>, contract: &'static Contract, edits: Vec<Edit>) -> Self {
        let counts = Counts { fired: vec![0; edits.len()], ..Counts::default() };
        Tamper { inner, contract, edits, counts: Mutex::new(counts) }
    }

    /// How often each edit made a difference so far.
    pub fn fired(&self) -> Vec<u64> {
        self.counts(|counts| counts.fired.clone())
    }

    fn counts<T>(&self, with: impl FnOnce(&mut Counts) -> T) -> T {
        with(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether edit number `index` is made on this matching exchange, which is counted.
    fn is_its_turn(&self, index: usize, asked: &Asked<'_>) -> bool {
        let on = &self.edits[index].on;
        self.counts(|counts| {
            let run = counts.of_run.entry((index, asked.run().map(str::to_owned))).or_default();
            *run += 1;
            let within = on.from.is_none_or(|from| *run >= from) && on.to.is_none_or(|to| *run <= to);
            let edit = counts.of_edit.entry(index).or_default();
            *edit += 1;
            let turn = on.every.is_none_or(|every| edit.is_multiple_of(every.max(1)));
            within && turn && on.only.is_none_or(|only| *edit == only)
        })
    }

    async fn exchange(&self, request: Request<Bytes>) -> <Answering<'_> as Future>::Output {
        let path = request.uri().path();
        if path.strip_prefix(CONTROL).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return self.inner.send(request).await;
        }
        let asked = Asked::new(&request, self.contract);
        if let Some(answer) = self.unheard(&asked) {
            return Ok(answer);
        }
        // What was asked instead, and by which edits; those need not match again once there is an answer.
        let (sent, asking) = self.sent(&request);
        let mut answer = self.inner.send(sent).await?;
        if self.answered(&asked, &asking, &mut answer) {
            return Err(TransportError::Broken("the answer was lost on the way".into()));
        }
        Ok(answer)
    }

    /// The answer to what the server is not to hear of.
    fn unheard(&self, asked: &Asked<'_>) -> Option<Response<Bytes>> {
        let meant = |(index, edit): &(usize, &Edit)| {
            edit.unheard && edit.on.is_asked(asked) && self.is_its_turn(*index, asked)
        };
        let (index, edit) = self.edits.iter().enumerate().find(meant)?;
        let mut answer = Response::default();
        edit.apply(asked, &mut answer);
        self.counts(|counts| counts.fired[index] += 1);
        Some(answer)
    }

    fn sent(&self, request: &Request<Bytes>) -> (Request<Bytes>, Vec<usize>) {
        let asked = Asked::new(request, self.contract);
        if let Some(nonce) = asked.nonce() {
            self.counts(|counts| counts.nonce.get_or_insert_with(|| nonce.to_owned()).clone());
        }
        let nonce = self.counts(|counts| counts.nonce.clone());
        let mut sent = request.clone();
        let mut asking = Vec::new();
        for (index, edit) in self.edits.iter().enumerate() {
            let Some(ask) = &edit.ask else { continue };
            if !edit.on.is_asked(&asked) || !self.is_its_turn(index, &asked) {
                continue;
            }
            let instead =
                ask.instead(&Asked::new(&sent, self.contract), &sent, self.contract, nonce.as_deref());
            if let Some(instead) = instead {
                sent = instead;
                asking.push(index);
                self.counts(|counts| counts.fired[index] += 1);
            }
        }
        (sent, asking)
    }

    /// Makes the edits of an answer; whether it is to be lost.
    fn answered(&self, asked: &Asked<'_>, asking: &[usize], answer: &mut Response<Bytes>) -> bool {
        let given: Vec<usize> = (0..self.edits.len())
            .filter(|index| {
                let edit = &self.edits[*index];
                let meant = if edit.ask.is_some() { asking.contains(index) } else { edit.on.is_asked(asked) };
                meant && !edit.unheard && edit.on.is_answered(answer)
            })
            .collect();
        let mut lost = false;
        for index in given {
            let edit = &self.edits[index];
            if edit.ask.is_some() {
                // Counted when it was asked.
                edit.apply(asked, answer);
            } else if self.is_its_turn(index, asked) && (edit.apply(asked, answer) || edit.lose) {
                self.counts(|counts| counts.fired[index] += 1);
                lost |= edit.lose;
            }
        }
        lost
    }
}

impl Transport for Tamper {
    fn send(&self, request: Request<Bytes>) -> Answering<'_> {
        Box::pin(self.exchange(request))
    }
}

#[cfg(test)]
mod tests;
