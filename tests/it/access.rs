//! `rehearsal serve`: who may talk to the control plane, and whose pages may read answers.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::program::{Server, client, rehearsal, run};

const TOKEN: &str = "hush-4711-hush";
const PAGE: &str = "http://localhost:3000";

fn request(server: &Server, method: Method, path: &str, headers: &[(&str, &str)]) -> RequestBuilder {
    let request = client().request(method, server.url(path));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

async fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Response {
    request(server, Method::GET, path, headers).send().await.unwrap()
}

/// Asserts a refusal of the control plane with this status and code; what it says.
async fn refused(answer: Response, status: u16, code: &str) -> String {
    let found = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert_eq!((found.as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{body}");
    body["error"]["message"].as_str().unwrap().to_owned()
}

fn cors(answer: &Response) -> Vec<&str> {
    let headers = answer.headers().keys().map(reqwest::header::HeaderName::as_str);
    headers.filter(|name| name.starts_with("access-control-") || *name == "vary").collect()
}

#[tokio::test]
async fn a_token_is_asked_of_everything_but_health() {
    let server = Server::start(&["--control-token", TOKEN]);
    assert_eq!(get(&server, "/_rehearsal/health", &[]).await.status(), 200);
    for path in ["/_rehearsal/worlds", "/_rehearsal/", "/_rehearsal/nope", "/_rehearsal/contracts"] {
        for wrong in ["hush-4711-husk", "x"] {
            let said =
                refused(get(&server, path, &[("x-rehearsal-token", wrong)]).await, 401, "control_token");
            assert!(said.await.contains("x-rehearsal-token"));
        }
        let said = refused(get(&server, path, &[]).await, 401, "control_token").await;
        assert!(said.contains("--control-token") && !said.contains("4711"), "{said}");
        assert_ne!(get(&server, path, &[("x-rehearsal-token", TOKEN)]).await.status(), 401);
    }
    let posted = request(&server, Method::POST, "/_rehearsal/health", &[]).send().await.unwrap();
    refused(posted, 401, "control_token").await;
    let api = get(&server, "/v2/crawl", &[("x-api-key", "test-a")]).await;
    assert_eq!(api.status(), 200, "the emulated APIs ask for nothing");
}

#[tokio::test]
async fn the_environment_gives_a_token_too_and_the_help_does_not_show_it() {
    let mut command = rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    let server = Server::spawn(command.env("REHEARSAL_CONTROL_TOKEN", TOKEN));
    refused(get(&server, "/_rehearsal/worlds", &[]).await, 401, "control_token").await;
    assert_eq!(get(&server, "/_rehearsal/worlds", &[("x-rehearsal-token", TOKEN)]).await.status(), 200);
    let output = rehearsal(&["serve", "--help"]).env("REHEARSAL_CONTROL_TOKEN", TOKEN).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("REHEARSAL_CONTROL_TOKEN") && !help.contains(TOKEN), "{help}");
}

#[tokio::test]
async fn no_token_reaches_the_request_log_the_journal_or_an_error() {
    for format in ["line", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command =
            rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", format, "--control-token", TOKEN]);
        let server = Server::spawn(command.stderr(std::fs::File::create(&log).unwrap()));
        let shown = ("x-rehearsal-token", TOKEN);
        let mut said = String::new();
        for (path, headers) in [
            ("/v2/crawl", &[("x-api-key", "test-a"), shown][..]),
            ("/v2/crawl?token=hush-4711-hush", &[("x-api-key", "test-a")]),
            ("/v2/crawl", &[("x-api-key", TOKEN)]),
            ("/other/hush-4711-hush", &[]),
            ("/_rehearsal/worlds/hush-4711-hush", &[shown]),
            ("/_rehearsal/wolrds/hush-4711-hush", &[]),
            ("/_rehearsal/worlds", &[shown]),
            ("/_rehearsal/requests?key=*", &[shown]),
        ] {
            let answer = get(&server, path, headers).await;
            if !path.contains("4711") {
                said += &answer.text().await.unwrap();
            }
        }
        let (status, _) = tokio::task::spawn_blocking(move || server.stop("TERM")).await.unwrap();
        assert!(status.success());
        let log = std::fs::read_to_string(log).unwrap();
        assert_eq!(log.lines().count(), 8, "{log}");
        assert!(!log.contains("4711"), "{log}");
        assert!(!said.contains("4711"), "{said}");
    }
}

#[test]
fn a_bad_flag_is_a_usage_error_that_says_what_to_write() {
    for (flags, expected) in [
        (&["--control-token", "short"][..], "8 to 256 printable ASCII characters"),
        (&["--control-token", "four words in it"], "without spaces"),
        (&["--allow-host", "dev.example.com:4010"], "without scheme, port or path"),
        (&["--allow-host", "http://dev.example.com"], "without scheme, port or path"),
        (&["--cors", "localhost:3000"], "like http://localhost:3000"),
        (&["--cors", "http://localhost:3000/"], "like http://localhost:3000"),
        (&["--cors", "*"], "like http://localhost:3000"),
        (&["--listen", "0.0.0.0:0"], "--control-token"),
        (&["--listen", "[::]:0"], "listen on 127.0.0.1"),
    ] {
        let (code, out, err) = run(&[&["serve"], flags].concat());
        assert_eq!(code, 2, "{flags:?}: {out}{err}");
        assert!(err.starts_with("error: ") && err.contains(expected), "{flags:?}: {err}");
        assert!(!err.contains("four words") && !err.contains("short"), "{err}");
    }
}

#[tokio::test]
async fn with_a_token_it_listens_beyond_this_machine() {
    let mut command =
        rehearsal(&["serve", "--listen", "0.0.0.0:0", "--log", "off", "--control-token", TOKEN]);
    let mut server = Server::spawn(&mut command);
    server.address.set_ip([127, 0, 0, 1].into());
    assert_eq!(get(&server, "/_rehearsal/worlds", &[("x-rehearsal-token", TOKEN)]).await.status(), 200);
    refused(get(&server, "/_rehearsal/worlds", &[]).await, 401, "control_token").await;
}

#[tokio::test]
async fn the_server_answers_to_the_names_it_was_given() {
    let mut command =
        rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", "off", "--allow-host", "dev.example.com"]);
    for server in [
        Server::spawn(command.args(["--allow-host", "10.0.0.7"])),
        Server::spawn(
            rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", "off"])
                .env("REHEARSAL_ALLOW_HOST", "dev.example.com,10.0.0.7"),
        ),
    ] {
        for host in ["dev.example.com", "dev.example.com:8080", "10.0.0.7:80", "localhost"] {
            assert_eq!(get(&server, "/_rehearsal/worlds", &[("host", host)]).await.status(), 200, "{host}");
        }
        let said = get(&server, "/_rehearsal/worlds", &[("host", "example.com")]).await;
        assert!(refused(said, 403, "foreign_host").await.contains("--allow-host"));
    }
}

#[tokio::test]
async fn without_the_flag_no_page_is_told_anything() {
    let server = Server::start(&[]);
    let preflight = [("origin", PAGE), ("access-control-request-method", "POST")];
    for path in ["/v2/crawl", "/_rehearsal/clock", "/_rehearsal/health", "/nowhere"] {
        let answer = get(&server, path, &[("origin", PAGE), ("x-api-key", "test-a")]).await;
        assert_eq!(cors(&answer), [""; 0], "{path}");
        let options = request(&server, Method::OPTIONS, path, &preflight).send().await.unwrap();
        assert_eq!(cors(&options), [""; 0], "{path}");
        assert!(options.status().is_client_error(), "{path}: {}", options.status());
    }
}

#[tokio::test]
async fn a_page_of_a_named_origin_may_call_and_read() {
    let server = Server::start(&["--cors", PAGE, "--cors", "https://app.example.com"]);
    for path in ["/v2/crawl", "/_rehearsal/clock?key=test-a"] {
        for method in ["POST", "PATCH", "DELETE", "PUT"] {
            let preflight = [
                ("origin", PAGE),
                ("access-control-request-method", method),
                ("access-control-request-headers", "content-type,x-api-key,x-anything"),
            ];
            let answer = request(&server, Method::OPTIONS, path, &preflight).send().await.unwrap();
            assert!(answer.status().is_success());
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("access-control-allow-origin"), PAGE);
            assert_eq!(header("access-control-allow-headers"), "content-type,x-api-key,x-anything");
            assert!(header("access-control-allow-methods").contains(method));
        }
        let page = [("origin", PAGE), ("sec-fetch-site", "cross-site"), ("x-api-key", "test-a")];
        let answer = get(&server, path, &page).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);
        let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap();
        for name in
            ["request-id", "retry-after", "ratelimit-remaining", "x-should-retry", "x-rehearsal-fault"]
        {
            assert!(exposed.contains(name), "{exposed}");
        }
    }
    let foreign = get(&server, "/_rehearsal/clock?key=test-a", &[("origin", "http://localhost:3001")]).await;
    assert!(!cors(&foreign).contains(&"access-control-allow-origin"));
    refused(foreign, 403, "foreign_origin").await;
    let page = get(&server, "/_rehearsal/health", &[("origin", PAGE), ("host", "evil.example")]).await;
    refused(page, 403, "foreign_host").await;
}
