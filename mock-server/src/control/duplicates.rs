//! `GET /_rehearsal/duplicates`: what a client created twice, and whether it was told the first time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::VirtualTime;
use crate::control::body::StrictQuery;
use crate::control::{Outcome, journaled};
use crate::journal::{Entry, headers};
use crate::seed::Digest;
use crate::shared::Shared;

/// The most groups that are shown, the newest; and of each the most requests, the oldest.
const SHOWN_MAX: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    key: Option<String>,
    /// Only entries with a higher number.
    #[serde(default)]
    after: u64,
}

/// A create that was accepted.
struct Create {
    number: u64,
    at: VirtualTime,
    run: String,
    began: bool,
    status: Option<u16>,
    delivered: bool,
    /// Those that kept the answer.
    faults: Value,
    idempotency_key: Option<String>,
}

/// Accepted creates that ask for the same.
struct Group {
    operation: &'static str,
    creates: Vec<Create>,
    requests: usize,
    began: usize,
    undelivered: usize,
    /// The idempotency keys that were sent.
    keys: BTreeSet<String>,
    without_key: usize,
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictQuery(query): StrictQuery<Query>,
    headers: HeaderMap,
) -> Outcome {
    let world = journaled::world(&shared, query.key.as_deref(), &headers)?;
    let mut groups: HashMap<Digest, Group> = HashMap::new();
    let (mut last, mut gap) = (query.after, None);
    let until = world.journal().received();
    while last < until {
        let piece = world.journal().piece(last);
        gap = journaled::joined(gap, piece.gap);
        let Some(newest) = piece.entries().map(|entry| entry.number).last() else { break };
        for entry in piece.entries().take_while(|entry| entry.number <= until) {
            if let Some((operation, create)) = create(&entry) {
                groups.entry(entry.digest).or_insert_with(|| Group::new(operation)).add(create);
            }
        }
        last = newest;
    }
    let mut groups: Vec<Group> = groups.into_values().filter(Group::repeats).collect();
    groups.sort_by_key(|group| group.creates.first().map(|create| create.number));
    let omitted = groups.len().saturating_sub(SHOWN_MAX);
    let shown: Vec<Value> = groups.iter().skip(omitted).map(Group::shown).collect();
    let body = json!({
        "world": world.id(),
        "received": until,
        "gap": journaled::gap(gap),
        "groups": shown,
        "omitted": omitted,
    });
    Ok(Json(body).into_response())
}

/// What an entry says of the run that it created or was given.
fn create(entry: &Entry<'_>) -> Option<(&'static str, Create)> {
    let operation = entry.operation.filter(|operation| operation.ends_with(".create"))?;
    let delivered = !entry.lost && entry.status.is_some();
    let key = headers::read(entry.headers).find(|(name, _)| *name == "idempotency-key");
    let create = Create {
        number: entry.number,
        at: entry.at,
        run: entry.run?.to_owned(),
        began: entry.began,
        status: entry.status.map(|status| status.as_u16()),
        delivered,
        faults: if delivered { json!([]) } else { journaled::faults(entry) },
        idempotency_key: key.map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty()),
    };
    Some((operation, create))
}

impl Group {
    fn new(operation: &'static str) -> Self {
        Self {
            operation,
            creates: Vec::new(),
            requests: 0,
            began: 0,
            undelivered: 0,
            keys: BTreeSet::new(),
            without_key: 0,
        }
    }

    fn add(&mut self, create: Create) {
        self.requests += 1;
        self.began += usize::from(create.began);
        self.undelivered += usize::from(!create.delivered);
        match &create.idempotency_key {
            Some(key) => drop(self.keys.insert(key.clone())),
            None => self.without_key += 1,
        }
        if self.creates.len() < SHOWN_MAX {
            self.creates.push(create);
        }
    }

    /// Whether two of them do not say that they are one, or were not taken for one.
    fn repeats(&self) -> bool {
        self.without_key + self.keys.len() > 1 || self.began > 1
    }

    /// Whether they said that they were one, in vain.
    fn ignored_key(&self) -> bool {
        self.began > 1 && self.without_key == 0 && self.keys.len() == 1
    }

    fn shown(&self) -> Value {
        let requests: Vec<Value> = self.creates.iter().map(Create::shown).collect();
        json!({
            "operation": self.operation,
            "count": self.requests,
            "began": self.began,
            "undelivered": self.undelivered,
            "message": self.sentence(),
            "requests": requests,
        })
    }

    /// What happened, as far as the requests that are shown tell it.
    fn sentence(&self) -> String {
        let runs = match self.began {
            0 => "began no run".to_owned(),
            1 => "began one run".to_owned(),
            runs => format!("began {runs} runs"),
        };
        let ignored =
            if self.ignored_key() { "; their common Idempotency-Key is nothing to this API" } else { "" };
        let text = format!("{} equal requests for {} {runs}{ignored}", self.requests, self.operation);
        let Some(lost) = self.creates.iter().find(|create| !create.delivered) else {
            return format!("{text}; every answer was delivered");
        };
        let ids: Vec<&str> =
            lost.faults.as_array().into_iter().flatten().filter_map(|fault| fault["id"].as_str()).collect();
        let number = lost.number;
        match (lost.status, ids.as_slice()) {
            (None, _) => format!("{text}; the client had left before request {number} was answered"),
            (Some(status), ids) => format!(
                "{text}; the answer to request {number} was lost on purpose (fault {}): its client got {status}",
                ids.join(", ")
            ),
        }
    }
}

impl Create {
    fn shown(&self) -> Value {
        json!({
            "number": self.number,
            "at": self.at.iso_micros(),
            "run": self.run,
            "began": self.began,
            "status": self.status,
            "delivered": self.delivered,
            "faults": self.faults,
            "idempotency_key": self.idempotency_key,
        })
    }
}
