//! Expectations as they are written.

use serde_json::{Map, Value, json};

use crate::expectations::count::Count;
use crate::expectations::status::StatusPattern;
use crate::expectations::{Condition, Expectation, METHODS, On, Test, method};
use crate::journal::headers;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::parse_request_matcher;
use crate::scenario::suggest::{listed, nearest};

/// The most expectations at once.
pub const CALLS_MAX: usize = 100;
/// The most conditions of one expectation.
pub const CONDITIONS_MAX: usize = 50;

const KEYS: [&str; 2] = ["match", "count"];
/// What a match has here and the match of a fault has not.
const OURS: [&str; 2] = ["method", "status"];
/// How the scenario language begins to list the keys it knows.
const KNOWN: &str = "its keys are";

/// Something wrong with an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where it is, as in `calls[0].match.operation`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Mistake {
    fn new(path: String, message: impl Into<String>) -> Self {
        Self { path, message: message.into(), help: None }
    }

    fn helped(path: String, message: impl Into<String>, help: String) -> Self {
        Self { path, message: message.into(), help: Some(help) }
    }

    /// For programs, as the mistakes in a scenario are shown.
    pub fn to_json(&self) -> Value {
        let mut value = json!({ "path": self.path, "message": self.message });
        if let Some(help) = &self.help {
            value["help"] = json!(help);
        }
        value
    }
}

/// Reads `calls`.
///
/// # Errors
///
/// All mistakes there are.
pub fn calls(calls: &[Value]) -> Result<Vec<Expectation>, Vec<Mistake>> {
    if calls.is_empty() {
        let mut mistake = Mistake::new("calls".to_owned(), "nothing is expected, so nothing can be verified");
        mistake.help = Some("add what is expected, as in {\"match\": {\"operation\": \"catalog.crawl.create\"}, \"count\": 1}".to_owned());
        return Err(vec![mistake]);
    }
    if calls.len() > CALLS_MAX {
        let message = format!("there are {} calls; at most {CALLS_MAX} can be verified at once", calls.len());
        return Err(vec![Mistake::new("calls".to_owned(), message)]);
    }
    let mut mistakes = Vec::new();
    let mut expectations = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let before = mistakes.len();
        let expectation = read_call(&format!("calls[{index}]"), call, &mut mistakes);
        if mistakes.len() == before {
            expectations.extend(expectation);
        }
    }
    if mistakes.is_empty() { Ok(expectations) } else { Err(mistakes) }
}

fn read_call(path: &str, call: &Value, mistakes: &mut Vec<Mistake>) -> Option<Expectation> {
    let Some(call) = call.as_object() else {
        mistakes
            .push(Mistake::new(path.to_owned(), "a call is an object with `match` and, perhaps, `count`"));
        return None;
    };
    for name in call.keys().filter(|name| !KEYS.contains(&name.as_str())) {
        let shown: String = name.chars().take(80).collect();
        let mut mistake = Mistake::new(format!("{path}.{shown}"), format!("a call has no key `{shown}`"));
        mistake.help = Some(match nearest(name, KEYS) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its keys are {}", listed(KEYS)),
        });
        mistakes.push(mistake);
    }
    let count = call.get("count").map(Count::read).transpose().unwrap_or_else(|message| {
        mistakes.push(Mistake::new(format!("{path}.count"), message));
        None
    });
    let path = format!("{path}.match");
    match call.get("match") {
        Some(Value::Object(matcher)) => {
            let conditions = conditions(&path, matcher, mistakes);
            Some(Expectation { conditions, count: count.unwrap_or_default() })
        }
        Some(_) => {
            mistakes.push(Mistake::new(path, "a match is an object; {} means every request"));
            None
        }
        None => {
            mistakes.push(Mistake::new(path, "a call needs a match; {} means every request"));
            None
        }
    }
}

