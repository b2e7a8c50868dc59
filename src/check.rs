//! `rehearsal check`: judges a server against the documents of the API it claims to be.

mod output;
mod progress;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args as ClapArgs;
use conformance::profile::Profile;
use conformance::report::all::Reports;
use conformance::report::{Report, json, terminal};
use conformance::run::{self, Options, RunError};
use conformance::session::Wishes;
use conformance::target::Target;
use conformance::verdict::ExitCode as Code;
use http::HeaderValue;
use mock_server::control::access::{NoToken, Token};
use tokio::sync::watch;

use self::output::{File, Format, Found};
use self::progress::Line;
use crate::answer::{deliver, fail, print};
use crate::{api, signal};

const EXIT_CODES: &str = "\
Exit codes:
  0  conformant
  1  nonconformant
  2  a flag, an environment variable or a key is wrong
  3  incomplete: something that has to be tested was not, or the server could not be reached
  4  the harness itself failed
  5  something was left behind on the server";

/// What to judge, and how.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// Base address of the server, with its scheme
    #[arg(long, value_name = "URL", env = "REHEARSAL_CHECK_TARGET", required_unless_present = "list")]
    target: Option<String>,

    /// The API it claims to be, with a version if need be: catalog, extralt (v0), extralt/v1, llama-extract
    /// (extractionv2), llama-extract/v1, llama-extract/v2; or all, one after the other
    #[arg(long, value_name = "API", env = "REHEARSAL_CHECK_API", default_value = "catalog")]
    api: String,

    /// Base address of its control plane, if that is not beside it on this machine
    #[arg(long, value_name = "URL", env = "REHEARSAL_CHECK_CONTROL")]
    control: Option<String>,

    /// What its control plane wants to be shown, if the server was given a token
    #[arg(long, value_name = "TOKEN", env = "REHEARSAL_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,

    #[command(flatten)]
    keys: Keys,

    /// Time between two reads of a run where the clock cannot be moved; the documented pace unless given
    #[arg(long, value_name = "DURATION", env = "REHEARSAL_CHECK_PACE", value_parser = pace)]
    pace: Option<Pace>,

    /// The longest the check of one API may take
    #[arg(long, value_name = "DURATION", env = "REHEARSAL_CHECK_TIMEOUT", default_value = "10m", value_parser = duration)]
    timeout: Duration,

    /// Move the clock of a given key's world too, not only of worlds made for the check
    #[arg(long, env = "REHEARSAL_CHECK_MOVE_CLOCK")]
    move_clock: bool,

    /// Let a broken SHOULD fail the server
    #[arg(long, env = "REHEARSAL_CHECK_STRICT")]
    strict: bool,

    /// Let what takes luck or money count as missing too, if it was not exercised
    #[arg(long, env = "REHEARSAL_CHECK_REQUIRE_ALL")]
    require_all: bool,

    /// The shop to crawl; a server that really crawls needs a real one
    #[arg(long, value_name = "HOST", env = "REHEARSAL_CHECK_SITE", default_value = "example.com", value_parser = parse_site)]
    site: String,

    /// What to print
    #[arg(long, value_enum, env = "REHEARSAL_CHECK_FORMAT", default_value_t = Format::Terminal)]
    format: Format,

    /// Also write a file: terminal, json, junit or markdown, or transcript for every exchange; may be repeated
    #[arg(
        long,
        value_name = "FORMAT=PATH",
        env = "REHEARSAL_CHECK_REPORT",
        value_parser = File::parse
    )]
    report: Vec<File>,

    /// Print every check, with --format json all that is known of each, and send nothing
    #[arg(long, env = "REHEARSAL_CHECK_LIST")]
    list: bool,
}

/// Keys, and where they come from. They never stand in the arguments of a process that talks to another machine.
#[derive(Debug, ClapArgs)]
struct Keys {
    /// Environment variable that holds the key
    #[arg(long, value_name = "NAME", env = "REHEARSAL_CHECK_KEY_ENV", conflicts_with_all = ["key_file", "key"])]
    key_env: Option<String>,

    /// File that holds the key
    #[arg(long, value_name = "PATH", env = "REHEARSAL_CHECK_KEY_FILE", conflicts_with = "key")]
    key_file: Option<PathBuf>,

    /// The key itself; only for a server on this machine
    #[arg(long, value_name = "KEY", env = "REHEARSAL_CHECK_KEY", hide_env_values = true)]
    key: Option<String>,

