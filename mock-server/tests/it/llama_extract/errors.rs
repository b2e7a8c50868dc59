//! What is answered where something is wrong: one sentence, or the list of what is wrong where.

use axum::body::Body;
use fixtures::contract::Contract;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::{Answer, KEY, Stand};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Every operation that needs a key: its method, and a path that names nothing there is.
fn operations() -> Vec<(Method, String)> {
    let mut all = Vec::new();
    for version in ["extractionv2", "v1", "v2"] {
        let contract = Contract::find("llama-extract", version).unwrap();
        for operation in contract.operations() {
            let segments =
                operation.path().split('/').map(|part| if part.starts_with('{') { NOBODY } else { part });
            let path = segments.collect::<Vec<_>>().join("/");
            if !path.starts_with("/_presigned") {
                all.push((operation.method().clone(), path));
            }
        }
    }
    assert!(all.len() > 60, "{}", all.len());
    all
}

async fn bare(stand: &Stand, method: &Method, path: &str, authorization: Option<&str>) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request =
        authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
    stand.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_operation_asks_for_a_key_before_anything_else() {
    let stand = Stand::new();
    for (method, path) in operations() {
        for (authorization, status, words) in [
            (None, StatusCode::UNAUTHORIZED, "Not authenticated"),
            (Some("Bearer "), StatusCode::UNAUTHORIZED, "Not authenticated"),
            (Some("Basic dGVzdC1h"), StatusCode::UNAUTHORIZED, "Invalid authentication credentials"),
            (Some("Bearer invalid-x"), StatusCode::UNAUTHORIZED, "Invalid API Key"),
            (
                Some("Bearer forbidden-1"),
                StatusCode::FORBIDDEN,
                "This API key has no access to this resource",
            ),
        ] {
            let answer = bare(&stand, &method, &path, authorization).await;
            assert_eq!(answer.ok(status), json!({ "detail": words }), "{method} {path}");
        }
    }
    // A key in the header of another API is none here.
    let request = Request::get("/api/v1/files").header("x-api-key", KEY).body(Body::empty()).unwrap();
    let _ = stand.send(request).await.detail(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_not_there_is_named_in_the_refusal() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let mut asked = 0;
    for (method, path) in operations() {
        if !path.contains(NOBODY) || method == Method::PUT {
            continue;
        }
        let answer = client.send(method.clone(), &path, None, Body::empty()).await;
        let said = answer.detail(StatusCode::NOT_FOUND);
        assert!(said.contains(NOBODY), "{method} {path}: {said}");
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
    for gone in ["/api/v1/nothing", "/api/v3/extract", "/api", "/api/v1/extraction/jobs/x/y"] {
        assert_eq!(
            client.get(gone).await.ok(StatusCode::NOT_FOUND),
            json!({ "detail": "Not Found" }),
            "{gone}"
        );
    }
}

#[tokio::test]
async fn what_a_body_refers_to_has_to_be_there() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("a.txt", "x").await;
    let inline = json!({ "data_schema": invoice() });
    let parse_job = format!("pjb-{NOBODY}");
    for (path, body, name) in [
        (format!("{V1}/jobs"), json!({ "extraction_agent_id": NOBODY, "file_id": file }), NOBODY),
        (format!("{V1}/jobs"), json!({ "extraction_agent_id": agent, "file_id": NOBODY }), NOBODY),
        (
            format!("{PAGE}/jobs/batch"),
            json!({ "extraction_agent_id": agent, "file_ids": [file, NOBODY] }),
            NOBODY,
        ),
        (format!("{V1}/run"), json!({ "data_schema": invoice(), "config": {}, "file_id": NOBODY }), NOBODY),
        (V2.to_owned(), json!({ "file_input": NOBODY, "configuration": inline }), NOBODY),
        (V2.to_owned(), json!({ "file_input": parse_job, "configuration": inline }), "Parse job"),
        (V2.to_owned(), json!({ "file_input": file, "configuration_id": format!("cfg-{NOBODY}") }), "cfg-"),
        (format!("{V2}/schema/generate"), json!({ "file_id": NOBODY }), NOBODY),
    ] {
        let said = client.post(&path, body).await.detail(StatusCode::NOT_FOUND);
        assert!(said.contains(name), "{path}: {said}");
    }
    assert_eq!(
        client.read(&format!("{V1}/jobs?extraction_agent_id={agent}")).await,
        json!([]),
        "all or none"
    );
}

#[tokio::test]
async fn what_is_known_and_not_stood_in_for_is_said_to_be_so() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    for (path, operation) in [
        (format!("{PAGE}/jobs/test"), "llama-extract.jobs-test.create"),
        (format!("{PAGE}/jobs/parsed"), "llama-extract.jobs-parsed.create"),
        (format!("{PAGE}/jobs/parsed/test"), "llama-extract.jobs-parsed-test.create"),
        (format!("{V1}/jobs/test"), "llama-extract.jobs-test.create"),
    ] {
        let said = client.post(&path, json!({})).await.detail(StatusCode::NOT_IMPLEMENTED);
        assert!(said.contains(operation), "{said}");
    }
}

