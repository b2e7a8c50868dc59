//! The defects, in the order of the catalogue.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::{Defect, answers, bodies, requests, runs, statuses};
use crate::check_cli::wire::Message;

/// Segments of a path of the API; `/v2/crawl` has two.
fn segments(request: &Message) -> usize {
    let path = request.target().split('?').next().unwrap_or_default();
    if path.starts_with("/v2/") { path.split('/').count() - 1 } else { 0 }
}

/// Whether a request reads one run, of any kind.
pub(super) fn reads_run(request: &Message) -> bool {
    request.method() == "GET" && segments(request) == 3
}

fn cancels_run(request: &Message) -> bool {
    request.method() == "DELETE" && segments(request) == 3
}

fn lists_runs(request: &Message) -> bool {
    request.method() == "GET" && segments(request) == 2
}

fn creates_run(request: &Message) -> bool {
    request.method() == "POST" && segments(request) == 2
}

fn asks(request: &Message, query: &str) -> bool {
    request.target().split_once('?').is_some_and(|(_, asked)| asked == query)
}

fn is_keyless(request: &Message) -> bool {
    request.header("x-api-key").is_none() && request.header("authorization").is_none()
}

/// Whether the second of the check's keys asks.
fn is_other(request: &Message) -> bool {
    request.header("x-api-key").is_some_and(|key| key.starts_with("check-") && key.ends_with("-b"))
}

/// Lets the second key pass for the first.
fn confuse(request: &mut Message) {
    if let Some(owner) = request.header("x-api-key").and_then(|key| key.strip_suffix("-b")).map(str::to_owned)
    {
        request.set_header("x-api-key", &format!("{owner}-a"));
    }
}

fn later_page(request: &Message) -> bool {
    reads_run(request) && request.target().ends_with("&page_size=2")
}

fn identity() -> Vec<Defect> {
    vec![
        bodies("id.format", "id-form", creates_run, |body| {
            if let Some(id) = body["execution_id"].as_str() {
                body["execution_id"] = json!(format!("x{id}"));
            }
        }),
        bodies("id.unique", "id-reused", creates_run, |body| body["execution_id"] = json!("agentic-1-1")),
        bodies("id.echo", "id-differs", reads_run, |body| body["execution_id"] = json!("agentic-1-1")),
        runs("schema.response", "shape", "running", |body| body["meta"] = json!([])),
        statuses("schema.documented-status", "undocumented", lists_runs, 401, 418),
        answers("repr.request-id", "missing", |_, answer| answer.drop_header("request-id")),
        bodies("repr.list-get-agree", "status-differs", lists_runs, |body| {
            for item in body["data"].as_array_mut().into_iter().flatten() {
                if item["status"] == "completed" {
                    item["status"] = json!("failed");
                }
            }
        }),
    ]
}

fn keys() -> Vec<Defect> {
    vec![
        statuses("auth.missing-401", "not-401", is_keyless, 401, 403),
        statuses(
            "auth.invalid-401",
            "not-401",
            |request| request.header("x-api-key").is_some_and(|key| key.starts_with("invalid-")),
            401,
            403,
        ),
        statuses("auth.schemes-equal", "scheme-refused", |it| it.header("authorization").is_some(), 200, 401),
        statuses(
            "auth.before-lookup",
            "not-401",
            |it| is_keyless(it) && it.target().contains("0badc0de"),
            401,
            404,
        ),
        statuses("auth.before-validation", "not-401", |it| is_keyless(it) && it.body == b"{}", 401, 400),
        requests("tenant.get-404", "not-404", |request| {
            if reads_run(request) {
                confuse(request);
            }
        }),
        requests("tenant.cancel-404", "stopped-by-other", |request| {
            if cancels_run(request) {
                confuse(request);
            }
        }),
        requests("tenant.list-disjoint", "foreign-run-listed", |request| {
            if lists_runs(request) {
                confuse(request);
            }
        }),
        bodies(
            "tenant.indistinct",
            "told-apart",
            |it| is_other(it) && reads_run(it),
            |body| {
                if body["error"].is_object() {
                    body["error"]["message"] = json!("Not yours");
                }
            },
        ),
        answers("secret.not-echoed", "in-header", |request, answer| {
            if let Some(key) = request.header("x-api-key") {
                answer.set_header("x-caller", &format!("key={key}"));
            }
        }),
    ]
}

