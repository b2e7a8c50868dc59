//! One run from beginning to end: find out what the target is, drive it, judge the record, leave nothing behind.

mod notes;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use fixtures::contract::Contract;
use futures_util::FutureExt;
use http::HeaderValue;
use thiserror::Error;

use crate::client::{Client, Credential, Stop};
use crate::clock::Stopwatch;
use crate::history::History;
use crate::judge;
use crate::plan::{self, Driver};
use crate::profile::Profile;
use crate::progress::Progress;
use crate::report::{Ending, Report};
use crate::session::control::{ControlPlane, Health};
use crate::session::{Session, Wishes};
use crate::target::Target;
use crate::transport::http::HttpTransport;
use crate::transport::{Transport, TransportError};
use crate::verdict::ExitCode;

/// What to judge, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server under judgement.
    pub target: Target,
    /// Where its control plane is, if not beside it.
    pub control: Option<Target>,
    /// What its control plane is shown, if it wants a token. Nobody else gets to see it.
    pub control_token: Option<HeaderValue>,
    /// The API it claims to be.
    pub profile: &'static Profile,
    /// Keys, clock and pace.
    pub wishes: Wishes,
    /// The longest the whole run may take.
    pub timeout: Duration,
    /// How long may be waited in all for failures of the server to pass.
    pub patience: Duration,
    /// Whether a broken SHOULD fails the server.
    pub strict: bool,
    /// Whether a run that did not exercise what takes luck or money is incomplete.
    pub require_all: bool,
    /// The shop whose pages are asked for.
    pub site: String,
    /// Where to tell what the run is doing.
    pub progress: Progress,
}

impl Options {
    /// A run with nothing special about it: for at most ten minutes, against a shop that is reserved for examples.
    pub fn new(target: Target, profile: &'static Profile) -> Self {
        Options {
            target,
            control: None,
            control_token: None,
            profile,
            wishes: Wishes::default(),
            timeout: Duration::from_secs(600),
            patience: PATIENCE,
            strict: false,
            require_all: false,
            site: "example.com".into(),
            progress: Progress::default(),
        }
    }
}

/// Why there is nothing to report.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RunError {
    /// The caller has to say something else.
    #[error("{0}")]
    Usage(String),
    /// The target is not there.
    #[error("{0}")]
    Unreachable(String),
    /// The harness itself failed.
    #[error("{0}")]
    Harness(String),
}

impl RunError {
    /// How the process ends.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            RunError::Usage(_) => ExitCode::Usage,
            RunError::Unreachable(_) => ExitCode::Incomplete,
            RunError::Harness(_) => ExitCode::Harness,
        }
    }
}

/// The ways to a server, for tests that have no socket.
#[derive(Debug, Clone)]
pub struct Ways {
    /// To the API.
    pub target: Arc<dyn Transport>,
    /// To where a control plane may be, in the order to try.
    pub control: Vec<Arc<dyn Transport>>,
}

/// How long is waited in all for failures of a server to pass, unless told: it may be started anew in the meantime.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// One request to a server on this machine takes this long at most.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// One request to a server elsewhere takes this long at most: one that searches before it answers takes its time.
const REMOTE_TIMEOUT: Duration = Duration::from_secs(60);

/// Between two requests to a server that is not on this machine: Catalog lets an address make 50 in 4 seconds.
const SPACING: Duration = Duration::from_millis(100);

/// A key that goes to a server elsewhere has at least this many bytes, or it could not be kept out of reports.
const SHORTEST_KEY: usize = fixtures::exchange::redaction::SHORTEST_SECRET;

/// Judges a server over HTTP. `interrupt` ends the run early; what was seen until then is judged.
///
/// # Errors
///
/// When there is nothing to report: see [`RunError`].
pub async fn run(options: &Options, interrupt: impl Future<Output = ()>) -> Result<Report, RunError> {
    let most = if options.target.is_loopback() { REQUEST_TIMEOUT } else { REMOTE_TIMEOUT };
    let timeout = most.min(options.timeout);
    let connect = |target: &Target| -> Result<Arc<dyn Transport>, RunError> {
        let transport = HttpTransport::new(target, timeout);
        transport.map(|it| Arc::new(it) as Arc<dyn Transport>).map_err(|e| RunError::Harness(e.to_string()))
    };
    let target = connect(&options.target)?;
    let control = match &options.control {
        Some(control) => vec![connect(control)?],
        None if options.target.is_loopback() && options.target.root() != options.target => {
            vec![Arc::clone(&target), connect(&options.target.root())?]
        }
        None if options.target.is_loopback() => vec![Arc::clone(&target)],
        None => Vec::new(),
    };
    run_over(options, Ways { target, control }, interrupt).await
}

