//! `POST`: starts a job, or says why not.

use fixtures::samples::catalog::product::Enrichments;
use http::StatusCode;
use serde_json::Value;

use crate::apis::catalog::errors;
use crate::apis::catalog::wire::{Created, CreatedMeta, ExtractCreatedMeta};
use crate::apis::dialect::{Call, Failure};
use crate::apis::reply::Reply;
use crate::lifecycle::Gate;
use crate::model::catalog::create::{Decision, Request, decide};
use crate::model::catalog::run::{Input, Record};
use crate::model::catalog::state::Command;
use crate::scenario::extract::ExtractOptions;
use crate::scenario::host::{product_host, vendor_host};
use crate::world::log;
use crate::world::state::WorldState;

/// `POST /v2/crawl`
pub(super) fn crawl(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let url = text(call.body, "url").unwrap_or_default();
    match vendor_host(url) {
        Some(host) => create(call, world, Request::Crawl { host }),
        None => errors::invalid_urls([(0, url)].into_iter(), call.request_id),
    }
}

/// `POST /v2/extract`
pub(super) fn extract(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let options = options(call.body);
    let urls = call.body.get("urls").and_then(Value::as_array);
    match (urls, text(call.body, "vendor")) {
        (Some(urls), None) => {
            let urls: Vec<&str> = urls.iter().filter_map(Value::as_str).map(str::trim).collect();
            let mut invalid =
                urls.iter().copied().enumerate().filter(|(_, url)| product_host(url).is_none()).peekable();
            if invalid.peek().is_some() {
                return errors::invalid_urls(invalid, call.request_id);
            }
            create(call, world, Request::Urls { urls: urls.into_iter().map(Into::into).collect(), options })
        }
        (None, Some(vendor)) => {
            let Some(host) = vendor_host(vendor) else {
                return errors::invalid_urls([(0, vendor)].into_iter(), call.request_id);
            };
            let crawl = text(call.body, "crawl_id").map(str::to_owned);
            let max_products = call.body.get("max_products").and_then(Value::as_f64).map(|most| most as u64);
            create(call, world, Request::Vendor { host, crawl, max_products, options })
        }
        (Some(_), Some(_)) => {
            errors::invalid_request("Provide either urls or vendor, not both", call.request_id)
        }
        (None, None) => errors::invalid_request("Provide either urls or vendor", call.request_id),
    }
}

/// `POST /v2/agentic-search`
pub(super) fn search(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let query = text(call.body, "query").unwrap_or_default().to_owned();
    if query.trim().is_empty() {
        return errors::invalid_value("query is blank", call.request_id);
    }
    create(call, world, Request::Search { query })
}

fn create(call: &Call<'_>, world: &mut WorldState, request: Request) -> Reply {
    let around = world.circumstances(call.identity.digest, call.body, call.now);
    match decide(world.catalog(), request, &around) {
        Err(refusal) => errors::refusal(refusal, call.request_id),
        Ok(Decision::Existing(id)) => {
            let (Some(run), Some(view)) = (world.catalog().run(id), world.catalog().view(id, call.now))
            else {
                return errors::not_found(call.request_id);
            };
            answer(&run.record, view.status.name(), CreatedMeta { credits_used: 0 })
        }
        Ok(Decision::New(record)) => {
            let command = log::Command::Catalog(Command::Create(std::sync::Arc::clone(&record)));
            if let Err(full) = world.apply(command, call.now, call.real) {
                return errors::failure(&Failure::LogFull(full), call.request_id);
            }
            created(world, &record)
        }
    }
}

/// The answer to a run that has just been created; always `pending`, whatever happens at the same instant.
fn created(world: &WorldState, record: &Record) -> Reply {
    const PENDING: &str = "pending";
    let credits_used = record.credits;
    let extract = |url_count, urls_to_process, waiting_for| {
        answer(record, PENDING, ExtractCreatedMeta { credits_used, url_count, urls_to_process, waiting_for })
    };
    let reply = match &record.input {
        Input::Crawl { .. } | Input::Search { .. } => answer(record, PENDING, CreatedMeta { credits_used }),
        Input::Urls { urls, .. } => extract(urls.len() as u64, urls.len() as u64, None),
        Input::Vendor { found, listings, crawl, .. } => {
            let crawl =
                crawl.filter(|_| record.plan.gate == Gate::Run).and_then(|crawl| world.catalog().run(crawl));
            extract(*found, *listings, crawl.map(|crawl| &*crawl.record.execution_id))
        }
    };
    reply.began(&record.execution_id)
}

fn answer<M: serde::Serialize>(record: &Record, status: &'static str, meta: M) -> Reply {
    let body = Created { execution_id: &record.execution_id, status, meta };
    Reply::json(StatusCode::ACCEPTED, &body).about(&record.execution_id)
}

fn options(body: &Value) -> ExtractOptions {
    let flag = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or(false);
    ExtractOptions {
        enrichments: Enrichments {
            enrichment: flag("enable_enrichment"),
            reviews: flag("enable_reviews"),
            image_tags: flag("enable_image_tags"),
            brand_pdp: flag("enable_brand_pdp"),
            similar_products: flag("enable_similar_products"),
            reddit_insights: flag("enable_reddit_insights"),
        },
        country_code: text(body, "country_code").unwrap_or("us").into(),
    }
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}