fn errors() -> Vec<Defect> {
    vec![
        statuses("err.unknown-id-404", "not-404", |it| it.target().contains("0badc0de"), 404, 400),
        statuses("err.malformed-id", "not-refused", |it| it.target().contains("%20"), 404, 500),
        answers("err.envelope", "shape", |_, answer| {
            if answer.json()["error"].is_object() {
                answer.set_json(&json!({"detail": "no"}));
            }
        }),
        answers("err.code-status-pair", "wrong-status", |_, answer| {
            let mut body = answer.json();
            if body["error"]["code"] == "NOT_FOUND" {
                body["error"]["code"] = json!("CONFLICT");
                answer.set_json(&body);
            }
        }),
        answers("err.request-id-match", "differs", |_, answer| {
            let mut body = answer.json();
            if body["error"]["request_id"].is_string() {
                body["error"]["request_id"] = json!("req_another");
                answer.set_json(&body);
            }
        }),
        answers("err.request-id-unique", "repeated", |_, answer| {
            answer.set_header("request-id", "req_always");
        }),
        statuses("err.validation-each", "not-400", |it| creates_run(it) && it.body == b"{}", 400, 422),
        answers("err.invalid-urls", "unnamed", |_, answer| {
            let mut body = answer.json();
            if body["invalid_urls"].is_array() {
                body["invalid_urls"] = json!(["Index 0: https://invalid-url"]);
                answer.set_json(&body);
            }
        }),
        statuses("err.malformed-json", "not-400", |it| it.body.ends_with(b"exam"), 400, 500),
        Defect {
            request: |request| {
                if request.body == br#"{"urls": []}"# {
                    request.body = br#"{"urls": ["https://example.com/products/9"]}"#.to_vec();
                }
            },
            ..statuses("err.no-side-effect", "ghost-run", |it| it.body == br#"{"urls": []}"#, 202, 400)
        },
    ]
}

fn creates() -> Vec<Defect> {
    let (reads, crawls) = (AtomicU32::new(0), AtomicU32::new(0));
    vec![
        statuses("create.status", "not-202", creates_run, 202, 200),
        answers("create.durable", "not-found-yet", move |request, answer| {
            let known = reads_run(request) && answer.status() == 200 && !is_other(request);
            if known && reads.fetch_add(1, Ordering::Relaxed) == 0 {
                answer.set_status(404);
            }
        }),
        bodies("create.in-list", "not-listed", lists_runs, |body| {
            if let Some(items) = body["data"].as_array_mut() {
                items.retain(|item| item["status"] == "completed" || item["status"] == "failed");
            }
        }),
        answers("create.one-crawl-per-host", "second-crawl", move |request, answer| {
            let same = creates_run(request) && request.body == br#"{"url":"example.com"}"#;
            if same && answer.status() == 202 && crawls.fetch_add(1, Ordering::Relaxed) > 0 {
                answer.set_json(&json!({
                    "execution_id": "crawl-example-com-0a0a0a0a", "status": "pending", "meta": {"credits_used": 0}
                }));
            }
        }),
    ]
}

fn states() -> Vec<Defect> {
    vec![
        runs("job.state-known", "unknown-state", "running", |body| body["status"] = json!("working")),
        bodies("job.edge-legal", "illegal-edge", later_page, |body| body["status"] = json!("pending")),
        bodies("job.terminal-immutable", "changed", later_page, |body| {
            body["meta"]["duration_ms"] = json!(1);
        }),
        runs("job.result-iff-completed", "shown-early", "running", |body| body["meta"]["result"] = json!({})),
        runs("job.error-iff-failed", "missing-when-failed", "failed", |body| body["error"] = Value::Null),
        runs("job.dependency-wait", "parent-unnamed", "pending", |body| {
            if let Some(meta) = body["meta"].as_object_mut() {
                meta.remove("waiting_for");
            }
        }),
        runs("job.dependency-failed", "parent-ignored", "failed", |body| {
            if body["meta"]["start_date"].is_null() {
                body["status"] = json!("completed");
            }
        }),
        runs("job.waits-only-if-asked", "named", "completed", |body| {
            body["meta"]["waiting_for"] = json!("crawl-example-com-1a2b3c4d");
        }),
        runs("cancel.running", "still-active", "failed", |body| {
            if body["meta"]["start_date"].is_string() {
                body["status"] = json!("running");
            }
        }),
        statuses("cancel.terminal", "not-refused", cancels_run, 400, 200),
        statuses("cancel.repeat", "undocumented", cancels_run, 400, 500),
        statuses("cancel.waiting", "not-400", cancels_run, 400, 409),
    ]
}

