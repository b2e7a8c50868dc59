//! Accepts connections, serves them, and ends in order.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http_body::Body as _;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::activity::{Activity, Answering};
use super::connection::FaultIo;
use super::log::Format;
use super::upload::Upload;
use super::{Ended, GRACE, Limits, log};
use crate::apis::client::Client;
use crate::control;
use crate::control::access::{Access, TOKEN_HEADER};
use crate::intake::drain;
use crate::shared::Shared;

/// How long the loop rests after it could not accept, in real time: the system is out of something.
const REST: Duration = Duration::from_millis(50);

pub(super) async fn run(
    listener: TcpListener,
    router: Router,
    shared: &Arc<Shared>,
    access: Arc<Access>,
    format: Format,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Ended {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    let in_flight = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            (place, accepted) = accepted => match accepted {
                Ok((stream, peer)) => {
                    let activity = Activity::new(&in_flight);
                    let access = Arc::clone(&access);
                    let client = None;
                    let service =
                        Visitor { router: router.clone(), access, peer, client, format, limits, activity };
                    if let Some(connection) = connection(stream, service, &graceful) {
                        let open = shared.counters.connected();
                        connections.spawn(async move {
                            connection.await;
                            drop((place, open));
                        });
                    }
                }
                Err(_) => tokio::time::sleep(REST).await,
            },
        }
    }
    drop(listener);
    let ended = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    let cut = if ended.is_ok() { 0 } else { in_flight.load(Ordering::Relaxed) };
    connections.shutdown().await;
    Ended { cut }
}

/// Serves one connection until it closes. What goes wrong on it is between the client and its socket.
fn connection(
    stream: TcpStream,
    visitor: Visitor,
    graceful: &GracefulShutdown,
) -> Option<impl Future<Output = ()> + use<>> {
    let limits = visitor.limits;
    let stream = Arc::new(stream);
    let visitor = Visitor { client: Some(Client::at(&stream)), ..visitor };
    let io = TokioIo::new(FaultIo::new(stream, Arc::clone(&visitor.activity), limits.idle).ok()?);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // A client that has sent its request may close its half of the connection and still wait for the answer.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head).half_close(true);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(limits.ping).keep_alive_timeout(limits.ping);
    let service =
        hyper::service::service_fn(move |request: hyper::Request<Incoming>| visitor.clone().answer(request));
    let connection = graceful.watch(builder.serve_connection(io, service).into_owned());
    Some(async move {
        drop(connection.await);
    })
}

/// What serves the requests of one connection.
#[derive(Debug, Clone)]
struct Visitor {
    router: Router,
    access: Arc<Access>,
    peer: SocketAddr,
    client: Option<Client>,
    format: Format,
    limits: Limits,
    activity: Arc<Activity>,
}

impl Visitor {
    async fn answer(
        self,
        request: hyper::Request<Incoming>,
    ) -> Result<axum::response::Response, std::convert::Infallible> {
        let answering = Answering::new(&self.activity);
        let (parts, body) = request.into_parts();
        let upload = (!body.is_end_stream()).then(|| Upload::new(body, self.limits.idle));
        let body = upload.clone().map_or_else(Body::empty, Body::new);
        let mut request = hyper::Request::from_parts(parts, body);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        if let Some(client) = self.client {
            request.extensions_mut().insert(client);
        }
        let line = self.format.start(&request, self.access.token.as_ref());
        if !request.uri().path().starts_with(control::PREFIX) {
            // It is for the control plane; nobody else gets to see or to record it.
            request.headers_mut().remove(TOKEN_HEADER);
        }
        let mut response = self.router.oneshot(request).await?;
        if let Some(rest) = upload {
            // An answer that is sent while the client is still sending is lost about every other time.
            drain(Body::new(rest)).await;
        }
        if let Some(line) = line {
            log::write(&line.end(&response));
        }
        if response.status() == StatusCode::NO_CONTENT {
            // The router counts the bytes of every body, and a 204 must not say that it has none (RFC 9110, 8.6).
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(response.map(|body| answering.until_sent(body)))
    }
}
