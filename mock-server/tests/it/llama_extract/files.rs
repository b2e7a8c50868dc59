//! Files: the ways in, the way out, and the addresses that need no key.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{Client, V1, V2, id, invoice};
use crate::harness::{Answer, Stand};

const TEXT: &str = "Invoice 7, two lamps";
const BETA: &str = "/api/v1/beta/files";

/// What comes behind the host in a presigned address.
#[track_caller]
fn path(presigned: &Value) -> String {
    let url = presigned["url"].as_str().unwrap_or_else(|| panic!("no address: {presigned}"));
    let path = url.strip_prefix("http://127.0.0.1:4010").unwrap_or_else(|| panic!("{url} is not ours"));
    assert!(path.starts_with("/_presigned/"), "{url}");
    path.to_owned()
}

/// Asks without a key, as whoever follows a presigned address does.
async fn keyless(stand: &Stand, method: Method, path: &str, bytes: &'static [u8]) -> Answer {
    stand.send(Request::builder().method(method).uri(path).body(Body::from(bytes)).unwrap()).await
}

/// The bytes of a file, by the address that is given for it.
async fn bytes(client: Client<'_>, file: &str) -> Vec<u8> {
    let presigned = client.read(&format!("/api/v1/files/{file}/content")).await;
    let request = Request::get(path(&presigned)).body(Body::empty()).unwrap();
    let response = client.stand.open(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    response.into_body().collect().await.unwrap().to_bytes().into()
}

/// Announces a file, and returns its id and the path that its bytes are to be sent to.
async fn announced(client: Client<'_>, query: &str, body: Value) -> (String, String) {
    let presigned = client.put(&format!("/api/v1/files{query}"), body).await.ok(StatusCode::OK);
    assert_eq!(presigned["form_fields"], Value::Null);
    (presigned["file_id"].as_str().unwrap().to_owned(), path(&presigned))
}

#[tokio::test]
async fn each_of_the_three_forms_brings_a_file() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let first = "/api/v1/files?external_file_id=inbox%2F7.pdf";
    let first = client.fill(first, &[("upload_file", Some("7.PDF"), TEXT)]).await.ok(StatusCode::OK);
    assert_eq!((&first["name"], &first["external_file_id"]), (&json!("7.PDF"), &json!("inbox/7.pdf")));
    assert_eq!((&first["file_size"], &first["file_type"]), (&json!(TEXT.len()), &json!("pdf")));

    let file = ("file", Some("letter.docx"), "Dear Ada");
    let fields = [("purpose", None, "extract"), ("external_file_id", None, "letters/1")];
    // One client sends the file first and the other last.
    for parts in [[fields[0], fields[1], file], [file, fields[0], fields[1]]] {
        let second = client.fill(BETA, &parts).await.ok(StatusCode::CREATED);
        assert_eq!(second["external_file_id"], "letters/1");
        assert_eq!((&second["purpose"], &second["file_type"]), (&json!("extract"), &json!("docx")));
        assert_eq!(bytes(client, &id(&second)).await, b"Dear Ada");
    }

    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = ("file", Some("scan.png"), TEXT);
    let agent = ("extraction_agent_id", None, &*agent);
    for parts in [[file, agent], [agent, file]] {
        let job = client.fill(&format!("{V1}/jobs/file"), &parts).await.ok(StatusCode::OK);
        assert_eq!((&job["file"]["name"], &job["status"]), (&json!("scan.png"), &json!("PENDING")));
        assert_eq!(bytes(client, &id(&job["file"])).await, TEXT.as_bytes());
    }
    assert_eq!(client.read("/api/v1/files").await.as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn a_file_is_the_same_in_either_generation() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let sent = client.fill(BETA, &[("purpose", None, "extract"), ("file", Some("a.txt"), TEXT)]).await;
    let second = sent.ok(StatusCode::CREATED);
    assert_eq!(second["external_file_id"], Value::Null);
    let first = client.read(&format!("/api/v1/files/{}", id(&second))).await;
    assert_eq!(first["external_file_id"], "a.txt", "a text always, in this generation");
    for name in ["id", "name", "file_type", "project_id", "purpose"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert_eq!(client.read(&format!("{BETA}/dfl-{}", id(&second))).await["id"], second["id"]);
}

#[tokio::test]
async fn a_form_without_its_file_or_its_purpose_is_refused_where_it_lacks() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let file = ("file", Some("a.txt"), TEXT);
    for (target, parts, place) in [
        ("/api/v1/files", vec![file], "upload_file"),
        (BETA, vec![("purpose", None, "extract")], "file"),
        (BETA, vec![file], "purpose"),
        ("/api/v1/extraction/jobs/file", vec![file], "extraction_agent_id"),
    ] {
        let (at, kind) = client.fill(target, &parts).await.item();
        assert_eq!((at, kind.as_str()), (json!(["body", place]), "missing"), "{target}");
    }
    let refused = client.fill(BETA, &[("purpose", None, "mischief"), file]).await.item();
    assert_eq!(refused, (json!(["body", "purpose"]), "enum".to_owned()));
    assert_eq!(client.read("/api/v1/files").await, json!([]), "what is refused leaves nothing behind");
}

#[tokio::test]
async fn a_presigned_address_takes_the_bytes_once_and_without_a_key() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (file, upload) =
        announced(client, "", json!({ "name": "scan.pdf", "file_size": 7, "external_file_id": "in/1" }))
            .await;
    let before = client.read(&format!("/api/v1/files/{file}")).await;
    assert_eq!((&before["name"], &before["external_file_id"]), (&json!("scan.pdf"), &json!("in/1")));
    let (agent, body) = (
        client.agent("invoices", &invoice(), json!({})).await,
        json!({ "file_input": file, "configuration": { "data_schema": invoice() } }),
    );
    let early = client.post(V2, body).await.detail(StatusCode::BAD_REQUEST);
    assert!(early.contains(&file) && early.contains("not been uploaded"), "{early}");
    let _ = client.get(&format!("/api/v1/files/{file}/content")).await.detail(StatusCode::BAD_REQUEST);

    static BYTES: &[u8] = b"%PDF-\xff\x00";
    let sent = keyless(&stand, Method::PUT, &upload, BYTES).await;
    assert_eq!((sent.status, sent.text.as_str()), (StatusCode::OK, ""));
    let after = client.read(&format!("/api/v1/files/{file}")).await;
    assert_eq!((&after["file_size"], &after["file_type"]), (&json!(BYTES.len()), &json!("pdf")));
    assert_eq!(bytes(client, &file).await, BYTES);
    let again = keyless(&stand, Method::PUT, &upload, b"other").await.detail(StatusCode::FORBIDDEN);
    assert!(again.contains("used"), "{again}");
    assert_eq!(bytes(client, &file).await, BYTES);
    let _ = client.job(&agent, &file).await;
}

