//! `POST /v2/agentic-search-mini`

use fixtures::samples::catalog::product::{self, Enrichments};
use fixtures::samples::catalog::wire::enriched::Attributes;
use fixtures::samples::catalog::wire::{Price, Product};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::apis::catalog::errors;
use crate::apis::catalog::paging::single;
use crate::apis::catalog::wire::{Answer, Empty};
use crate::apis::dialect::{Call, Failure};
use crate::apis::reply::{Reply, json_bytes};
use crate::model::catalog::mini;
use crate::model::catalog::results::product_key;
use crate::model::catalog::state::Command;
use crate::seed::Seed;
use crate::world::log;
use crate::world::state::WorldState;

#[derive(Debug, Serialize)]
struct MiniItem {
    url: String,
    product: MiniProduct,
}

/// What the page lists of a product; its images are addresses, as the text says.
#[derive(Debug, Serialize)]
struct MiniProduct {
    title: String,
    price: Price,
    description: String,
    images: Vec<String>,
    attributes: Option<Attributes>,
}

pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let query = call.body.get("query").and_then(Value::as_str).unwrap_or_default();
    if query.trim().is_empty() {
        return errors::invalid_value("query is blank", call.request_id);
    }
    if let Err(refusal) = mini::affordable(world.catalog()) {
        return errors::refusal(refusal, call.request_id);
    }
    let seed = world.stream().seed();
    let Ok(urls) = mini::search(seed, query) else { return errors::internal(call.request_id) };
    // An account whose credits never run out has nothing to note.
    if world.catalog().credits().is_some() {
        let charge = log::Command::Catalog(Command::Charge(mini::PRICE));
        if let Err(full) = world.apply(charge, call.now, call.real) {
            return errors::failure(&Failure::LogFull(full), call.request_id);
        }
    }
    let enrichment = call.body.get("enable_enrichment").and_then(Value::as_bool).unwrap_or(true);
    let updated_at = call.now.iso_millis();
    Reply::later(StatusCode::OK, move || {
        let pagination = single(urls.len() as u64);
        let data = urls.into_iter().map(|url| found(seed, url, enrichment, &updated_at)).collect();
        json_bytes(&Answer { data, pagination, meta: Empty {} })
    })
}

fn found(seed: Seed, url: String, enrichment: bool, updated_at: &str) -> MiniItem {
    let enrichments = Enrichments { enrichment, ..Enrichments::default() };
    let options = product::Options { enrichments, ..product::Options::default() };
    let Product { title, price, description, images, attributes, .. } =
        product::product(product_key(seed, &url), &url, options, updated_at);
    let images = images.into_iter().map(|image| image.url).collect();
    MiniItem { url, product: MiniProduct { title, price, description, images, attributes } }
}