fn conditions(path: &str, matcher: &Map<String, Value>, mistakes: &mut Vec<Mistake>) -> Vec<Condition> {
    // Ours are taken out, the rest is the language of faults.
    let rest: Map<String, Value> = matcher
        .iter()
        .filter(|(name, _)| !OURS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Err(diagnostics) = parse_request_matcher(path, &Value::Object(rest).to_string()) {
        mistakes.extend(diagnostics.list.into_iter().map(|diagnostic| of_match(path, diagnostic)));
        return Vec::new();
    }
    let mut conditions = Vec::new();
    for (name, value) in matcher {
        let inner = value.as_object();
        let parts: Vec<(On, Value, &Value)> = match (name.as_str(), inner) {
            ("run", Some(run)) if run.is_empty() => vec![(On::Run(None), json!({ "run": {} }), value)],
            ("run", Some(run)) => parts(run, name, |name| On::Run(Some(name))),
            ("header", Some(headers)) => parts(headers, name, |name| On::Header(name.to_ascii_lowercase())),
            ("request", Some(body)) => parts(body, name, On::Request),
            _ => on(name).map(|on| (on, json!({ name: value }), value)).into_iter().collect(),
        };
        for (on, matcher, expected) in parts {
            if let Some(test) = test(path, &on, &matcher, expected, mistakes) {
                conditions.push(Condition { on, expected: expected.clone(), test });
            }
        }
    }
    if conditions.len() > CONDITIONS_MAX {
        let message =
            format!("there are {} conditions; at most {CONDITIONS_MAX} make a match", conditions.len());
        mistakes.push(Mistake::new(path.to_owned(), message));
    }
    conditions
}

/// A mistake in what a match has in common with that of a fault.
fn of_match(path: &str, diagnostic: Diagnostic) -> Mistake {
    let Diagnostic { path: place, message, expected, help, .. } = diagnostic;
    let help = help.or((!expected.is_empty()).then_some(expected));
    let is_unknown = help.as_deref().is_some_and(|help| help.starts_with(KNOWN)) && !place.contains('.');
    let help = match nearest(&place, OURS).filter(|_| is_unknown) {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None if is_unknown => help.map(|help| format!("{help}; here also {}", listed(OURS))),
        None => help,
    };
    let place = if place.is_empty() { place } else { format!(".{place}") };
    Mistake { path: format!("{path}{place}"), message, help }
}

/// The conditions of a map, each as a match of its own.
fn parts<'v>(
    entries: &'v Map<String, Value>,
    within: &str,
    on: impl Fn(String) -> On,
) -> Vec<(On, Value, &'v Value)> {
    entries
        .iter()
        .map(|(name, value)| (on(name.clone()), json!({ within: { name: value } }), value))
        .collect()
}

fn on(name: &str) -> Option<On> {
    Some(match name {
        "api" => On::Api,
        "version" => On::Version,
        "operation" => On::Operation,
        "method" => On::Method,
        "status" => On::Status,
        "account" => On::Account,
        "kind" => On::Kind,
        "host" => On::Host,
        "query" => On::Query,
        _ => return None,
    })
}

fn test(path: &str, on: &On, matcher: &Value, expected: &Value, mistakes: &mut Vec<Mistake>) -> Option<Test> {
    let path = format!("{path}.{on}");
    match on {
        On::Method => {
            let test = expected.as_str().and_then(method).map(Test::Method);
            if test.is_none() {
                mistakes.push(Mistake::new(path, format!("a method is one of {}", listed(METHODS))));
            }
            test
        }
        On::Status => {
            let text = expected.as_str().map_or_else(|| expected.to_string(), str::to_owned);
            let test = StatusPattern::parse(&text).map(Test::Status);
            if test.is_none() {
                mistakes.push(Mistake::helped(
                    path,
                    "this is no status",
                    format!("write {}", StatusPattern::FORMS),
                ));
            }
            test
        }
        On::Header(name) if !headers::is_kept(name) => {
            let kept = listed(headers::KEPT);
            let mut mistake =
                Mistake::new(path, "the journal does not keep this header, so nobody can say what it was");
            mistake.help =
                Some(format!("it keeps {kept}, and those whose names begin with `{}`", headers::KEPT_PREFIX));
            mistakes.push(mistake);
            None
        }
        _ => match parse_request_matcher(&path, &matcher.to_string()) {
            Ok(matcher) => Some(Test::Request(Box::new(matcher))),
            Err(diagnostics) => {
                let message = diagnostics.list.first().map_or("this is no condition", |first| &first.message);
                mistakes.push(Mistake::new(path, message));
                None
            }
        },
    }
}
