//! Bodies that are written while they are sent, over real sockets: how long they may take of the server.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::routing::any;
use http::{HeaderValue, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::Semaphore;
use tokio::sync::oneshot;

use super::*;
use crate::apis::dialect::{Call, Handler};
use crate::apis::reply::Reply;
use crate::apis::{catalog, pipeline};
use crate::world::state::WorldState;

const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nx-api-key: test-a\r\n\r\n";

/// A server whose one handler is `answers`, until it is told to end; and how it ended.
async fn server(
    answers: fn(&Call<'_>, &mut WorldState) -> Reply,
) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<Ended>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let template = Template {
        seed: SeedChoice::Given(Seed(7)),
        mode: Some(Mode::Manual),
        start: None,
        scenario: Scenario::default().into(),
    };
    let shared = Arc::new(Shared::new(template, 10, false, &[]));
    let dialect = catalog::dialect().unwrap();
    let operation = dialect.contract.operation("catalog.usage.get").unwrap();
    let handler = {
        let shared = Arc::clone(&shared);
        move |request: Request| {
            pipeline::serve(Arc::clone(&shared), dialect, operation, Handler::Json(answers), request)
        }
    };
    let router = Router::new().route("/", any(handler));
    let limits = Limits { idle: IDLE, ..Limits::default() };
    let (end, ended) = oneshot::channel();
    let served = tokio::spawn(async move {
        let shutdown = async { drop(ended.await) };
        accept::run(listener, router, &shared, Arc::default(), log::Format::Off, limits, shutdown).await
    });
    (address, end, served)
}

/// A body without an end; `ended` gets a permit when its writer hears that nobody reads it.
fn endless(ended: &'static Semaphore) -> Reply {
    Reply::stream(StatusCode::OK, HeaderValue::from_static("application/x-ndjson"), |out| {
        loop {
            if let Err(error) = out.write_all(&[b'x'; 4_096]) {
                ended.add_permits(usize::from(error.kind() == io::ErrorKind::BrokenPipe));
                return Err(error);
            }
        }
    })
}

#[tokio::test]
async fn an_answer_without_a_body_says_nothing_of_one() {
    let (address, _end, _served) = server(|_, _| Reply::empty(StatusCode::NO_CONTENT)).await;
    let answer = heard(address, ASK).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 204") && answer.ends_with("\r\n\r\n"), "{answer}");
    for header in ["content-length", "content-type", "transfer-encoding"] {
        assert!(!answer.contains(header), "{answer}");
    }
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let ask = http::Request::get("http://x/").header("x-api-key", "test-a").body(Body::empty()).unwrap();
    let answer = client.send_request(ask).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    for header in ["content-length", "content-type"] {
        assert!(!answer.headers().contains_key(header), "{answer:?}");
    }
}

#[tokio::test]
async fn a_stream_leaves_in_chunks_and_the_connection_stays_for_the_next_request() {
    let (address, _end, _served) = server(|_, _| {
        Reply::stream(StatusCode::OK, HeaderValue::from_static("text/csv"), |out| {
            out.write_all(b"a,b\n")?;
            out.flush()?;
            out.write_all(b"1,2\n")
        })
    })
    .await;
    let answer = heard(address, &ASK.repeat(2)).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    assert_eq!(answer.matches("\r\n\r\n4\r\na,b\n\r\n4\r\n1,2\n\r\n0\r\n\r\n").count(), 2, "{answer}");
}

#[tokio::test]
async fn a_client_that_stops_reading_a_stream_does_not_keep_its_writer() {
    static ENDED: Semaphore = Semaphore::const_new(0);
    let (address, _end, _served) = server(|_, _| endless(&ENDED)).await;
    let mut deaf = TcpStream::connect(address).await.unwrap();
    deaf.write_all(ASK).await.unwrap();
    assert!(tokio::time::timeout(PATIENCE, ENDED.acquire()).await.is_ok(), "it waits for ever");
}

#[tokio::test]
async fn a_server_that_ends_cuts_what_is_still_being_written() {
    static ENDED: Semaphore = Semaphore::const_new(0);
    let (address, end, served) = server(|_, _| endless(&ENDED)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    stream.read_u8().await.unwrap();
    // It reads on, so nothing but the server's end can end it.
    let reading = tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    });
    end.send(()).unwrap();
    let ended = tokio::time::timeout(PATIENCE, served).await.expect("it ends").unwrap();
    assert_eq!(ended, Ended { cut: 1 });
    tokio::time::timeout(PATIENCE, reading).await.expect("the client hears of it").unwrap();
    assert!(tokio::time::timeout(PATIENCE, ENDED.acquire()).await.is_ok(), "its writer goes on");
}
