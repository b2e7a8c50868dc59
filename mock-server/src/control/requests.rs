//! `GET` and `DELETE /_rehearsal/requests`: the journal of a world, a page at a time or as a stream.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::control::body::StrictQuery;
use crate::control::error::ControlError;
use crate::control::select::{self, Key};
use crate::control::{Outcome, journaled};
use crate::shared::Shared;

mod filter;
mod stream;

use filter::{Filter, Page};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;
/// How many requests a page looks at, so that nobody waits for a rare one to be found.
const LOOKED_AT_MAX: u64 = 10_000;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    StrictQuery(page): StrictQuery<Page>,
    headers: HeaderMap,
) -> Outcome {
    let filter = Filter::read(&page)?;
    let streamed = match page.format.as_deref() {
        None => accepts_lines(&headers),
        Some("ndjson") => true,
        Some("json") => false,
        Some(_) => return Err(invalid("format: json or ndjson")),
    };
    let world = journaled::world(&shared, page.key.as_deref(), &headers)?;
    if streamed {
        return Ok(stream::answer(&shared, &world, filter, &page));
    }
    if page.follow {
        return Err(invalid("follow: goes with format=ndjson only"));
    }

    let limit = page.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let (mut last, mut looked_at, mut gap) = (page.after, 0, None);
    let mut requests: Vec<Value> = Vec::new();
    let piece = loop {
        let piece = world.journal().piece(last);
        let among = piece.entries().count();
        if among == 0 || requests.len() >= limit || looked_at >= LOOKED_AT_MAX {
            break piece;
        }
        gap = journaled::joined(gap, piece.gap);
        let fitting = filter.select(&piece, &shared, &world);
        let wanted = limit - requests.len();
        // Where the page ends, what comes after its last request has not been looked at.
        let looked = if fitting.len() >= wanted { fitting[wanted - 1].0 } else { among };
        requests.extend(fitting.iter().take(wanted).map(|(_, entry)| journaled::shown(entry)));
        last = piece.entries().nth(looked - 1).map_or(last, |entry| entry.number);
        looked_at += looked as u64;
    };
    if looked_at == 0 {
        gap = piece.gap;
    }
    let dropped = world.journal().dropped();
    let body = json!({
        "world": world.id(),
        "received": piece.received,
        "dropped": dropped,
        "gap": journaled::gap(gap),
        "looked_at": looked_at,
        "requests": requests,
        "next": (last < piece.received && looked_at > 0).then_some(last),
    });
    Ok(Json(body).into_response())
}

pub(super) async fn clear(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    if key.key.as_deref() == Some(select::ALL) {
        shared.registry.all().iter().chain([&shared.refused]).for_each(|world| world.journal().clear());
    } else {
        journaled::world(&shared, key.key.as_deref(), &headers)?.journal().clear();
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether the client asks for JSON lines by their media type.
fn accepts_lines(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
    types.any(|media_type| media_type.trim().eq_ignore_ascii_case(stream::MEDIA_TYPE))
}

fn invalid(message: &str) -> ControlError {
    ControlError::bad_request("invalid_query", message)
}