    /// Environment variable that holds the key of somebody else, to see that keys are kept apart
    #[arg(
        long,
        value_name = "NAME",
        env = "REHEARSAL_CHECK_OTHER_KEY_ENV",
        conflicts_with = "other_key_file"
    )]
    other_key_env: Option<String>,

    /// File that holds the key of somebody else
    #[arg(long, value_name = "PATH", env = "REHEARSAL_CHECK_OTHER_KEY_FILE")]
    other_key_file: Option<PathBuf>,
}

/// How often to read a run.
#[derive(Debug, Clone, Copy)]
enum Pace {
    Documented,
    Every(Duration),
}

/// Runs the check; every way out has its code.
pub(crate) async fn run(args: Args) -> ExitCode {
    if args.list {
        if args.api == api::ALL {
            return fail(Code::Usage, "--list: the checks of one API are printed; name it with --api");
        }
        let contract = match api::named(&args.api) {
            Ok((_, contract)) => contract,
            Err(message) => return fail(Code::Usage, &message),
        };
        return match args.format {
            Format::Terminal => deliver(&terminal::catalogue(contract)),
            Format::Json => deliver(&json::catalogue(contract)),
            Format::Junit | Format::Markdown => {
                fail(Code::Usage, "--list: the checks are printed for people (terminal) or as json only")
            }
        };
    }
    let apis = match api::those(&args.api) {
        Ok(apis) => apis.into_iter().map(|(profile, _)| profile).collect::<Vec<_>>(),
        Err(message) => return fail(Code::Usage, &message),
    };
    if args.api == api::ALL && args.report.iter().any(File::is_transcript) {
        return fail(
            Code::Usage,
            "--report: a transcript holds the exchanges of one API, which judges them; name it with --api",
        );
    }
    let options = match apis.iter().map(|profile| options(&args, profile)).collect::<Result<Vec<_>, _>>() {
        Ok(options) => options,
        Err(message) => return fail(Code::Usage, &message),
    };
    if let Err(message) = args.report.iter().try_for_each(File::try_out) {
        return fail(Code::Harness, &message);
    }
    let found = match judge(options).await {
        Ok(mut reports) if args.api != api::ALL && reports.len() == 1 => {
            Found::One(Box::new(reports.remove(0)))
        }
        Ok(reports) => {
            let not_judged = apis.iter().skip(reports.len());
            let not_judged = not_judged.map(|it| format!("{}/{}", it.api, it.version)).collect();
            Found::All(Reports::new(reports, not_judged))
        }
        Err(error) => return fail(error.exit_code(), &error.to_string()),
    };
    match publish(&args, &found) {
        Ok(()) => ExitCode::from(found.exit_code()),
        Err(message) => fail(Code::Harness, &message),
    }
}