/// Judges a server over given ways.
///
/// # Errors
///
/// When there is nothing to report: see [`RunError`].
pub async fn run_over(
    options: &Options,
    ways: Ways,
    interrupt: impl Future<Output = ()>,
) -> Result<Report, RunError> {
    let profile = options.profile;
    let Some(contract) = Contract::find(profile.api, profile.version) else {
        return Err(RunError::Harness(format!(
            "there is no contract for {} {}",
            profile.api, profile.version
        )));
    };
    let progress = &options.progress;
    progress.phase("looking for a control plane");
    let watch = Stopwatch::start();
    let looking = async {
        let control = discover(options, &ways.control).await?;
        require_keys(options, control.as_ref().map(|(_, health)| health))?;
        if let Some((control, health)) = &control {
            require_time(options, control, health).await?;
        }
        Ok(control)
    };
    let control = match tokio::time::timeout(options.timeout, looking).await {
        Ok(control) => control?,
        Err(_) => {
            return Err(no_control(options, &format!("no complete answer within {:?}", options.timeout)));
        }
    };

    let spacing = if options.target.is_loopback() { Duration::ZERO } else { SPACING };
    let (mut session, keys) = Session::new(profile.api, control, &options.wishes);
    let client = Client::new(ways.target, keys, History::new(contract, profile), spacing);
    let mut client = client.watched(progress.clone()).patient(options.patience).waiting(session.mover());

    // The whole drive is one future that can be dropped at any point; the record and the session outlive it.
    let driving = AssertUnwindSafe(drive(options, &mut client, &session)).catch_unwind();
    let ended = tokio::select! {
        ended = tokio::time::timeout(options.timeout.saturating_sub(watch.elapsed()), driving) => match ended {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Early::Panicked),
            Err(_) => Err(Early::TimedOut),
        },
        () = interrupt => Err(Early::Interrupted),
    };
    progress.phase("removing what was made");
    let left = leave(&mut session, &mut client).await;
    progress.phase("judging what was seen");
    report(options, &session, client, ended, left)
}

/// What is left of the time for leaving nothing behind. It comes on top of the time for the run, which may be used up.
const LEAVING: Duration = REQUEST_TIMEOUT;

/// Takes back what the run created; what could not be taken back.
async fn leave(session: &mut Session, client: &mut Client) -> Vec<String> {
    let worlds: Vec<String> = session.worlds().map(|world| format!("world {world}, perhaps")).collect();
    client.make_room();
    let mut left = client.finish_creates(LEAVING, |key| session.owns(key)).await;
    left.extend(plan::orphans(client, session).iter().map(|run| client.redacted(run)));
    if !client.is_silent() {
        let stopping = tokio::time::timeout(LEAVING, plan::take_back(client, session)).await;
        let running =
            stopping.unwrap_or_else(|_| vec!["whatever did not answer in time, perhaps".to_owned()]);
        left.extend(running.iter().map(|run| client.redacted(run)));
    }
    // Last, since any request makes the world of its key again.
    let closing = tokio::time::timeout(LEAVING, session.close());
    left.extend(closing.await.unwrap_or(worlds));
    left
}

/// Why a drive ended before its end.
enum Early {
    Unreachable(String),
    Stopped(String),
    TimedOut,
    Interrupted,
    Panicked,
}

async fn drive(options: &Options, client: &mut Client, session: &Session) -> Result<(), Early> {
    client.progress().phase("sending requests");
    session.open().await.map_err(|stop| Early::Stopped(stop.to_string()))?;
    let families = options.profile.families;
    if let Some(first) = families.first() {
        let seen = client.list(first, Credential::A, "").await;
        let seen = seen.map_err(|stop| match stop {
            Stop::Silent(error) => Early::Unreachable(error.to_string()),
            stop => Early::Stopped(stop.to_string()),
        })?;
        if let fixtures::exchange::Outcome::Failure(reason) = seen.exchange().outcome() {
            return Err(Early::Unreachable(reason.clone()));
        }
    }
    let mut driver = Driver::new(client, session);
    let driven = plan::drive(&mut driver, options.profile, &options.site).await;
    driven.map_err(|stop| Early::Stopped(stop.to_string()))
}

async fn discover(
    options: &Options,
    candidates: &[Arc<dyn Transport>],
) -> Result<Option<(ControlPlane, Health)>, RunError> {
    for transport in candidates {
        match ControlPlane::discover(Arc::clone(transport)).await {
            Ok(Some((control, health))) => return opened(options, control, health).await.map(Some),
            Err(error @ (TransportError::Connect(_) | TransportError::Timeout(_))) => {
                return Err(no_control(options, &error.to_string()));
            }
            Ok(None) | Err(_) => {}
        }
    }
    match &options.control {
        Some(control) => Err(RunError::Usage(format!(
            "there is no control plane at {control}: GET {control}/_rehearsal/health does not answer as one. Leave \
             --control out to judge a server that has none"
        ))),
        None => Ok(None),
    }
}

