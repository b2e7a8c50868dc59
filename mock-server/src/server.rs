//! The server: an own accept loop, so that wire faults can act below HTTP, and the router that everything goes through.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::control::access::Access;
use crate::control::reload::Reload;
use crate::outbound;
use crate::shared::defects::Defect;
use crate::shared::public_url::PublicUrl;
use crate::shared::{Shared, WORLDS_MAX};
use crate::webhooks::target::{AllowedHost, Targets};
use crate::world::registry::Template;

mod accept;
mod activity;
mod connection;
mod cors;
mod deadline;
pub mod log;
pub mod router;
#[cfg(test)]
mod tests;
mod upload;

/// How long a server waits for requests in flight when it is told to end.
pub const GRACE: Duration = Duration::from_millis(800);
/// The most connections that are served at a time; further ones wait in the listener's queue.
pub const CONNECTIONS_MAX: usize = 8_192;
/// How long a client may take to send a request's head.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a connection may stay without a byte from a client that owes some: before a request, between two, within a
/// body, or while an answer waits to be read.
pub const IDLE_MAX: Duration = Duration::from_secs(75);
/// How long an HTTP/2 connection may be silent before its client is asked whether it is there, and how long it then has
/// to say so. Well below [`IDLE_MAX`], or the question would come too late.
pub const HTTP2_PING: Duration = Duration::from_secs(25);

/// What connections may take of the server. The default is what is documented beside each constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most connections; see [`CONNECTIONS_MAX`].
    pub connections: usize,
    /// See [`HEADER_READ_TIMEOUT`].
    pub head: Duration,
    /// See [`IDLE_MAX`].
    pub idle: Duration,
    /// See [`HTTP2_PING`].
    pub ping: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: CONNECTIONS_MAX, head: HEADER_READ_TIMEOUT, idle: IDLE_MAX, ping: HTTP2_PING }
    }
}

/// What a server is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// What worlds begin as.
    pub template: Template,
    /// The most worlds, at most [`WORLDS_MAX`] unless there is a reason.
    pub worlds_max: usize,
    /// What is written about each request, to standard error.
    pub log: log::Format,
    /// Whether answers of the emulated APIs are held against their contract before they leave.
    pub strict: bool,
    /// What connections may take.
    pub limits: Limits,
    /// Who may talk to the control plane, and whose pages may read answers.
    pub access: Access,
    /// What the addresses begin with that are handed out, if not with where the request for one was sent.
    pub public_url: Option<PublicUrl>,
    /// Where webhooks are sent beside this machine.
    pub outbound: Vec<AllowedHost>,
    /// How the server is broken on purpose, for trying a harness; usually not at all.
    pub defects: Vec<Defect>,
}

impl Config {
    /// The usual server whose worlds begin as `template`.
    pub fn new(template: Template) -> Self {
        Self {
            template,
            worlds_max: WORLDS_MAX,
            log: log::Format::Off,
            strict: false,
            limits: Limits::default(),
            access: Access::default(),
            public_url: None,
            outbound: Vec::new(),
            defects: Vec::new(),
        }
    }
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How many requests were cut off because they, or the sending of their answers, took longer than [`GRACE`].
    pub cut: usize,
}

/// A server that has its worlds, but nobody to serve yet.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    access: Arc<Access>,
    log: log::Format,
    limits: Limits,
}

impl Server {
    /// A server as `config` says.
    pub fn new(config: Config) -> Self {
        let mut shared = Shared::new(config.template, config.worlds_max, config.strict, &config.defects);
        shared.public_url = config.public_url;
        shared.targets = Targets::new(config.outbound);
        Self {
            shared: Arc::new(shared),
            access: Arc::new(config.access),
            log: config.log,
            limits: config.limits,
        }
    }

    /// What brings the versions of the scenario file `file` to the worlds; its present one is in the template.
    pub fn follow(&self, file: &str) -> Reload {
        Reload::new(Arc::clone(&self.shared), file)
    }

    /// Everything it answers, for whoever asks without a socket.
    pub fn router(&self) -> Router {
        router::build_for(&self.shared, &self.access)
    }

    /// Serves on `listener` until `shutdown` resolves; then stops accepting, answers what finishes within [`GRACE`], and
    /// ends.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Ended {
        let router = self.router();
        let shared = self.shared;
        let shutdown = async {
            shutdown.await;
            shared.end();
        };
        if let Ok(address) = listener.local_addr() {
            shared.targets.listen(address.port());
        }
        let outbound = tokio::spawn(outbound::run(Arc::clone(&shared)));
        let ended =
            accept::run(listener, router, &shared, self.access, self.log, self.limits, shutdown).await;
        // It has been told that the server ends.
        drop(outbound.await);
        ended
    }
}

/// Serves on `listener` until `shutdown` resolves, as [`Server::run`] does.
pub async fn serve(listener: TcpListener, config: Config, shutdown: impl Future<Output = ()>) -> Ended {
    Server::new(config).run(listener, shutdown).await
}
