//! A journal as JSON lines: made a piece at a time, while they are read.

use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::filter::{Filter, Page};
use crate::control::journaled;
use crate::shared::Shared;
use crate::world::World;

/// What JSON lines are called.
pub(super) const MEDIA_TYPE: &str = "application/x-ndjson";
/// How long a stream that is followed stays silent, in real time. An empty line then finds out whether its client is
/// still there.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// A journal that is being read.
struct Lines {
    shared: Arc<Shared>,
    // A stream keeps no world that was forgotten.
    world: Weak<World>,
    filter: Filter,
    last: u64,
    /// The number of the last entry, unless more are waited for.
    until: u64,
    /// How many requests are still wanted.
    wanted: usize,
    resets: u64,
    news: Option<News>,
}

/// What a stream that is followed waits for.
struct News {
    changes: watch::Receiver<()>,
    ending: watch::Receiver<bool>,
}

pub(super) fn answer(shared: &Arc<Shared>, world: &Arc<World>, filter: Filter, page: &Page) -> Response {
    let mut journal = world.journal();
    let news = page.follow.then(|| News { changes: journal.listen(), ending: shared.ending() });
    let start = journal.piece(page.after);
    drop(journal);
    let lines = Lines {
        shared: Arc::clone(shared),
        world: Arc::downgrade(world),
        filter,
        last: page.after,
        until: if page.follow { u64::MAX } else { start.received },
        wanted: page.limit.map_or(usize::MAX, |limit| limit.max(1)),
        resets: start.resets,
        news,
    };
    let pieces = stream::unfold(lines, async |mut lines| {
        let piece = lines.next().await?;
        Some((Ok::<_, Infallible>(piece), lines))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

impl Lines {
    /// Some more lines; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(news) = &mut self.news {
                if *news.ending.borrow() {
                    return None;
                }
                // What is there by now is read now.
                news.changes.borrow_and_update();
            }
            let mut text = Vec::new();
            let looked = self.read(&mut text)?;
            if !text.is_empty() {
                return Some(text.into());
            }
            if !looked && !self.wait().await? {
                return Some(Bytes::from_static(b"\n"));
            }
        }
    }

    /// Writes the lines of the next piece. Whether there was one; `None` at the end of what is wanted.
    fn read(&mut self, text: &mut Vec<u8>) -> Option<bool> {
        let world = self.world.upgrade()?;
        if self.wanted == 0 || self.last >= self.until {
            return None;
        }
        let mut piece = world.journal().piece(self.last);
        if piece.resets != self.resets {
            self.news.as_ref()?;
            // The numbers have begun again.
            (self.resets, self.last) = (piece.resets, 0);
            line(text, &json!({ "reset": true }));
            piece = world.journal().piece(0);
        }
        if let Some(gap) = piece.gap.filter(|gap| gap.from <= self.until) {
            line(text, &json!({ "gap": journaled::gap(Some(gap)) }));
            self.last = gap.to;
        }
        let last = piece.entries().map(|entry| entry.number).last();
        for (_, entry) in self.filter.select(&piece, &self.shared, &world) {
            if entry.number > self.until || self.wanted == 0 {
                break;
            }
            line(text, &journaled::shown(&entry));
            self.wanted -= 1;
        }
        self.last = last.unwrap_or(self.last);
        if last.is_none() && self.news.is_none() && text.is_empty() {
            return None;
        }
        Some(last.is_some())
    }

    /// Waits for more. `false` if there was none for long; `None` if there will be none.
    async fn wait(&mut self) -> Option<bool> {
        let News { changes, ending } = self.news.as_mut()?;
        tokio::select! {
            changed = changes.changed() => changed.ok().map(|()| true),
            // The server outlives its answers, so this is the end of it and nothing else.
            _ = ending.wait_for(|ending| *ending) => None,
            () = tokio::time::sleep(SILENCE_MAX) => Some(false),
        }
    }
}

fn line(text: &mut Vec<u8>, value: &Value) {
    text.extend_from_slice(value.to_string().as_bytes());
    text.push(b'\n');
}