#[tokio::test]
async fn one_request_too_many_is_told_when_to_come_again() {
    let stand =
        Stand::with("account: { apis: { llama-extract: { rate-limit: { requests: 3, per: 10s } } } }\n");
    let client = Client::new(&stand);
    // The generations share one allowance.
    for path in ["/api/v1/files", "/api/v2/extract", &format!("{PAGE}/runs")] {
        let _ = client.read(path).await;
        stand.advance("1s").await;
    }
    for path in ["/api/v1/files", "/api/v2/extract", &format!("{PAGE}/runs")] {
        let refused = client.get(path).await;
        assert_eq!(refused.headers["retry-after"], "7", "{path}");
        let said = refused.ok(StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(said, json!({ "detail": "Too Many Requests" }));
    }
    let _ = Client { key: "test-b", ..client }.read("/api/v1/files").await;
    stand.advance("7s").await;
    let _ = client.read("/api/v1/files").await;
    let _ = client.get("/api/v1/files").await.detail(StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_limit_can_be_set_and_lifted_while_the_server_runs() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let target = format!("/_rehearsal/account?key={KEY}");
    for (limit, is_limited) in [(json!({ "requests": 1, "per": "1m" }), true), (json!("off"), false)] {
        let body = json!({ "apis": { "llama-extract": { "rate-limit": limit } } });
        let _ = stand.call(KEY, Method::PATCH, &target, Some(body)).await.ok(StatusCode::OK);
        let _ = client.get("/api/v1/files").await;
        let second = client.get("/api/v1/files").await.status;
        assert_eq!(second == StatusCode::TOO_MANY_REQUESTS, is_limited, "{limit}: {second}");
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_is_refused_with_its_place_and_what_is_wrong() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let agents = format!("{V1}/extraction-agents");
    let jobs = format!("{V1}/jobs");
    let new =
        |name: Value, config: Value| json!({ "name": name, "data_schema": invoice(), "config": config });
    for (path, body, place, kind) in [
        (&agents, json!({}), json!(["body", "name"]), "missing"),
        (&agents, new(json!(7), json!({})), json!(["body", "name"]), "string_type"),
        (&agents, new(json!("x"), json!([])), json!(["body", "config"]), "dict_type"),
        (
            &agents,
            new(json!("x"), json!({ "cite_sources": "yes" })),
            json!(["body", "config", "cite_sources"]),
            "bool_type",
        ),
        (
            &agents,
            new(json!("x"), json!({ "extraction_mode": "X" })),
            json!(["body", "config", "extraction_mode"]),
            "enum",
        ),
        (
            &jobs,
            json!({ "extraction_agent_id": agent, "file_id": "x" }),
            json!(["body", "file_id"]),
            "uuid_parsing",
        ),
        (
            &format!("{jobs}/batch"),
            json!({ "extraction_agent_id": agent, "file_ids": [NOBODY, 7] }),
            json!(["body", "file_ids", 1]),
            "string_type",
        ),
    ] {
        let answer = client.post(path, body.clone()).await;
        let all = answer.clone().ok(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.item(), (place, kind.to_owned()), "{body}: {all}");
        let items = all["detail"].as_array().unwrap();
        assert!(items.iter().all(|item| item["loc"].is_array() && item["msg"].is_string()), "{all}");
    }
    // Everything that is wrong is told at once.
    let all = client.post(&agents, json!({ "name": 7 })).await.ok(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(all["detail"].as_array().map(Vec::len), Some(3), "{all}");
    let (at, kind) = client.get(&format!("{V1}/jobs/x")).await.item();
    assert_eq!((at, kind.as_str()), (json!(["path", "job_id"]), "uuid_parsing"));
    // What nobody knows is left alone.
    let mut body = new(json!("open"), json!({ "unheard": 1 }));
    body["of"] = json!(true);
    let _ = client.post(&agents, body).await.ok(StatusCode::OK);
}

#[tokio::test]
async fn exactly_one_source_and_one_configuration_have_to_be_given() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let file = client.file("a.txt", "x").await;
    let run = format!("{V1}/run");
    for more in [
        json!({}),
        json!({ "file_id": file, "text": "x" }),
        json!({ "text": "x", "file": { "data": "eA==", "mime_type": "text/plain" } }),
    ] {
        let mut body = json!({ "data_schema": invoice(), "config": {} });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (place, _) = client.post(&run, body).await.item();
        assert_eq!(place[0], "body", "{more}");
    }
    let no_base64 = json!({ "data_schema": invoice(), "config": {}, "file": { "data": "%%", "mime_type": "text/plain" } });
    let (place, _) = client.post(&run, no_base64).await.item();
    assert_eq!(place, json!(["body", "file", "data"]));
    let inline = json!({ "data_schema": invoice() });
    let saved = format!("cfg-{NOBODY}");
    for body in [
        json!({ "file_input": file }),
        json!({ "file_input": file, "configuration": inline, "configuration_id": saved }),
    ] {
        let (place, _) = client.post(V2, body.clone()).await.item();
        assert_eq!(place[0], "body", "{body}");
    }
    assert_eq!(client.read(V2).await["total_size"], 0);
    assert_eq!(stand.kept(), 1, "what is refused leaves no file behind");
}

#[tokio::test]
async fn what_is_no_json_is_refused_wherever_json_has_to_be() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    for text in ["{", "", "{\"name\":}", "\u{0}"] {
        for path in [format!("{V1}/extraction-agents"), V2.to_owned(), format!("{V1}/run")] {
            let answer = client.send(Method::POST, &path, Some("application/json"), Body::from(text)).await;
            let (place, _) = answer.item();
            assert_eq!(place[0], "body", "{path}: {text:?}");
        }
    }
    let no_form = client.post("/api/v1/files", json!({ "upload_file": "x" })).await;
    let (place, _) = no_form.item();
    assert_eq!(place[0], "body");
}

#[tokio::test]
async fn a_fault_is_answered_in_the_words_of_this_api() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let faults = format!("/_rehearsal/faults?key={KEY}");
    for (respond, status) in [
        (json!({ "error": "rate-limited" }), 429),
        (json!({ "error": "internal" }), 500),
        (json!({ "status": 503 }), 503),
        (json!({ "status": 409 }), 409),
    ] {
        let fault = json!({
            "match": { "operation": "llama-extract.files.list" },
            "when": { "first": 1 },
            "respond": respond,
        });
        let _ = stand.call(KEY, Method::POST, &faults, Some(fault)).await.ok(StatusCode::CREATED);
        let answer = client.get("/api/v1/files").await;
        assert!(answer.headers.contains_key("x-rehearsal-fault"), "{respond}");
        let _ = answer.detail(StatusCode::from_u16(status).unwrap());
        let _ = client.read("/api/v1/files").await;
    }
    let fault =
        json!({ "match": { "operation": "llama-extract.jobs.create" }, "respond": { "status": 422 } });
    let _ = stand.call(KEY, Method::POST, &faults, Some(fault)).await.ok(StatusCode::CREATED);
    let body = json!({ "extraction_agent_id": NOBODY, "file_id": NOBODY });
    let (place, _) = client.post(&format!("{V1}/jobs"), body).await.item();
    assert_eq!(place, json!(["body"]));
}

#[tokio::test]
async fn behind_its_name_every_path_leads_to_the_same() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    let read = client.read(&format!("/llama-extract{V1}/jobs/{job}")).await;
    assert_eq!(id(&read), job);
    let _ = client.get("/llama-extract/api/v1/nothing").await.detail(StatusCode::NOT_FOUND);
}
