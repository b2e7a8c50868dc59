//! Files that are brought in, and what becomes of them.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{Client, V0, V1};
use crate::harness::{Answer, KEY, Stand};

const CSV: &str = "title,image_url,sku,price,currency\n\
    Rye Shirt,https://cdn.mill.example/rye.jpg,RYE-S,84.50,EUR\n\
    ,https://cdn.mill.example/none.jpg,NONE,1.00,EUR\n\
    Flax Apron,https://cdn.mill.example/flax.jpg,FLAX,39.00,EUR\n";

/// Sends a file in pieces of 1 KiB, and without saying how long it is.
async fn upload(stand: &Stand, query: &str, media_type: Option<&str>, key: &str, file: &[u8]) -> Answer {
    let request = Request::post(format!("/v1/extract/imports?{query}")).header("host", "127.0.0.1:4010");
    let mut request = request.header("authorization", format!("Bearer {KEY}"));
    if let Some(media_type) = media_type {
        request = request.header("content-type", media_type);
    }
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    let pieces: Vec<_> =
        file.chunks(1024).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
    stand.send(request.body(Body::from_stream(futures_util::stream::iter(pieces))).unwrap()).await
}

async fn import(stand: &Stand, query: &str, file: &str) -> String {
    let answer = upload(stand, query, Some("application/octet-stream"), "", file.as_bytes()).await;
    answer.ok(StatusCode::ACCEPTED)["id"].as_str().unwrap().to_owned()
}

async fn seen(stand: &Stand, id: &str) -> Value {
    Client::new(stand, V1).read(&format!("/extract/imports/{id}")).await
}

/// The import when it has ended.
async fn ended(stand: &Stand, query: &str, file: &str) -> Value {
    let id = import(stand, query, file).await;
    stand.advance("1m").await;
    seen(stand, &id).await
}

/// A file with so many products.
fn products(count: usize) -> String {
    let rows = (0..count).map(|at| format!("P {at},https://cdn.mill.example/{at}.jpg,{at}.99,EUR\n"));
    format!("title,image,price,currency\n{}", rows.collect::<String>())
}

#[tokio::test]
async fn an_import_goes_from_pending_through_running_to_completed() {
    let stand = Stand::new();
    let query = "file_name=spring.csv&country=DE&language=de&source_host=www.mill.example";
    let answer = upload(&stand, query, Some("text/csv"), "", CSV.as_bytes()).await;
    let begun = answer.ok(StatusCode::ACCEPTED);
    let id = begun["id"].as_str().unwrap();
    assert!(id.starts_with("kx7"), "{id}");
    assert_eq!((&begun["name"], &begun["status"]), (&json!("spring.csv"), &json!("pending")));
    assert_eq!((&begun["success_count"], &begun["error_count"]), (&json!(0), &json!(0)));
    stand.advance("2s").await;
    let running = seen(&stand, id).await;
    assert_eq!((&running["status"], &running["finished"]), (&json!("running"), &json!(false)));
    stand.advance("20s").await;
    let ended = seen(&stand, id).await;
    assert_eq!((&ended["status"], &ended["finished"]), (&json!("completed"), &json!(true)));
    assert_eq!((&ended["success_count"], &ended["error_count"]), (&json!(2), &json!(1)));
    assert_eq!(ended["status_reason"], Value::Null);

    let client = Client::new(&stand, V1);
    let captures = client.list(&format!("/extract/captures?import_id={id}")).await;
    let titles: Vec<_> = captures.iter().map(|capture| &capture["title"]).collect();
    assert_eq!(titles, ["Rye Shirt", "Flax Apron"]);
    assert_eq!((&captures[0]["source_kind"], &captures[0]["source_id"]), (&json!("import"), &json!(id)));
    let price = &captures[0]["skus"][0]["offers"][0]["price"];
    assert_eq!((&price["amount"], &price["currency"]), (&json!("84.50"), &json!("EUR")));
    let lines = client.get(&format!("/extract/captures/export?import_id={id}&format=jsonl")).await.text;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, captures);
}

