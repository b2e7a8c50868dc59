use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::StatusCode;
use tokio::net::TcpListener;

use super::*;

/// What a server was asked: the path and, if it was there, the header `x-own`.
type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// A server on a free port that answers with `answer`, given path and query.
async fn server(answer: fn(&str, Option<&str>) -> Response) -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let noted = Arc::clone(&asked);
    let app = Router::new().fallback(any(move |request: Request| {
        let own = request.headers().get("x-own").map(|value| value.to_str().unwrap().to_owned());
        noted.lock().unwrap().push((request.uri().path().to_owned(), own));
        let answer = answer(request.uri().path(), request.uri().query());
        async move { answer }
    }));
    tokio::spawn(async move { axum_serve(listener, app).await });
    (address, asked)
}

/// Serves connections one by one, one request each.
async fn axum_serve(listener: TcpListener, app: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = hyper_util::service::TowerToHyperService::new(app.clone());
        let io = hyper_util::rt::TokioIo::new(stream);
        tokio::spawn(async move {
            drop(hyper::server::conn::http1::Builder::new().serve_connection(io, service).await);
        });
    }
}

fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [("location", to.to_owned())]).into_response()
}

/// A server of everything that can come.
fn usual(path: &str, query: Option<&str>) -> Response {
    match path {
        "/docs/a%20b.pdf" => ([("content-type", "application/pdf")], "%PDF-1.7").into_response(),
        "/to" => redirect(query.unwrap_or_default()),
        "/round" => redirect("round"),
        "/large" => {
            let header = [("content-length", (FILE_MAX + 1).to_string())];
            (header, Body::from_stream(futures_util::stream::pending::<Result<Bytes, axum::Error>>()))
                .into_response()
        }
        "/torn" => {
            let torn = [Ok(Bytes::from_static(b"x")), Err(axum::Error::new("torn"))];
            Body::from_stream(futures_util::stream::iter(torn)).into_response()
        }
        "/never" => {
            Body::from_stream(futures_util::stream::pending::<Result<Bytes, axum::Error>>()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn source(url: String) -> Source {
    let headers = vec![("X-Own".to_owned(), "mine".to_owned())];
    Source { url, headers, verify_ssl: true, follow_redirects: true }
}

async fn got(source: &Source, targets: &Targets) -> Result<Fetched, NotFetched> {
    let quota = Quota::default();
    let fetched = fetch(source, targets, &quota, &Semaphore::new(1)).await;
    let kept = fetched.as_ref().map_or(0, |fetched| fetched.blob.len());
    assert_eq!(quota.kept(), kept, "what failed left nothing");
    fetched
}

#[tokio::test]
async fn a_file_of_this_machine_is_fetched_with_the_headers_that_were_given() {
    let (address, asked) = server(usual).await;
    let targets = Targets::default();
    for host in [address.to_string(), format!("localhost:{}", address.port())] {
        let fetched = got(&source(format!("http://{host}/docs/a%20b.pdf?x=1")), &targets).await.unwrap();
        assert_eq!(fetched.blob.in_memory().unwrap(), "%PDF-1.7");
        assert_eq!(fetched.content_type.as_deref(), Some("application/pdf"));
        assert_eq!(fetched.name.as_deref(), Some("a b.pdf"));
    }
    let own = Some("mine".to_owned());
    assert_eq!(asked.lock().unwrap()[0], ("/docs/a%20b.pdf".to_owned(), own));
}

#[tokio::test]
async fn every_hop_is_looked_at_and_headers_stay_with_whom_they_are_for() {
    let ((one, asked_one), (other, asked_other)) = (server(usual).await, server(usual).await);
    let targets = Targets::default();
    let here = source(format!("http://{one}/to?/to?http://{other}/docs/a%2520b.pdf"));
    // The other server sees the name that the address spells.
    assert_eq!(got(&here, &targets).await, Err(NotFetched::Status(404)));
    let own = Some("mine".to_owned());
    assert_eq!(*asked_one.lock().unwrap(), [("/to".to_owned(), own.clone()), ("/to".to_owned(), own)]);
    assert_eq!(*asked_other.lock().unwrap(), [("/docs/a%2520b.pdf".to_owned(), None)]);

    let still = Source { follow_redirects: false, ..here };
    assert_eq!(got(&still, &targets).await, Err(NotFetched::Status(302)));
    let round = source(format!("http://{one}/round"));
    assert_eq!(got(&round, &targets).await, Err(NotFetched::TooManyRedirects));
    assert_eq!(asked_one.lock().unwrap().len(), 2 + 1 + 1 + REDIRECTS_MAX);
    let lost = source(format!("http://{one}/to?mailto:x"));
    assert_eq!(got(&lost, &targets).await, Err(NotFetched::LostRedirect));
    let away = source(format!("http://{one}/to?http://files.example/"));
    let refused = NotFetched::NoSource(NoSource::NotAllowed("files.example".into()));
    assert_eq!(got(&away, &targets).await, Err(refused));
    targets.listen(other.port());
    let back = source(format!("http://{one}/to?http://{other}/_rehearsal/inbox/a"));
    assert_eq!(got(&back, &targets).await, Err(NotFetched::NoSource(NoSource::Itself)));
    assert_eq!(asked_other.lock().unwrap().len(), 1);
    // Whoever has a presigned address may read its file anyway.
    let file = source(format!("http://{one}/to?http://{other}/_presigned/token"));
    assert_eq!(got(&file, &targets).await, Err(NotFetched::Status(404)));
    assert_eq!(asked_other.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_fetched_is_told() {
    let (address, _) = server(usual).await;
    let targets = Targets::default();
    for (path, failure) in
        [("/none", NotFetched::Status(404)), ("/large", NotFetched::NotKept(NotKept::TooLarge(FILE_MAX)))]
    {
        assert_eq!(got(&source(format!("http://{address}{path}")), &targets).await, Err(failure), "{path}");
    }
    let torn = got(&source(format!("http://{address}/torn")), &targets).await;
    assert!(matches!(torn, Err(NotFetched::Failed(_))), "{torn:?}");
    for url in ["", "docs/a.pdf", "ftp://localhost/a", "data:text/plain,x", "http://"] {
        assert_eq!(got(&source(url.to_owned()), &targets).await, Err(NotFetched::NoUrl), "{url}");
    }
    for (name, value) in [("a b", "x"), ("x", "a\nb"), ("Host", "x"), ("content-length", "1")] {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let bad = Source { headers, ..source(format!("http://{address}/")) };
        assert_eq!(got(&bad, &targets).await, Err(NotFetched::BadHeader(name.to_owned())));
    }
    // Nobody listens where somebody has just stopped to.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = got(&source(format!("http://{free}/")), &targets).await;
    assert!(nobody.unwrap_err().to_string().contains("could not be asked"));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_does_not_come_is_given_up() {
    let (address, _) = server(usual).await;
    let never = got(&source(format!("http://{address}/never")), &Targets::default()).await;
    assert_eq!(never, Err(NotFetched::TimedOut));
}
