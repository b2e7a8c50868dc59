use super::*;
use crate::transport::in_process::InProcess;

const THEIRS: &str = "crawl-example-com-1a2b3c4d";

/// A server with one crawl that tells what it was asked, behind a rewrite.
fn rewriting(rewrite: Rewrite) -> Rewriting {
    let serve = |request: Request<Bytes>| async move {
        let items = ["completed", "failed", "completed"].map(|status| json!({"status": status}));
        let body = json!({
            "execution_id": THEIRS, "asked": request.uri().to_string(), "at": "2026-01-15T10:30:00.123Z",
            "data": items, "pagination": {"total_items": 3, "total_pages": 1},
        });
        let answer = Response::builder().header("request-id", "req_1").body(body.to_string().into());
        answer.expect("an answer")
    };
    let contract = Contract::find("catalog", "v2").expect("it is known");
    Rewriting::new(Arc::new(InProcess::new(serve)), contract, rewrite)
}

async fn call(server: &Rewriting, method: &str, target: &str) -> (String, Value) {
    let request = Request::builder().method(method).uri(target).body(Bytes::new()).expect("a request");
    let answer = server.send(request).await.expect("it answers");
    let id = request_id(&answer).unwrap_or_default().to_owned();
    (id, serde_json::from_slice(answer.body()).expect("it is JSON"))
}

#[tokio::test]
async fn ids_are_translated_there_and_back_and_for_the_control_plane() {
    let server = rewriting(Rewrite::UuidIds);
    let (_, created) = call(&server, "POST", "/v2/crawl").await;
    let ours = created["execution_id"].as_str().expect("it is text").to_owned();
    assert_ne!(ours, THEIRS);
    let (_, read) = call(&server, "GET", &format!("/v2/crawl/{ours}")).await;
    assert_eq!((&read["execution_id"], &read["asked"]), (&json!(ours), &json!(format!("/v2/crawl/{ours}"))));
    let (_, control) = call(&server, "POST", &format!("/_rehearsal/runs/{ours}/fail")).await;
    assert_eq!(control["asked"], format!("/_rehearsal/runs/{THEIRS}/fail"));
    assert_eq!(server.fired(), 2);
}

#[tokio::test]
async fn a_list_that_pages_before_it_filters_counts_what_is_left() {
    let server = rewriting(Rewrite::PageBeforeFilter);
    let (_, list) = call(&server, "GET", "/v2/extract?status=completed&page_size=3").await;
    assert_eq!(list["asked"], "/v2/extract?page_size=3");
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["pagination"], json!({"total_items": 2, "total_pages": 1}));
    call(&server, "GET", "/v2/extract?page_size=3").await;
    assert_eq!(server.fired(), 1);
}

#[tokio::test]
async fn times_and_request_ids_are_written_in_another_way() {
    let at = |rewrite| async move { call(&rewriting(rewrite), "GET", "/v2/crawl").await.1["at"].clone() };
    assert_eq!(at(Rewrite::OffsetTimes).await, "2026-01-15T10:30:00.123+00:00");
    assert_eq!(at(Rewrite::NanosecondTimes).await, "2026-01-15T10:30:00.123000000Z");
    let (id, _) = call(&rewriting(Rewrite::UuidRequestIds), "GET", "/v2/crawl").await;
    assert!(id.starts_with("req-") && id.len() == 40, "{id}");
}

#[tokio::test]
async fn whole_numbers_get_a_point() {
    let (_, list) = call(&rewriting(Rewrite::PointedNumbers), "GET", "/v2/extract").await;
    assert_eq!(list["pagination"].to_string(), r#"{"total_items":3.0,"total_pages":1.0}"#);
}