/// The control plane, if it lets this run in.
async fn opened(
    options: &Options,
    control: ControlPlane,
    health: Health,
) -> Result<(ControlPlane, Health), RunError> {
    let control = match &options.control_token {
        Some(token) => control.showing(token.clone()),
        None => control,
    };
    match (control.is_open().await, &options.control_token) {
        (Ok(true), _) => Ok((control, health)),
        (Ok(false), None) => Err(RunError::Usage(
            "the server's control plane wants a token. Give the one that the server was given, with --control-token or \
             REHEARSAL_CONTROL_TOKEN"
                .into(),
        )),
        (Ok(false), Some(_)) => Err(RunError::Usage(
            "the server's control plane refuses the token. Give the one that the server was given, with \
             --control-token or REHEARSAL_CONTROL_TOKEN"
                .into(),
        )),
        (Err(error), _) => Err(no_control(options, &error.to_string())),
    }
}

/// Whether the keys at hand suffice for this target.
fn require_keys(options: &Options, health: Option<&Health>) -> Result<(), RunError> {
    const FLAGS: &str =
        "--key-env NAME or --key-file PATH (and --other-key-env or --other-key-file for a second one)";
    let wishes = &options.wishes;
    if let Some(health) = health.filter(|health| health.accounts > 0 && wishes.key.is_none()) {
        return Err(RunError::Usage(format!(
            "the server accepts {} declared keys only. Give one of them with {FLAGS}",
            health.accounts
        )));
    }
    if options.target.is_loopback() {
        return Ok(());
    }
    let Some(key) = &wishes.key else {
        return Err(RunError::Usage(format!(
            "{} is not on this machine, so it needs a key of yours. Give it with {FLAGS}",
            options.target
        )));
    };
    if [Some(key), wishes.other_key.as_ref()].into_iter().flatten().any(|key| key.len() < SHORTEST_KEY) {
        return Err(RunError::Usage(format!(
            "a key has fewer than {SHORTEST_KEY} bytes, so it could not be kept out of the report. Check where it is \
             read from"
        )));
    }
    Ok(())
}

/// In a world whose clock stands still nothing would ever end. One that is not there yet is made with the server's clock.
async fn require_time(options: &Options, control: &ControlPlane, health: &Health) -> Result<(), RunError> {
    let wishes = &options.wishes;
    let Some(key) = wishes.key.as_ref().filter(|_| !wishes.move_clock) else { return Ok(()) };
    match control.is_stopped(key).await {
        Ok(Some(false)) => Ok(()),
        Ok(None) if !health.is_stopped() => Ok(()),
        Ok(_) => Err(RunError::Usage(
            "the clock of the given key's world stands still, so no run in it would ever end. Allow the check to \
             move it with --move-clock, or give no key and let the check make worlds of its own"
                .into(),
        )),
        Err(stop) => Err(RunError::Unreachable(stop.to_string())),
    }
}

/// Nobody answers where a control plane may be: at the address that was given for it, or beside the target.
fn no_control(options: &Options, reason: &str) -> RunError {
    let Some(control) = &options.control else { return unreachable(options, reason) };
    RunError::Unreachable(format!(
        "the control plane {control} does not answer: {reason}. Check that the server runs there, name another with \
         --control, or leave --control out to judge a server that has none"
    ))
}

fn unreachable(options: &Options, reason: &str) -> RunError {
    RunError::Unreachable(format!(
        "{} does not answer: {reason}. Check that the server runs there, or name another with --target",
        options.target
    ))
}

fn report(
    options: &Options,
    session: &Session,
    client: Client,
    ended: Result<(), Early>,
    left: Vec<String>,
) -> Result<Report, RunError> {
    let cut_short = ended.is_err();
    let mut notes = Vec::new();
    match ended {
        Ok(()) => {}
        Err(Early::Unreachable(reason)) => return Err(unreachable(options, &reason)),
        Err(Early::Panicked) => {
            let left = if left.is_empty() { String::new() } else { format!(" Left behind: {}.", left.join(", ")) };
            return Err(RunError::Harness(format!("the harness broke while it drove the target.{left}")));
        }
        Err(Early::Stopped(reason)) => notes.push(reason),
        Err(Early::TimedOut) => notes.push(format!(
            "the time was up after {:?}; --timeout allows more, and a control plane makes waiting unnecessary",
            options.timeout
        )),
        Err(Early::Interrupted) => notes.push("interrupted; what was seen until then was judged".into()),
    }
    notes.extend(notes::diagnosis(client.history(), &options.target));
    notes.extend(notes::trouble(client.history()));
    let results = judge::all(client.history(), session.health().is_some());
    notes.extend(notes::worlds(session, &results));
    let ending = Ending { cut_short, notes, left_behind: left };
    Ok(Report::new(options, session, client, results, ending))
}

#[cfg(test)]
mod tests;
