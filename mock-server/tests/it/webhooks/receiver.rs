//! A receiver of webhooks on a port of this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

#[derive(Debug)]
struct Inner {
    got: Mutex<Vec<Got>>,
    came: Notify,
    status: AtomicU16,
    location: Mutex<Option<String>>,
    answers: Semaphore,
}

/// Answers every request with the status it was told last, and keeps what came.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            got: Mutex::default(),
            came: Notify::new(),
            status: AtomicU16::new(200),
            location: Mutex::default(),
            answers: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inner }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?from=test", self.address)
    }

    pub(crate) fn answers(&self, status: u16) {
        self.inner.status.store(status, Ordering::SeqCst);
    }

    pub(crate) fn redirects_to(&self, url: &str) {
        *self.inner.location.lock().unwrap() = Some(url.to_owned());
        self.answers(307);
    }

    /// Keeps every answer back until it is let go.
    pub(crate) fn hold(&self) {
        self.inner.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn let_go(&self) {
        self.inner.answers.add_permits(1_000);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.inner.got.lock().unwrap().clone()
    }

    pub(crate) fn types(&self) -> Vec<String> {
        self.got().iter().map(|got| got.body["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until so many have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Got> {
        let enough = async {
            loop {
                let came = self.inner.came.notified();
                let got = self.got();
                if got.len() >= count {
                    return got;
                }
                came.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), enough).await;
        waited.unwrap_or_else(|_| panic!("{count} were to come, and {:?} came", self.types()))
    }
}

async fn receive(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    assert_eq!(parts.method, http::Method::POST);
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
    let body = serde_json::from_str(&text).unwrap();
    inner.got.lock().unwrap().push(Got { headers: parts.headers, text, body });
    inner.came.notify_one();
    let status = StatusCode::from_u16(inner.status.load(Ordering::SeqCst)).unwrap();
    drop(inner.answers.acquire().await.unwrap());
    let mut response = status.into_response();
    if let Some(location) = &*inner.location.lock().unwrap() {
        response.headers_mut().insert("location", location.parse().unwrap());
    }
    response
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether this secret has signed it, by HMAC as RFC 2104 writes it down.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!((24..=64).contains(&key.len()));
        let mut block = [0_u8; 64];
        block[..key.len()].copy_from_slice(&key);
        let signed =
            format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.text);
        let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(signed).finalize();
        let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize();
        self.header("webhook-signature") == format!("v1,{}", STANDARD.encode(outer))
    }
}