#[tokio::test]
async fn captures_appear_as_the_count_of_successes_grows() {
    let stand = Stand::new();
    let mut file = products(40);
    for at in 0..20 {
        file.push_str(&format!("No picture {at},,1,EUR\n"));
    }
    let id = import(&stand, "file_name=a.csv", &file).await;
    let client = Client::new(&stand, V1);
    let instant = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let created = instant(&seen(&stand, &id).await["created_at"]);
    let (mut counts, mut times) = (Vec::new(), Vec::new());
    for second in 0..18 {
        let now = created + jiff::SignedDuration::from_secs(second);
        let import = seen(&stand, &id).await;
        let captures = client.list(&format!("/extract/captures?import_id={id}&limit=100")).await;
        let count = client.read(&format!("/extract/captures/count?import_id={id}")).await["count"].clone();
        assert_eq!((&count, captures.len()), (&import["success_count"], count.as_u64().unwrap() as usize));
        counts.push(count.as_u64().unwrap());
        let taken: Vec<_> = captures.iter().map(|it| instant(&it["extracted_at"])).collect();
        assert!(taken.starts_with(&times) && taken.is_sorted(), "what was there stays");
        let before = now - jiff::SignedDuration::from_secs(1);
        let new = &taken[times.len()..];
        assert!(new.iter().all(|at| *at > before && *at <= now), "{new:?} were not there before {before}");
        times = taken;
        stand.advance("1s").await;
    }
    assert!(counts.is_sorted() && counts.iter().any(|count| (1..40).contains(count)), "{counts:?}");
    assert_eq!(counts.last(), Some(&40));
    assert_eq!(seen(&stand, &id).await["error_count"], 20);
}

#[tokio::test]
async fn the_captures_of_an_import_can_be_enriched() {
    let stand = Stand::new();
    let client = Client::new(&stand, V1);
    let id = import(
        &stand,
        "file_name=a.jsonl",
        r#"{"title":"Rye","image":"https://a.example/1.jpg","price":3,"currency":"EUR"}"#,
    )
    .await;
    let body = json!({ "source": { "kind": "import", "id": id } });
    let early = client.post("/enrich/enrichments", body.clone()).await;
    let _ = early.extralt_refuses(V1, StatusCode::CONFLICT, "conflict");
    stand.advance("1m").await;
    let enrichment = client.post("/enrich/enrichments", body).await.ok(StatusCode::ACCEPTED);
    stand.advance("1m").await;
    let items =
        client.list(&format!("/enrich/items?enrichment_id={}", enrichment["id"].as_str().unwrap())).await;
    assert_eq!((items.len(), &items[0]["country"]), (1, &json!("US")));
}

#[tokio::test]
async fn a_file_without_a_usable_row_fails_its_validation_and_says_why() {
    let stand = Stand::new();
    for (query, file, reason) in [
        ("file_name=a.csv", "", "The file has no rows"),
        ("file_name=a.json", "[]", "The file has no rows"),
        ("file_name=a.jsonl", "{\"title\": }", "line 1: this is not JSON, at column 11: expected value"),
        (
            "file_name=a.csv",
            "title,image,price,currency\nRye,,0,EUR\nFlax,https://a.example/1,0,EUR\n",
            "None of the file's 2 rows can be used: no image (an http or https address) in 1 (first in line 2), \
             no price above zero in 2 (first in line 2)",
        ),
    ] {
        let import = ended(&stand, query, file).await;
        assert_eq!((&import["status"], &import["finished"]), (&json!("validation_failed"), &json!(true)));
        assert_eq!((&import["status_reason"], &import["success_count"]), (&json!(reason), &json!(0)));
    }
}

#[tokio::test]
async fn names_of_files_bring_about_what_they_say() {
    let stand = Stand::new();
    let outcome = async |name: &str| {
        let import = ended(&stand, &format!("file_name={name}"), &products(9)).await;
        (import["status"].clone(), import["success_count"].clone(), import["error_count"].clone())
    };
    assert_eq!(outcome("fails.csv").await, (json!("failed"), json!(4), json!(0)));
    assert_eq!(outcome("partial.csv").await, (json!("completed"), json!(6), json!(3)));
    assert_eq!(outcome("empty.csv").await, (json!("validation_failed"), json!(0), json!(9)));
    let id = import(&stand, "file_name=stuck.csv", &products(9)).await;
    stand.advance("30d").await;
    assert_eq!(seen(&stand, &id).await["status"], "running");
}

#[tokio::test]
async fn rules_decide_about_imports_by_what_was_asked_for() {
    let stand = Stand::with(
        "runs:\n\
         - match: { kind: import, request: { file_name: 'bad*' } }\n  outcome: { invalid: { error: Not ours } }\n\
         - match: { kind: import, host: 'down.example' }\n  outcome: failed\n\
         - match: { kind: import, request: { file_name: 'good*' } }\n  outcome: completed\n",
    );
    let outcome = async |query: &str, file: &str| {
        let import = ended(&stand, query, file).await;
        (import["status"].clone(), import["status_reason"].clone())
    };
    let good = products(3);
    assert_eq!(outcome("file_name=bad.csv", &good).await, (json!("validation_failed"), json!("Not ours")));
    let failed = json!("The file could not be imported");
    assert_eq!(
        outcome("file_name=a.csv&source_host=down.example", &good).await,
        (json!("failed"), failed.clone())
    );
    assert_eq!(outcome("file_name=a.csv&source_host=down.example", "").await, (json!("failed"), failed));
    assert_eq!(outcome("file_name=good.csv", "").await, (json!("completed"), Value::Null));
}

