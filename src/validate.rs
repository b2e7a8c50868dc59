//! `rehearsal validate`: judges payloads, wherever they come from, against the contract of an operation.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::process::ExitCode;

use clap::{ArgGroup, Args as ClapArgs, ValueEnum, value_parser};
use fixtures::contract::{Contract, MOST_VIOLATIONS, Operation, Violation};
use mock_server::scenario::suggest::{listed, nearest};
use serde_json::{Deserializer, Value, json};

use crate::answer::{Answer, counted};
use crate::api;
use crate::exit::{MISTAKES, USAGE};

/// A payload may have this many bytes.
const PAYLOAD_MAX: u64 = 16 * 1024 * 1024;

const AFTER_HELP: &str = "\
Examples:
  rehearsal validate --operation catalog.crawl.get --status 200 answer.json
  jq .answer seen.json | rehearsal validate --operation catalog.usage.get --status 200 -
  rehearsal validate --operation 'POST /v2/extract' --request *.json

Exit codes:
  0  every payload keeps the contract
  1  at least one breaks it
  2  a flag is wrong, or a payload cannot be read or is not JSON";

/// What to judge, and as what.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("kind").required(true), after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The operation the payloads belong to, e.g. catalog.crawl.get or `GET /v2/crawl/{execution_id}`; an unknown
    /// one is answered with the list
    #[arg(long, value_name = "ID")]
    operation: String,

    /// The API and the version that is meant, e.g. extralt/v1, where several versions have the operation
    #[arg(long, value_name = "API/VERSION")]
    api: Option<String>,

    /// They are bodies of answers with this status
    #[arg(long, value_name = "CODE", group = "kind", value_parser = value_parser!(u16).range(100..=599))]
    status: Option<u16>,

    /// They are bodies of requests
    #[arg(long, group = "kind")]
    request: bool,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,

    /// Files with one JSON value each; `-` is standard input
    #[arg(required = true, value_name = "FILE|-")]
    payloads: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Terminal,
    /// For programs
    Json,
}

/// A payload that could not be read, and why.
struct Unread<'a> {
    file: &'a str,
    why: String,
}

/// A payload that could be read, and what is wrong with it.
struct Judged<'a> {
    file: &'a str,
    violations: Vec<Violation>,
}

/// What payloads are held against.
struct Standard {
    contract: &'static Contract,
    operation: &'static Operation,
    /// Of answers; `None` for requests.
    status: Option<u16>,
}

/// Judges the payloads.
pub(crate) fn run(args: &Args) -> ExitCode {
    let answer = match Standard::find(args) {
        Ok(standard) => judge(args, &standard),
        Err(message) => Answer::refusal(&message),
    };
    answer.deliver()
}

fn judge(args: &Args, standard: &Standard) -> Answer {
    let mut judged = Vec::new();
    let mut unread = Vec::new();
    for file in &args.payloads {
        match payload(file) {
            Ok(body) => judged.push(Judged { file, violations: standard.violations(&body) }),
            Err(why) => unread.push(Unread { file, why }),
        }
    }
    let is_broken = judged.iter().any(|judged| !judged.violations.is_empty());
    Answer {
        out: match args.format {
            Format::Terminal => text(&judged, unread.len(), standard),
            Format::Json => format!("{:#}\n", report(&judged, &unread, standard)),
        },
        code: match (unread.is_empty(), is_broken) {
            (false, _) => USAGE,
            (true, true) => MISTAKES,
            (true, false) => 0,
        },
        err: unread.iter().map(|unread| format!("error: {}\n", unread.why)).collect(),
    }
}

