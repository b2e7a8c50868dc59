//! Files that the server fetches from an address, over real sockets.

use std::net::Ipv4Addr;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use http::{HeaderMap, Method, StatusCode};
use mock_server::MockServer;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Remote;

const PATH: &str = "/api/v1/files/upload_from_url";

async fn server() -> MockServer {
    MockServer::builder().strict().start().await.unwrap()
}

/// A server of files on this machine, by its address.
async fn source() -> String {
    let guarded = async |headers: HeaderMap| {
        let is_known = headers.get("x-pass").is_some_and(|value| value == "sesame");
        if is_known { (StatusCode::OK, "guarded") } else { (StatusCode::UNAUTHORIZED, "who are you?") }
    };
    let router = Router::new()
        .route("/files/scan%201.pdf", get(async || b"%PDF-\xff\x00".to_vec()))
        .route("/guarded.txt", get(guarded))
        .route("/moved", get(async || Redirect::temporary("/guarded.txt")))
        .route("/round", get(async || Redirect::temporary("/round")))
        .route("/away", get(async || Redirect::temporary("http://192.0.2.7/secret")));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// The bytes of a file, by the address that is given for it.
async fn bytes(remote: &Remote<'_>, file: &Value) -> Vec<u8> {
    let path = format!("/api/v1/files/{}/content", file["id"].as_str().unwrap());
    let presigned = remote.done(Method::GET, &path, None).await;
    let answer = reqwest::get(presigned["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.bytes().await.unwrap().into()
}

#[tokio::test]
async fn a_file_of_this_machine_is_fetched_and_called_as_it_is_there() {
    let (server, source) = (server().await, source().await);
    let remote = Remote::of(&server);
    let url = format!("{source}/files/scan%201.pdf?page=2");
    let file = remote.done(Method::PUT, PATH, Some(json!({ "url": url }))).await;
    assert_eq!((&file["name"], &file["file_type"]), (&json!("scan 1.pdf"), &json!("pdf")));
    assert_eq!(bytes(&remote, &file).await, b"%PDF-\xff\x00");
    let asked = json!({ "url": url, "name": "mine.txt", "resource_info": { "shelf": 4 } });
    let named = remote.done(Method::PUT, PATH, Some(asked)).await;
    assert_eq!((&named["name"], &named["resource_info"]), (&json!("mine.txt"), &json!({ "shelf": 4 })));
}

#[tokio::test]
async fn headers_go_along_and_redirects_are_followed_unless_they_shall_not_be() {
    let (server, source) = (server().await, source().await);
    let remote = Remote::of(&server);
    let headers = json!({ "X-Pass": "sesame" });
    for path in ["/guarded.txt", "/moved"] {
        let body = json!({ "url": format!("{source}{path}"), "request_headers": headers });
        let file = remote.done(Method::PUT, PATH, Some(body)).await;
        assert_eq!(file["name"], "guarded.txt", "{path}");
        assert_eq!(bytes(&remote, &file).await, b"guarded");
    }
    for (body, why) in [
        (json!({ "url": format!("{source}/guarded.txt") }), "401"),
        (json!({ "url": format!("{source}/moved"), "follow_redirects": false }), "307"),
        (json!({ "url": format!("{source}/round") }), "redirects more than"),
        (json!({ "url": format!("{source}/away") }), "192.0.2.7"),
        (json!({ "url": format!("{source}/missing") }), "404"),
    ] {
        let (status, said) = remote.ask(Method::PUT, PATH, Some(body)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{said}");
        assert!(said["detail"].as_str().is_some_and(|said| said.contains(why)), "{why}: {said}");
    }
}

#[tokio::test]
async fn nothing_is_fetched_from_elsewhere() {
    let server = server().await;
    let remote = Remote::of(&server);
    for (url, why) in [
        ("http://files.example/a.pdf", "files.example is neither"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254 is neither"),
        ("http://[2001:db8::7]/a", "is neither"),
        ("ftp://localhost/a.pdf", "http or https"),
        ("file:///etc/passwd", "http or https"),
        ("a.pdf", "absolute"),
        ("http://127.0.0.1:1/a.pdf", "could not be asked"),
    ] {
        let (status, said) = remote.ask(Method::PUT, PATH, Some(json!({ "url": url }))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{url}: {said}");
        assert!(said["detail"].as_str().is_some_and(|said| said.contains(why)), "{url}: {said}");
    }
    assert_eq!(remote.done(Method::GET, "/api/v1/files", None).await, json!([]));
}

#[tokio::test]
async fn of_its_own_addresses_a_server_fetches_presigned_ones_alone() {
    let (server, source) = (server().await, source().await);
    let remote = Remote::of(&server);
    let url = format!("{source}/files/scan%201.pdf");
    let first = remote.done(Method::PUT, PATH, Some(json!({ "url": url }))).await;
    let path = format!("/api/v1/files/{}/content", first["id"].as_str().unwrap());
    let url = remote.done(Method::GET, &path, None).await["url"].clone();
    // The server answers itself while it waits for its own answer.
    let body = json!({ "url": url, "name": "copy.pdf" });
    let copy = remote.done(Method::PUT, PATH, Some(body)).await;
    assert_eq!((&copy["name"], &copy["file_size"]), (&json!("copy.pdf"), &first["file_size"]));
    assert_ne!(copy["id"], first["id"]);
    assert_eq!(bytes(&remote, &copy).await, bytes(&remote, &first).await);
    for own in ["/_rehearsal/health", "/api/v1/files"] {
        let (status, said) = remote.ask(Method::PUT, PATH, Some(json!({ "url": server.url(own) }))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{said}");
        assert!(said["detail"].as_str().is_some_and(|said| said.contains("itself")), "{own}: {said}");
    }
}