/// Judges a server as one API after the other, until all are done or somebody wants it to end.
async fn judge(options: Vec<Options>) -> Result<Vec<Report>, RunError> {
    let mut reports = Vec::new();
    let (ended, mut end) = watch::channel(false);
    let waits = tokio::spawn(async move {
        interrupted().await;
        // Nobody is left to hear it once everything is judged.
        let _ = ended.send(true);
    });
    for mut options in options {
        if *end.borrow_and_update() {
            break;
        }
        let (line, progress) = Line::start(options.timeout);
        options.progress = progress;
        let mut heard = end.clone();
        let stop = async move {
            if heard.wait_for(|ended| *ended).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let result = run::run(&options, stop).await;
        line.erase().await;
        reports.push(result?);
    }
    waits.abort();
    Ok(reports)
}

fn parse_site(text: &str) -> Result<String, String> {
    let is_host = text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    if is_host { Ok(text.to_owned()) } else { Err("write a host name, like example.com".to_owned()) }
}

/// Resolves when somebody wants the check to end. Where no handler can be set it can only be killed.
async fn interrupted() {
    match signal::stop() {
        Ok(stop) => stop.await,
        Err(_) => std::future::pending().await,
    }
}

/// Writes what was asked for. One file that cannot be written keeps nobody from the rest.
fn publish(args: &Args, found: &Found) -> Result<(), String> {
    let failed: Vec<_> = args.report.iter().filter_map(|file| file.write(found).err()).collect();
    // Whether there is a terminal, and whether it wants colours, is known where the text is written.
    let text = found.render(args.format, true);
    print(&text).map_err(|error| format!("cannot print the report: {error}"))?;
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\nerror: ")) }
}

fn options(args: &Args, profile: &'static Profile) -> Result<Options, String> {
    let target =
        args.target.as_deref().ok_or("--target is missing: name the server, e.g. http://127.0.0.1:8080")?;
    let target = Target::parse(target).map_err(|error| format!("--target: {error}"))?;
    let control = args.control.as_deref().map(Target::parse).transpose();
    let control = control.map_err(|error| format!("--control: {error}"))?;
    let control_token = args.control_token.as_deref().map(token).transpose()?;
    let mut places = BTreeSet::new();
    if let Some(twice) = args.report.iter().find(|file| !places.insert(file.place())) {
        return Err(format!(
            "--report: two reports would go to {}; give each a file of its own",
            twice.path().display()
        ));
    }
    if args.keys.key.is_some() && !target.is_loopback() {
        return Err(
            "--key is for servers on this machine, since other processes can read arguments; use --key-env \
                    NAME or --key-file PATH"
                .into(),
        );
    }
    let key = match &args.keys.key {
        Some(key) => Some(usable("--key", key)?),
        None => key(args.keys.key_env.as_deref(), args.keys.key_file.as_ref(), "--key")?,
    };
    let other_key = key_other(&args.keys)?;
    if other_key.is_some() && key.is_none() {
        return Err("a second key needs a first one: --key-env NAME or --key-file PATH".into());
    }
    if key.is_some() && key == other_key {
        return Err("both keys are the same; the second has to be somebody else's".into());
    }
    let pace = match args.pace {
        Some(Pace::Every(pace)) => Some(pace),
        Some(Pace::Documented) | None => None,
    };
    Ok(Options {
        control,
        control_token,
        wishes: Wishes { key, other_key, move_clock: args.move_clock, pace, nonce: None },
        timeout: args.timeout,
        strict: args.strict,
        require_all: args.require_all,
        site: args.site.clone(),
        ..Options::new(target, profile)
    })
}

/// A token, as it stands in a header.
fn token(text: &str) -> Result<HeaderValue, String> {
    let refused = |refusal: NoToken| format!("--control-token (or REHEARSAL_CONTROL_TOKEN): {refusal}");
    text.parse::<Token>().map_err(refused)?;
    let mut value = HeaderValue::from_str(text).map_err(|_| refused(NoToken))?;
    value.set_sensitive(true);
    Ok(value)
}

fn key_other(keys: &Keys) -> Result<Option<String>, String> {
    key(keys.other_key_env.as_deref(), keys.other_key_file.as_ref(), "--other-key")
}

fn key(variable: Option<&str>, file: Option<&PathBuf>, flag: &str) -> Result<Option<String>, String> {
    if let Some(name) = variable {
        let value = std::env::var(name)
            .map_err(|_| format!("{flag}-env: the environment variable {name} is not set, or is not text"))?;
        return usable(&format!("{flag}-env {name}"), &value).map(Some);
    }
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("{flag}-file: cannot read {}: {error}", path.display()))?;
        return usable(&format!("{flag}-file {}", path.display()), text.trim()).map(Some);
    }
    Ok(None)
}

/// A key that can stand in a header.
fn usable(source: &str, key: &str) -> Result<String, String> {
    if key.is_empty() {
        return Err(format!("{source}: the key is empty"));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "{source}: the key has spaces or characters beyond ASCII, which no header can carry"
        ));
    }
    Ok(key.to_owned())
}

fn pace(text: &str) -> Result<Pace, String> {
    if text == "documented" { Ok(Pace::Documented) } else { duration(text).map(Pace::Every) }
}

/// `250ms`, `30s`, `5m`, `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration such as 250ms, 30s, 5m or 2h");
    let unit = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let count: u64 = text[..unit].parse().map_err(|_| wrong())?;
    let millis = match &text[unit..] {
        "ms" => Some(count),
        "s" => count.checked_mul(1_000),
        "m" => count.checked_mul(60_000),
        "h" => count.checked_mul(3_600_000),
        _ => None,
    };
    match millis.map(Duration::from_millis) {
        // A bound keeps the sum of a deadline and now within what a clock can hold.
        Some(length) if !length.is_zero() && length <= Duration::from_secs(30 * 86_400) => Ok(length),
        Some(_) => Err(format!("`{text}` is not between 1ms and 30 days")),
        None => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_number_and_a_unit() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        for wrong in
            ["", "5", "m", "0s", "-1s", "5 m", "1.5s", "99999999999999999999s", "18446744073709551615h"]
        {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_has_to_fit_into_a_header() {
        assert!(usable("--key", "two words").is_err());
        assert!(usable("--key", "").is_err());
        assert_eq!(usable("--key", "sk-1"), Ok("sk-1".into()));
    }
}