#[tokio::test]
async fn a_presigned_address_is_good_until_it_expires_and_for_one_thing() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (_, short) = announced(client, "?expires_at_seconds=60", json!({ "name": "a.txt" })).await;
    let (_, usual) = announced(client, "", json!({ "name": "b.txt" })).await;
    let file = client.file("c.txt", TEXT).await;
    let read = path(&client.read(&format!("/api/v1/files/{file}/content?expires_at_seconds=60")).await);
    for (method, target) in [(Method::GET, &short), (Method::PUT, &read)] {
        let said = keyless(&stand, method, target, b"x").await.detail(StatusCode::FORBIDDEN);
        assert!(said.contains("something else"), "{said}");
    }
    stand.advance("59s").await;
    assert_eq!(keyless(&stand, Method::GET, &read, b"").await.text, TEXT);
    assert_eq!(keyless(&stand, Method::GET, &read, b"").await.text, TEXT, "as often as one likes");
    stand.advance("1s").await;
    for (method, target) in [(Method::PUT, &short), (Method::GET, &read)] {
        let said = keyless(&stand, method, target, b"x").await.detail(StatusCode::FORBIDDEN);
        assert!(said.contains("expired"), "{said}");
    }
    stand.advance("58m").await;
    assert_eq!(keyless(&stand, Method::PUT, &usual, b"x").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_nobody_gave_opens_nothing() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let file = client.file("a.txt", TEXT).await;
    let read = path(&client.read(&format!("/api/v1/files/{file}/content")).await);
    let last = if read.ends_with('A') { 'B' } else { 'A' };
    let (kept, _) = read.split_at(read.len() - 1);
    for wrong in [format!("{kept}{last}"), kept.to_owned(), "/_presigned/x".to_owned()] {
        let _ = keyless(&stand, Method::GET, &wrong, b"").await.detail(StatusCode::NOT_FOUND);
    }
    // Whose file it was says nothing any more.
    client.delete(&format!("/api/v1/files/{file}")).await.bare();
    let _ = keyless(&stand, Method::GET, &read, b"").await.detail(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_download_is_called_as_its_file() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let file = client.file("Größe 7.pdf", TEXT).await;
    let read = path(&client.read(&format!("{BETA}/{file}/content")).await);
    let answer = keyless(&stand, Method::GET, &read, b"").await;
    let header = answer.headers["content-disposition"].to_str().unwrap();
    assert!(header.starts_with("attachment") && header.contains("Gr%C3%B6%C3%9Fe%207.pdf"), "{header}");
}

#[tokio::test]
async fn what_was_extracted_outlives_its_file() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("invoice.pdf", TEXT).await;
    let job = client.job(&agent, &file).await;
    client.wait().await;
    let before = client.run(V1, &job).await;
    client.delete(&format!("{BETA}/{file}")).await.bare();
    let run = client.run(V1, &job).await;
    assert_eq!((&run["data"], &run["file"]["id"]), (&before["data"], &json!(file)));
    for gone in [format!("/api/v1/files/{file}"), format!("{BETA}/{file}"), format!("{BETA}/{file}/content")]
    {
        let said = client.get(&gone).await.detail(StatusCode::NOT_FOUND);
        assert!(said.contains(&file), "{said}");
    }
    let body = json!({ "extraction_agent_id": agent, "file_id": file });
    let _ = client.post(&format!("{V1}/jobs"), body).await.detail(StatusCode::NOT_FOUND);
    let _ = client.delete(&format!("/api/v1/files/{file}")).await.detail(StatusCode::NOT_FOUND);
}
