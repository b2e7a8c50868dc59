//! `rehearsal serve`

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::ValueEnum;
use clap::builder::RangedU64ValueParser;
use mock_server::apis::directory::APIS;
use mock_server::clock::Mode;
use mock_server::scenario::Scenario;
use mock_server::scenario::clock::{MAX_RATE, MIN_RATE};
use mock_server::scenario::load::load;
use mock_server::seed::Seed;
use mock_server::server::log::Format;
use mock_server::server::{Config, GRACE, Server};
use mock_server::shared::WORLDS_MAX;
use mock_server::shared::defects::Defect;
use mock_server::shared::public_url::PublicUrl;
use mock_server::webhooks::target::AllowedHost;
use mock_server::world::registry::{SeedChoice, Template};
use tokio::net::{TcpListener, TcpSocket};

use crate::{exit, signal};

mod access;
mod files;
mod ready_file;
mod watch;

/// How many connections may wait to be accepted; the system may keep fewer. One that finds the queue full tries again a
/// whole second later, and a test suite opens hundreds at once.
const QUEUE: u32 = 4_096;

/// Start the stand-in server.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes a free one. Beyond this machine only with --control-token
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4010", env = "REHEARSAL_LISTEN", value_parser = parse_listen)]
    listen: SocketAddr,
    /// How runs behave: a shipped scenario by name, or a file
    #[arg(long, value_name = "NAME|FILE", env = "REHEARSAL_SCENARIO")]
    scenario: Option<String>,
    /// The seed of every draw; without it one is drawn and printed
    #[arg(long, value_name = "N", env = "REHEARSAL_SEED")]
    seed: Option<u64>,
    /// How virtual time passes: real, manual (only when moved), or x60 (sixty times as fast)
    #[arg(long, value_name = "real|manual|xN", env = "REHEARSAL_CLOCK", value_parser = parse_clock)]
    clock: Option<Mode>,
    /// What to write about each request, to standard error
    #[arg(long, value_name = "FORMAT", default_value = "line", env = "REHEARSAL_LOG")]
    log: Log,
    /// Write the base URL to this file once the server answers
    #[arg(long, value_name = "PATH", env = "REHEARSAL_READY_FILE")]
    ready_file: Option<PathBuf>,
    /// The most worlds, that is, API keys, to keep
    #[arg(
        long,
        value_name = "N",
        default_value_t = WORLDS_MAX,
        env = "REHEARSAL_WORLDS",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..)
    )]
    worlds: usize,
    /// Hold every answer against the contract, and answer 500 instead of breaking it
    #[arg(long, env = "REHEARSAL_STRICT")]
    strict: bool,
    /// What presigned URLs begin with; without it, http and the host that the request for one was sent to
    #[arg(long, value_name = "URL", env = "REHEARSAL_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// A name or IP address that webhooks are sent to and files fetched from, beside this machine; may be given several
    /// times
    ///
    /// Webhooks for other hosts can be registered, and are logged as not sent.
    #[arg(
        long = "allow-outbound",
        value_name = "HOST",
        env = "REHEARSAL_ALLOW_OUTBOUND",
        value_delimiter = ','
    )]
    outbound: Vec<AllowedHost>,
    /// Break the server on purpose, for testing a harness; may be given several times
    #[arg(long = "defect", value_name = "NAME", env = "REHEARSAL_DEFECT", value_delimiter = ',')]
    defects: Vec<Defect>,
    #[command(flatten)]
    access: access::AccessFlags,
    #[command(flatten)]
    watch: watch::WatchFlags,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Log {
    /// Nothing
    Off,
    /// A line for people
    Line,
    /// A JSON object
    Json,
}

pub(crate) async fn run(args: Args) -> ExitCode {
    // Before anything can fail: whoever waits for the file must not find that of an earlier server.
    if let Some(path) = &args.ready_file
        && let Err(message) = ready_file::remove(path)
    {
        eprintln!("error: {message}");
        return exit::usage();
    }
    let first = args.access.access(args.listen).and_then(|access| {
        let (scenario, file) = scenario(args.scenario.as_deref(), &args.watch)?;
        Ok((access, scenario, file))
    });
    let (access, scenario, file) = match first {
        Ok(first) => first,
        Err(complaint) => {
            eprintln!("{complaint}");
            return exit::usage();
        }
    };
    let seed =
        args.seed.map_or_else(|| SeedChoice::Drawn(Seed::drawn()), |seed| SeedChoice::Given(Seed(seed)));
    let template = Template { seed, mode: args.clock, start: None, scenario: Arc::new(scenario) };
    // Before anybody is told that the server is there: a signal must not find it unprepared.
    let shutdown = match signal::stop() {
        Ok(shutdown) => shutdown,
        Err(error) => {
            eprintln!("error: cannot listen for signals: {error}");
            return exit::FAILURE;
        }
    };
    let (limits, note) = files::limits();
    if let Some(note) = note {
        eprintln!("{note}");
    }
    let (listener, address) = match bind(args.listen) {
        Ok(bound) => bound,
        Err(code) => return code,
    };
    let log = match args.log {
        Log::Off => Format::Off,
        Log::Line => Format::Line,
        Log::Json => Format::Json,
    };
    let guarded = access.token.is_some();
    let config = Config {
        worlds_max: args.worlds,
        log,
        strict: args.strict,
        public_url: args.public_url,
        outbound: args.outbound,
        defects: args.defects.clone(),
        limits,
        access,
        ..Config::new(template.clone())
    };
    let server = Server::new(config);
    if let Some(file) = file {
        let reload = server.follow(file.path());
        if let Err(message) = file.follow(reload) {
            eprintln!("error: {message}");
            return exit::usage();
        }
    }
    let ready = format!("http://{address}\n");
    if let Some(path) = &args.ready_file
        && let Err(message) = ready_file::write(path, &ready)
    {
        eprintln!("error: {message}");
        return exit::usage();
    }
    greet(address, &template, guarded);
    if !args.defects.is_empty() {
        let names: Vec<&str> = args.defects.iter().map(|defect| defect.name()).collect();
        say(&format!("\nBroken on purpose: {}", names.join(", ")));
    }
    let ended = server.run(listener, shutdown).await;
    if let Some(path) = &args.ready_file
        && let Err(message) = ready_file::take_back(path, &ready)
    {
        eprintln!("error: {message}");
    }
    match ended.cut {
        0 => say("stopped; every request was answered"),
        1 => say(&format!("stopped; 1 request was cut off after {} ms", GRACE.as_millis())),
        cut => say(&format!("stopped; {cut} requests were cut off after {} ms", GRACE.as_millis())),
    }
    exit::SUCCESS
}

