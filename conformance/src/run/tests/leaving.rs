//! What a run takes back where there is no control plane: every run that it started, and none of somebody else's.

use std::sync::{Arc, Mutex};

use super::*;

/// A create, or an attempt to cancel: the path, the key, and whether it came as a bearer token.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    path: String,
    key: String,
    is_bearer: bool,
}

/// What a server was asked that lets everybody in: the creates it accepted, by their ids, and the cancels.
#[derive(Debug, Default)]
struct Book {
    created: Vec<(String, Asked)>,
    canceled: Vec<Asked>,
}

impl Book {
    /// Notes a request; every run that is read is in `state`.
    fn take(&mut self, request: &Request<Bytes>, state: &str) -> Response<Bytes> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let token = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let key = header("x-api-key").or(token).unwrap_or_default().to_owned();
        let asked = Asked { path: request.uri().path().to_owned(), key, is_bearer: token.is_some() };
        match request.method().as_str() {
            "POST" => {
                let id = format!("run-{}", self.created.len());
                self.created.push((id.clone(), asked));
                answer(request, format!(r#"{{"execution_id":"{id}","status":"running"}}"#))
            }
            "DELETE" => {
                self.canceled.push(asked);
                answer(request, r#"{"status":"canceled"}"#.to_owned())
            }
            _ => answer(request, format!(r#"{{"status":"{state}","data":[]}}"#)),
        }
    }

    fn is_canceled(&self, id: &str, create: &Asked) -> bool {
        let path = format!("{}/{id}", create.path);
        let own = |asked: &&Asked| asked.path == path && asked.key == create.key;
        // A key that is good is good in either header.
        let is_bad = create.key.starts_with("invalid-");
        self.canceled.iter().filter(own).any(|asked| !is_bad || asked.is_bearer == create.is_bearer)
    }
}

/// The book of a run against a server whose runs are all in `state`.
fn book(state: &'static str) -> Book {
    let book = Arc::new(Mutex::new(Book::default()));
    let kept = Arc::clone(&book);
    let report = judged(false, move |request, _| kept.lock().expect("nobody panics").take(request, state));
    assert_eq!(report.expect("there is something to report").left_behind, Vec::<String>::new());
    std::mem::take(&mut *book.lock().expect("nobody panics"))
}

#[test]
fn what_was_started_is_canceled_and_a_crawl_that_may_have_run_before_is_not() {
    let book = book("running");
    for (id, create) in &book.created {
        assert_eq!(book.is_canceled(id, create), create.path != "/v2/crawl", "{id} {create:?}");
    }
    for path in ["/v2/crawl", "/v2/extract", "/v2/agentic-search"] {
        assert!(book.created.iter().any(|(_, create)| create.path == path), "{path}");
    }
}

#[test]
fn what_a_refused_key_could_start_is_canceled_with_that_key_in_the_same_header() {
    let book = book("completed");
    for is_bearer in [false, true] {
        let bad = |create: &Asked| create.key.starts_with("invalid-") && create.is_bearer == is_bearer;
        let extract = |create: &Asked| bad(create) && create.path == "/v2/extract";
        let (id, create) = book.created.iter().find(|(_, create)| extract(create)).expect("it lets all in");
        assert!(book.is_canceled(id, create), "{id} {create:?}");
    }
}

#[test]
fn a_create_that_got_no_answer_is_named_unless_the_list_shows_nothing_new() {
    for (listed, expected) in [
        (
            r#"{"execution_id":"extract-urls-9","status":"completed"}"#,
            "extract extract-urls-9, perhaps: POST /v2/extract got 503",
        ),
        ("", ""),
    ] {
        let asked = AtomicU64::new(0);
        let report = judged(false, move |request, _| {
            if request.method() == http::Method::POST {
                let is_extract =
                    request.uri().path() == "/v2/extract" && request.body().starts_with(b"{\"vendor\"");
                let status = if is_extract { 503 } else { 400 };
                asked.fetch_add(u64::from(is_extract), Ordering::Relaxed);
                return Response::builder().status(status).body(Bytes::from("{}")).expect("it is an answer");
            }
            let is_there = asked.load(Ordering::Relaxed) > 0 && request.uri().path() == "/v2/extract";
            answer(request, format!(r#"{{"data":[{}]}}"#, if is_there { listed } else { "" }))
        });
        let left = report.expect("there is something to report").left_behind;
        assert_eq!(left.join(", "), expected);
    }
}

#[test]
fn a_schedule_or_webhook_that_was_not_deleted_on_the_way_is_deleted_at_the_end() {
    let robot = r#"{"id":"robot-1","host":"shop.example","country":"US","status":"completed"}"#;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    // The first attempt to delete anything fails, and nothing else can be made.
    let report = judged_as("extralt/v1", false, move |request, number| {
        let mut asked = kept.lock().expect("nobody panics");
        let path = request.uri().path().to_owned();
        let place = path.rsplit_once('/').map_or("", |(place, _)| place);
        let (status, body) = match (request.method().as_str(), path.as_str(), place) {
            _ if !request.headers().contains_key("authorization") => (401, "{}".to_owned()),
            ("GET", "/v1/extract/robots", _) => (200, format!(r#"{{"data":[{robot}],"next_cursor":null}}"#)),
            ("POST", "/v1/extract/robots", _) => (200, robot.to_owned()),
            ("POST", "/v1/extract/schedules" | "/v1/webhooks", _) => {
                asked.push(format!("{path}/it-{number}"));
                (201, format!(r#"{{"id":"it-{number}"}}"#))
            }
            ("DELETE", _, "/v1/extract/schedules" | "/v1/webhooks") => {
                let before = asked.iter().filter(|known| known.ends_with(&path)).count();
                asked.push(format!("DELETE {path}"));
                (if before > 1 { 204 } else { 500 }, String::new())
            }
            _ => (404, "{}".to_owned()),
        };
        let answer = Response::builder().status(status).header("content-type", "application/json");
        answer.body(Bytes::from(body)).expect("it is an answer")
    });
    let asked = asked.lock().expect("nobody panics");
    for kind in ["/v1/extract/schedules/", "/v1/webhooks/"] {
        assert!(asked.iter().any(|asked| asked.starts_with(kind)), "{kind} {asked:#?}");
    }
    for made in asked.iter().filter(|asked| !asked.starts_with("DELETE")) {
        let deletes = asked.iter().filter(|asked| **asked == format!("DELETE {made}")).count();
        assert!(deletes >= 2, "{made}: {asked:#?}");
    }
    assert_eq!(report.expect("there is something to report").left_behind, Vec::<String>::new());
}
