//! Servers broken on purpose, for trying a harness: a layer around a whole server that looks at requests, sends further
//! ones, remembers what it saw, and changes answers. It stands there only when a defect is on; then it costs what it
//! costs. What it asks of the server behind it is journaled like everything else.
//!
//! A defect acts before a request is passed on (`requests`), in place of it (`cancels`, `pages`), or on its answer, by
//! what it is about.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use tower::ServiceExt;

mod answer;
mod ask;
mod cancels;
mod creates;
mod limits;
mod lists;
mod memory;
mod pages;
mod reads;
mod requests;
mod tenants;
mod waits;

use crate::control;
use crate::shared::Shared;
use crate::shared::defects::Defect;
use answer::Answer;
use ask::Ask;
use memory::Memory;

/// The server `whole` with its defects around the emulated APIs. The control plane is never broken.
pub fn around(shared: &Arc<Shared>, whole: Router) -> Router {
    let layer = Arc::new(Layer { shared: Arc::clone(shared), whole, memory: Mutex::default() });
    Router::new().fallback(move |request: Request| {
        let layer = Arc::clone(&layer);
        async move { layer.serve(request).await }
    })
}

/// A server and what is wrong with it.
#[derive(Debug)]
struct Layer {
    shared: Arc<Shared>,
    whole: Router,
    memory: Mutex<Memory>,
}

impl Layer {
    async fn serve(&self, request: Request) -> Response {
        if request.uri().path().starts_with(control::PREFIX) {
            self.remember(|memory| memory.forget(request.method(), request.uri().path()));
            return self.pass(request).await;
        }
        let mut ask = Ask::read(request).await;
        self.remember(|memory| memory.unalias(&mut ask));
        for defect in self.on() {
            if self.remember(|memory| requests::alter(defect, memory, &mut ask)) {
                self.shared.defects.fired(defect);
            }
        }
        let mut answer = None;
        for defect in self.on() {
            if answer.is_none() {
                answer = cancels::instead(self, defect, &ask).await;
            }
            if answer.is_none() {
                answer = pages::instead(self, defect, &ask).await;
            }
        }
        let mut answer = match answer {
            Some(answer) => answer,
            None => self.ask(&ask).await,
        };
        self.remember(|memory| memory.meet(&ask, &answer));
        for defect in self.on() {
            if self.change(defect, &ask, &mut answer).await {
                self.shared.defects.fired(defect);
            }
        }
        self.remember(|memory| memory.alias(&mut answer));
        answer.response()
    }

    /// Lets a defect change an answer. Whether it did.
    async fn change(&self, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
        creates::change(self, defect, ask, answer).await
            || reads::change(self, defect, ask, answer)
            || waits::change(self, defect, ask, answer).await
            || cancels::change(self, defect, ask, answer).await
            || lists::change(self, defect, ask, answer).await
            || pages::change(self, defect, ask, answer).await
            || tenants::change(self, defect, ask, answer).await
            || limits::change(self, defect, ask, answer).await
    }

    /// Asks the server behind.
    async fn ask(&self, ask: &Ask) -> Answer {
        Answer::read(self.pass(ask.request()).await).await
    }

    async fn pass(&self, request: Request) -> Response {
        match self.whole.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    fn on(&self) -> impl Iterator<Item = Defect> {
        self.shared.defects.counts().map(|(defect, _)| defect)
    }

    fn remember<T>(&self, with: impl FnOnce(&mut Memory) -> T) -> T {
        with(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