#[tokio::test]
async fn the_kind_of_a_file_is_told_by_its_name_then_its_media_type_then_its_beginning() {
    let stand = Stand::new();
    let row = r#"{"title":"Rye","image":"https://a.example/1.jpg","price":3,"currency":"EUR"}"#;
    let array = format!("[{row}]");
    let octets = "application/octet-stream";
    for (query, media_type, file, name) in [
        ("file_name=a.JSONL", "text/csv", row, "a.JSONL"),
        ("file_name=a.ndjson", octets, row, "a.ndjson"),
        ("file_name=a.json", octets, &array, "a.json"),
        ("file_name=a.list", "application/json; charset=utf-8", &array, "a.list"),
        ("", "application/x-ndjson", row, "import.jsonl"),
        ("", octets, &array, "import.json"),
        ("file_name=a", octets, row, "a"),
        ("", octets, CSV, "import.csv"),
    ] {
        let begun = upload(&stand, query, Some(media_type), "", file.as_bytes()).await;
        let begun = begun.ok(StatusCode::ACCEPTED);
        assert_eq!(begun["name"], name);
        stand.advance("1m").await;
        let import = seen(&stand, begun["id"].as_str().unwrap()).await;
        assert_eq!(import["status"], "completed", "{query} {media_type}: {import}");
    }
}

#[tokio::test]
async fn what_is_no_such_file_is_refused() {
    let stand = Stand::new();
    let octets = Some("application/octet-stream");
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    for (query, media_type, file) in [
        ("file_name=a.csv", Some("image/png"), CSV.as_bytes()),
        ("file_name=a.csv", None, CSV.as_bytes()),
        ("file_name=a.xlsx", octets, CSV.as_bytes()),
        ("", octets, b"PK\x03\x04abcdefgh".as_slice()),
    ] {
        let refused = upload(&stand, query, media_type, "", file).await;
        let message = refused.extralt_refuses(V1, unsupported, "unsupported_media_type");
        assert!(!message.is_empty());
    }
    for query in ["country=Germany", "language=DE", "file_name="] {
        let refused = upload(&stand, query, Some("text/csv"), "", CSV.as_bytes()).await;
        let _ = refused.extralt_refuses(V1, StatusCode::BAD_REQUEST, "invalid_request");
    }
    let large = vec![b'x'; 32 * 1024 * 1024 + 1];
    let refused = upload(&stand, "", Some("text/csv"), "", &large).await;
    let _ = refused.extralt_refuses(V1, StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large");
    let client = Client::new(&stand, V0);
    let unknown = client.post("/extract/imports", json!([])).await;
    let _ = unknown.extralt_refuses(V0, StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test]
async fn a_file_of_ten_megabytes_is_taken_in_row_by_row() {
    let stand = Stand::new();
    let filler = "x".repeat(1000);
    let rows = (0..10_000).map(|at| format!("P {at},https://a.example/{at}.jpg,1,EUR,{filler}\n"));
    let file = format!("title,image,price,currency,nothing we know\n{}", rows.collect::<String>());
    assert!(file.len() > 10_000_000);
    let import = ended(&stand, "file_name=a.csv", &file).await;
    assert_eq!((&import["status"], &import["success_count"]), (&json!("completed"), &json!(10_000)));
}

#[tokio::test]
async fn an_upload_that_is_repeated_with_its_key_makes_one_import() {
    let stand = Stand::new();
    let send = async |key: &str, file: &str| {
        upload(&stand, "file_name=a.csv", Some("text/csv"), key, file.as_bytes()).await
    };
    let first = send("k-1", CSV).await;
    stand.advance("1m").await;
    let again = send("k-1", CSV).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    let other = send("k-1", &products(2)).await;
    let _ = other.extralt_refuses(V1, StatusCode::CONFLICT, "conflict");
    let renamed = upload(&stand, "file_name=b.csv", Some("text/csv"), "k-1", CSV.as_bytes()).await;
    let _ = renamed.extralt_refuses(V1, StatusCode::CONFLICT, "conflict");
    assert_ne!(send("k-2", CSV).await.json()["id"], first.json()["id"]);
    let long = send(&"k".repeat(256), CSV).await;
    let _ = long.extralt_refuses(V1, StatusCode::BAD_REQUEST, "invalid_request");
}

#[tokio::test]
async fn a_key_that_is_too_long_or_empty_is_refused() {
    let stand = Stand::new();
    let client = Client::new(&stand, V1);
    let body = json!({ "url": "https://shop.example", "country": "US" });
    for (key, status) in [
        ("k".repeat(255), StatusCode::ACCEPTED),
        ("k".repeat(256), StatusCode::BAD_REQUEST),
        (String::new(), StatusCode::BAD_REQUEST),
    ] {
        let headers = [("idempotency-key", key.as_str())];
        let answer = client.send(Method::POST, "/extract/robots", &headers, Some(body.clone())).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}