/// What the server begins with, and the file it comes from if that is to be watched; else what to tell people.
fn scenario(
    name: Option<&str>,
    watch: &watch::WatchFlags,
) -> Result<(Scenario, Option<watch::File>), String> {
    let mut file = watch.file(name)?;
    let first = match (&mut file, name) {
        // Read through its watcher: a change between two readings would be lost.
        (Some(file), _) => file.first(),
        (None, Some(name)) => load(name),
        (None, None) => Ok(Scenario::default()),
    };
    first.map(|scenario| (scenario, file)).map_err(|error| watch::complaint(&error))
}

fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ExitCode> {
    let bound = listen(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
    bound.map(|(address, listener)| (listener, address)).map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => {
                "another program listens there, perhaps another `rehearsal serve`; stop it, or choose another port \
                 with --listen 127.0.0.1:4011 (or port 0 for a free one)"
            }
            ErrorKind::PermissionDenied => "ports below 1024 need privileges; choose a higher one with --listen",
            ErrorKind::AddrNotAvailable => "this machine has no such address; 127.0.0.1 is always there",
            _ => "choose another address with --listen",
        };
        eprintln!("error: cannot listen on {address}: {error}\n  {advice}");
        exit::cannot_bind()
    })
}

/// Listens as [`TcpListener::bind`] does, with a longer queue.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Elsewhere it would let two servers share the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

fn greet(address: SocketAddr, template: &Template, guarded: bool) {
    let base = format!("http://{address}");
    let clock = match template.mode() {
        Mode::Real => "real".to_owned(),
        Mode::Scaled(rate) => format!("x{rate}"),
        Mode::Manual => "manual (move it with PATCH /_rehearsal/clock)".to_owned(),
    };
    let accounts = &template.scenario.accounts;
    // They stand in the scenario, so they are no secret.
    let (key, welcome) = match accounts.as_slice() {
        [] => ("test-1", "any API key is welcome; each has a world of its own".to_owned()),
        [only] => (only.key.as_str(), format!("the one key the scenario declares is welcome: {}", only.key)),
        [first, ..] => {
            let named: Vec<&str> = accounts.iter().take(3).map(|account| account.key.as_str()).collect();
            let more = if accounts.len() > named.len() { ", …" } else { "" };
            let named = named.join(", ");
            (
                first.key.as_str(),
                format!("the {} keys the scenario declares are welcome: {named}{more}", accounts.len()),
            )
        }
    };
    let wanted = if guarded { " (anything else there needs the token)" } else { "" };
    let apis: String = APIS
        .iter()
        .map(|api| {
            let prefixes: Vec<&str> = api.roots().collect();
            format!("  {:<13}  {base}          {}\n", api.name, prefixes.join(", "))
        })
        .collect();
    // A key may hold a quote, which would end the shell's.
    let header = format!("x-api-key: {key}").replace('\'', r"'\''");
    say(&format!(
        "listening on {base}

{apis}  control plane  {base}/_rehearsal/health{wanted}
  keys           {welcome}
  scenario       {}
  clock          {clock}
  seed           {}

Try:  curl -H '{header}' -H 'content-type: application/json' \\
           -d '{{\"url\": \"skims.com\"}}' {base}/v2/crawl",
        template.scenario.name,
        template.seed().0,
    ));
}

/// Prints a line. Whoever started the server may have stopped reading; it serves all the same. Whatever else is in the
/// way of the line may keep its address from somebody who waits for it.
fn say(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}")
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("warning: the output cannot be written: {error}\n{line}");
    }
}

fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an IP address and a port, like 127.0.0.1:4011 or [::1]:0".to_owned())
}

fn parse_clock(text: &str) -> Result<Mode, String> {
    match text {
        "real" => return Ok(Mode::Real),
        "manual" => return Ok(Mode::Manual),
        _ => {}
    }
    let rate = text.strip_prefix('x').and_then(|rate| rate.parse::<f64>().ok());
    match rate {
        Some(rate) if (MIN_RATE..=MAX_RATE).contains(&rate) => Ok(Mode::Scaled(rate)),
        Some(_) => Err(format!("the rate must be from {MIN_RATE} to {MAX_RATE}")),
        None => Err("write real, manual, or x and a rate, like x60".to_owned()),
    }
}