fn times() -> Vec<Defect> {
    let reads = AtomicU32::new(0);
    vec![
        runs("time.format", "not-iso8601", "completed", |body| {
            if let Some(text) = body["meta"]["stop_date"].as_str() {
                body["meta"]["stop_date"] = json!(text.trim_end_matches('Z'));
            }
        }),
        runs("job.stop-date-iff-terminal", "set-while-active", "running", |body| {
            body["meta"]["stop_date"] = body["meta"]["start_date"].clone();
        }),
        runs("time.start-date-iff-started", "missing-once-running", "running", |body| {
            body["meta"]["start_date"] = Value::Null;
        }),
        runs("time.order", "out-of-order", "completed", |body| {
            body["meta"]["start_date"] = json!("2100-01-01T00:00:00.000Z");
        }),
        runs("time.duration", "differs", "completed", |body| body["meta"]["duration_ms"] = json!(1)),
        bodies("time.started-once", "rewritten", later_page, |body| {
            body["meta"]["start_date"] = json!("2026-01-15T10:29:59.000Z");
        }),
        runs("progress.while-running", "missing", "running", |body| body["meta"]["progress"] = Value::Null),
        runs("progress.monotone", "fell", "running", move |body| {
            let count = 1000 - reads.fetch_add(1, Ordering::Relaxed);
            body["meta"]["progress"] = json!({"collections_found": count, "listings_found": count});
        }),
        runs("progress.bounds", "overcount", "running", |body| {
            if body["meta"]["progress"].is_object() {
                body["meta"]["progress"]["products_processed"] = json!(5000);
            }
        }),
        runs("progress.final", "step-open", "completed", |body| {
            if body["meta"]["steps"].is_array() {
                body["meta"]["steps"][3]["status"] = json!("running");
            }
        }),
    ]
}

fn lists() -> Vec<Defect> {
    vec![
        bodies("list.order", "older-first", lists_runs, |body| {
            if let Some(items) = body["data"].as_array_mut() {
                items.reverse();
            }
        }),
        requests("list.filter-sound", "other-state", |request| {
            if lists_runs(request) && request.target().contains("status=completed") {
                request.set_target(&request.target().replace("status=completed&", ""));
            }
        }),
        bodies(
            "list.filter-complete",
            "not-a-partition",
            |it| it.target().contains("status=failed"),
            |body| {
                body["data"] = json!([]);
                body["pagination"]["total_items"] = json!(0);
            },
        ),
        requests("list.page-size", "too-many", |request| {
            if lists_runs(request) && asks(request, "page_size=1") {
                request.set_target(&request.target().replace("page_size=1", "page_size=2"));
            }
        }),
        bodies("list.meta", "meta", lists_runs, |body| body["pagination"]["has_next"] = json!(true)),
        bodies(
            "page.partition",
            "not-a-partition",
            |it| asks(it, "page=2&page_size=2"),
            |body| {
                body["data"][1] = body["data"][0].clone();
            },
        ),
        bodies("page.meta", "meta", later_page, |body| body["pagination"]["has_prev"] = json!(true)),
        statuses("page.size-bounds", "refused", |it| asks(it, "page=1&page_size=100"), 200, 400),
        statuses("page.past-end", "not-empty", |it| asks(it, "page=1000000&page_size=100"), 200, 500),
    ]
}

fn content() -> Vec<Defect> {
    vec![
        bodies("create.counts", "count", creates_run, |body| body["meta"]["url_count"] = json!(77)),
        runs("result.at-most", "too-many", "completed", |body| {
            if body["pagination"].is_object() {
                body["pagination"]["total_items"] = json!(9);
            }
        }),
        runs("repr.query-echo", "differs", "running", |body| body["meta"]["query"] = json!("shoes")),
        runs("repr.error-text", "other-text", "failed", |body| body["error"] = json!("disk full on node 7")),
        bodies("list.meta-empty", "not-empty", lists_runs, |body| body["meta"] = json!({"more": true})),
    ]
}

/// Every defect.
pub(super) fn all() -> Vec<Defect> {
    [identity(), keys(), errors(), creates(), states(), times(), lists(), content()]
        .into_iter()
        .flatten()
        .collect()
}
