//! `match` of a fault: which requests it is for.

use std::collections::BTreeSet;

use fixtures::contract::Contract;
use http::HeaderName;
use serde_json::{Value, json};

use super::Shape;
use super::document::read_alone;
use super::fields::{Fields, Object, free_entries};
use super::matcher::{AGENT, API, FILE_NAME, KIND, Request, check_kind};
use super::reader::{Mistake, Reader, Step, shortened};
use super::text::{LINE, Pattern};
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::kind::Api;
use crate::scenario::matcher::Glob;
use crate::scenario::node::Node;
use crate::scenario::request::{AboutMatcher, RequestMatcher};
use crate::scenario::suggest::{listed, nearest};

mod reach;

pub(super) use reach::{Known, every, names_run, reached, some};

pub(super) const MATCHER: Object<fn(&mut Fields<'_, '_>) -> Option<RequestMatcher>> =
    Object { what: "a match", read: matcher };

/// Reads a matcher that stands alone. See [`crate::scenario::parse_request_matcher`].
pub(in crate::scenario) fn read(name: &str, text: &str) -> Result<RequestMatcher, Diagnostics> {
    read_alone(name, text, &MATCHER)
}

fn matcher(fields: &mut Fields<'_, '_>) -> Option<RequestMatcher> {
    let before = fields.mistakes();
    let api = fields.optional("api", "The API.", &API);
    let version = fields.optional("version", "The version of the API, as in `v2`.", &LINE);
    if let Some(version) = &version {
        check_version(fields, api, version);
    }
    let operation = fields.optional("operation", "A pattern for the operation's id.", &Operation);
    let about = about_run(fields);
    let run = Object {
        what: "a run",
        read: |fields: &mut Fields<'_, '_>| {
            let id = fields.optional("id", "A pattern for the client's id of the run.", &CASED);
            Some(AboutMatcher { id, ..about_run(fields) })
        },
    };
    let run = fields.optional("run", "The run that the request names in its path.", &run);
    let headers = fields.optional("header", "Patterns for headers, by name.", &Headers);
    let account = fields.optional("account", "A pattern for the key that the request carries.", &CASED);
    let request = fields.optional("request", "What the request's body holds.", &Request);
    check_kind(fields, api, about.kind);
    let matcher = RequestMatcher {
        api,
        version,
        operation,
        about,
        run,
        headers: headers.unwrap_or_default(),
        account,
        request: request.unwrap_or_default(),
    };
    if fields.mistakes() == before {
        reach::check_reach(fields, &matcher);
    }
    Some(matcher)
}

fn about_run(fields: &mut Fields<'_, '_>) -> AboutMatcher {
    let kind = fields.optional("kind", "The kind of run it is about.", &KIND);
    let host = fields.optional("host", "A pattern for a host of that run.", &Pattern { ignore_case: true });
    let query = fields.optional("query", "A pattern for that run's query.", &CASED);
    let robot = fields.optional("robot", "A pattern for the id or the name of that run's robot.", &CASED);
    let agent = fields.optional("agent", AGENT, &CASED);
    let file_name = fields.optional("file-name", FILE_NAME, &CASED);
    AboutMatcher { id: None, kind, host, query, robot, agent, file_name }
}

const CASED: Pattern = Pattern { ignore_case: false };

fn check_version(fields: &mut Fields<'_, '_>, api: Option<Api>, version: &str) {
    let of_api = |contract: &&Contract| api.is_none_or(|api| api.name() == contract.api());
    let known: BTreeSet<&str> = Contract::all().iter().filter(of_api).map(Contract::version).collect();
    if !known.contains(version) {
        let whose =
            api.map_or("no API has the version".to_owned(), |api| format!("`{}` has no version", api.name()));
        let mistake = Mistake::new(format!("{whose} `{}`", shortened(version)))
            .help(format!("there is {}", listed(known)));
        fields.report("version", mistake);
    }
}

/// The ids of all operations of all APIs.
fn operation_ids() -> impl Iterator<Item = &'static str> + Clone {
    Contract::all().iter().flat_map(Contract::operations).map(|operation| operation.id())
}

/// A pattern that some operation's id matches.
struct Operation;

impl Shape for Operation {
    type Value = Glob;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Glob> {
        let glob = CASED.read(node, reader)?;
        if operation_ids().any(|id| glob.matches(id)) {
            return Some(glob);
        }
        let text = node.as_text().unwrap_or_default();
        let mistake = Mistake::new(format!("no operation matches `{}`", shortened(text)));
        let mistake = match nearest(text, operation_ids()) {
            Some(meant) => mistake.help(format!("did you mean `{meant}`?")),
            None => mistake.help(
                "an operation is named `<api>.<resource>.<verb>`, as in `catalog.crawl.get`; `*` is any text",
            ),
        };
        reader.report(&node.span, mistake);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// Patterns for headers, by name.
struct Headers;

/// Where credentials stand; they are matched as `account`, and kept nowhere.
const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-api-key"];

impl Shape for Headers {
    type Value = Vec<(String, Glob)>;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let example = "header: { user-agent: \"*python*\" }";
        let entries = free_entries(node, "a map of headers", example, reader)?;
        let mut headers = Vec::new();
        for (key, value) in entries {
            let Some(text) = key.as_text() else { continue };
            let Ok(name) = HeaderName::try_from(text) else {
                let mistake = Mistake::new(format!("`{}` cannot be a header's name", shortened(text)));
                reader.report(&key.span, mistake);
                continue;
            };
            if CREDENTIALS.contains(&name.as_str()) {
                let mistake = Mistake::new("credentials are not matched as headers")
                    .help("write `account` with a pattern for the key");
                reader.report(&key.span, mistake);
                continue;
            }
            let glob =
                reader.within([Step::key(text)], |reader| Pattern { ignore_case: true }.read(value, reader));
            headers.extend(glob.map(|glob| (name.as_str().to_owned(), glob)));
        }
        Some(headers)
    }

    fn schema(&self) -> Value {
        json!({ "type": "object", "additionalProperties": { "type": "string", "minLength": 1 } })
    }
}
