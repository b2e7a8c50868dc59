//! `GET /v2/usage`

use std::cmp::Reverse;

use http::StatusCode;
use serde::Serialize;

use crate::apis::catalog::PREFIX;
use crate::apis::catalog::paging::asked;
use crate::apis::catalog::wire::Answer;
use crate::apis::dialect::Call;
use crate::apis::reply::Reply;
use crate::world::state::WorldState;

#[derive(Debug, Serialize)]
struct UsageItem {
    path: &'static str,
    total_calls: u64,
}

#[derive(Debug, Serialize)]
struct UsageMeta<'a> {
    period: &'a str,
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let period = call.text("period").unwrap_or_default();
    let calls = world.usage().calls(hours(period), call.now);
    let mut calls: Vec<(&'static str, u64)> = calls.filter(|(path, _)| path.starts_with(PREFIX)).collect();
    calls.sort_by_key(|(path, count)| (Reverse(*count), *path));
    let (places, pagination) = asked(call, calls.len() as u64);
    let items = (0..).zip(calls).filter(|(place, _)| places.contains(place));
    let data = items.map(|(_, (path, total_calls))| UsageItem { path, total_calls }).collect();
    Reply::json(StatusCode::OK, &Answer { data, pagination, meta: UsageMeta { period } })
}

/// The hours of a period (page "Get usage"; the contract lets no other through); none for all of the time.
fn hours(period: &str) -> Option<u64> {
    const DAY: u64 = 24;
    match period {
        "24h" => Some(DAY),
        "7d" => Some(7 * DAY),
        "30d" => Some(30 * DAY),
        "90d" => Some(90 * DAY),
        _ => None,
    }
}