/// The operation that is meant by its id, or by its method and path as the documents print them.
fn named(contract: &'static Contract, name: &str) -> Option<&'static Operation> {
    contract.operation(name).or_else(|| {
        let (method, path) = name.split_once(' ')?;
        contract.operations().iter().find(|it| it.method().as_str() == method && it.path() == path)
    })
}

/// Why there is no such operation, with the one that was meant or all there are.
fn unknown(name: &str) -> String {
    let known = || Contract::all().iter().flat_map(Contract::operations);
    let ends_so = |it: &&Operation| it.id().ends_with(&format!(".{name}"));
    let meant =
        known().find(ends_so).map(Operation::id).or_else(|| nearest(name, known().map(Operation::id)));
    if let Some(meant) = meant {
        return format!("there is no operation `{name}`; did you mean `{meant}`?");
    }
    let width = known().map(|it| it.id().len()).max().unwrap_or_default();
    let mut message = format!("there is no operation `{name}`; there are");
    for it in known() {
        let _ = write!(message, "\n  {:width$}  {} {}", it.id(), it.method(), it.path());
    }
    message
}

/// The operation of this name, in the version that is asked for or the only one that has it.
fn meant(name: &str, api: Option<&str>) -> Result<(&'static Contract, &'static Operation), String> {
    if let Some(api) = api {
        let (_, contract) = api::named(api)?;
        let found = named(contract, name).map(|operation| (contract, operation));
        let elsewhere = || Contract::all().iter().find(|it| named(it, name).is_some());
        return found.ok_or_else(|| match elsewhere() {
            Some(it) => format!("--api: {api} has no `{name}`; {}/{} has", it.api(), it.version()),
            None => unknown(name),
        });
    }
    let found: Vec<_> = Contract::all().iter().filter_map(|it| Some((it, named(it, name)?))).collect();
    match *found {
        [] => Err(unknown(name)),
        [only] => Ok(only),
        _ => {
            let flags: Vec<String> =
                found.iter().map(|(it, _)| format!("--api {}/{}", it.api(), it.version())).collect();
            Err(format!("several versions have `{name}`: add {}", flags.join(" or ")))
        }
    }
}

impl Standard {
    fn find(args: &Args) -> Result<Standard, String> {
        let (contract, operation) = meant(&args.operation, args.api.as_deref())?;
        let id = operation.id();
        match args.status {
            Some(status) if !operation.documents_status(status) => {
                let documented: Vec<String> = operation.statuses().map(|status| status.to_string()).collect();
                let documented = listed(documented.iter().map(String::as_str));
                Err(format!("`{id}` documents no answer with status {status}; it documents {documented}"))
            }
            Some(status) if !operation.answers_json(status) => {
                Err(format!("an answer of `{id}` with status {status} has no JSON body that could be judged"))
            }
            None if operation.request_schema().is_none() => {
                let has =
                    if operation.file_types().is_empty() { "has no body" } else { "has a file as its body" };
                Err(format!("a request for `{id}` {has}; name a --status to judge its answers"))
            }
            status => Ok(Standard { contract, operation, status }),
        }
    }

    fn violations(&self, body: &Value) -> Vec<Violation> {
        match self.status {
            Some(status) => self.operation.response_violations(status, Some("application/json"), body),
            None => self.operation.request_violations(body),
        }
    }
}

/// The JSON value in a file, or why there is none.
fn payload(file: &str) -> Result<Value, String> {
    let mut text = Vec::new();
    let read = if file == "-" {
        io::stdin().lock().take(PAYLOAD_MAX + 1).read_to_end(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(PAYLOAD_MAX + 1).read_to_end(&mut text))
    };
    let name = if file == "-" { "standard input" } else { file };
    match read {
        Err(error) => Err(format!("cannot read {name}: {error}")),
        Ok(bytes) if bytes as u64 > PAYLOAD_MAX => {
            Err(format!("{name} has more than {PAYLOAD_MAX} bytes; that is more than is judged"))
        }
        Ok(_) => parsed(&text).map_err(|why| format!("{name} {why}")),
    }
}

/// The one JSON value in a text, or what is wrong with the text.
fn parsed(text: &[u8]) -> Result<Value, String> {
    // Some editors put it there, and no JSON value begins with it.
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut values = Deserializer::from_slice(text).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(format!("is not JSON: {error}")),
        None => return Err("is empty".to_owned()),
    };
    let (judged, rest) = text.split_at(values.byte_offset());
    let blanks = rest.len() - rest.trim_ascii_start().len();
    if blanks == rest.len() {
        return Ok(value);
    }
    let line = 1 + [judged, &rest[..blanks]].concat().iter().filter(|byte| **byte == b'\n').count();
    Err(format!("goes on after its JSON value, on line {line}; one value a file is judged"))
}

fn text(judged: &[Judged<'_>], not_read: usize, standard: &Standard) -> String {
    let mut out = String::new();
    let broken = judged.iter().filter(|judged| !judged.violations.is_empty());
    for Judged { file, violations } in broken.clone() {
        let at_least = if violations.len() >= MOST_VIOLATIONS { "at least " } else { "" };
        let _ = writeln!(out, "{file}: {at_least}{}", counted(violations.len(), "violation"));
        for violation in violations {
            let at = if violation.pointer.is_empty() { "(the whole of it)" } else { &violation.pointer };
            let observed = if violation.value.is_empty() { "nothing" } else { &violation.value };
            let _ = writeln!(out, "  {} {at}: {}", violation.place.word(), violation.keyword);
            let _ = writeln!(out, "    expected  {}", violation.expected);
            let _ = writeln!(out, "    observed  {observed}");
            let _ = writeln!(out, "    schema    {}", violation.schema_pointer);
            for clause in standard.contract.clauses_behind(standard.operation, violation) {
                let _ = writeln!(out, "    clause    {}: {}", clause.id, clause.says);
            }
        }
        out.push('\n');
    }
    let broken = broken.count();
    let kind = match standard.status {
        Some(status) => format!("{} {status}", standard.operation.id()),
        None => format!("requests of {}", standard.operation.id()),
    };
    let _ = write!(out, "{kind}: {} good, {broken} broken", judged.len() - broken);
    if not_read > 0 {
        let _ = write!(out, ", {not_read} not read");
    }
    out.push('\n');
    out
}

fn report(judged: &[Judged<'_>], unread: &[Unread<'_>], standard: &Standard) -> Value {
    let violation = |violation: &Violation| {
        let clauses = standard.contract.clauses_behind(standard.operation, violation);
        json!({
            "place": violation.place.word(),
            "pointer": violation.pointer,
            "keyword": violation.keyword,
            "schema_pointer": violation.schema_pointer,
            "expected": violation.expected,
            "observed": violation.value,
            "message": violation.message,
            "clauses": clauses.iter().map(|clause| &clause.id).collect::<Vec<_>>(),
        })
    };
    let payloads: Vec<Value> = judged
        .iter()
        .map(|Judged { file, violations }| {
            let is_good = violations.is_empty();
            let violations: Vec<Value> = violations.iter().map(violation).collect();
            json!({ "file": file, "good": is_good, "violations": violations })
        })
        .collect();
    json!({
        "api": standard.contract.api(),
        "version": standard.contract.version(),
        "operation": standard.operation.id(),
        "status": standard.status,
        "payloads": payloads,
        "unread": unread.iter().map(|unread| json!({ "file": unread.file, "why": unread.why })).collect::<Vec<_>>(),
    })
}
