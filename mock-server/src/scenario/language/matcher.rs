//! `match` of a run rule: which runs it is for.

use serde_json::{Value, json};

use super::Shape;
use super::fields::{Fields, Object, free_entries};
use super::quantity::Count;
use super::reader::{Mistake, Reader, Step};
use super::text::{Choice, Pattern};
use crate::scenario::kind::{Api, RunKind};
use crate::scenario::matcher::{Expected, RequestCondition, RunMatcher};
use crate::scenario::node::{Content, Node};
use crate::scenario::suggest::listed;

pub(super) const MATCHER: Object<fn(&mut Fields<'_, '_>) -> Option<RunMatcher>> =
    Object { what: "a match", read: matcher };

pub(super) const API: Choice<Api> = Choice { what: "an API", all: Api::ALL, name: Api::name, later: &[] };

pub(super) const KIND: Choice<RunKind> =
    Choice { what: "a kind of run", all: RunKind::ALL, name: RunKind::name, later: &[] };

/// What `agent` and `file-name` are for.
pub(super) const AGENT: &str = "A pattern for the id or the name of the run's agent.";
pub(super) const FILE_NAME: &str = "A pattern for the name of the run's file.";

fn matcher(fields: &mut Fields<'_, '_>) -> Option<RunMatcher> {
    let api = fields.optional("api", "The API.", &API);
    let kind = fields.optional("kind", "The kind of run.", &KIND);
    let host = fields.optional(
        "host",
        "A pattern for a host that the run is about.",
        &Pattern { ignore_case: true },
    );
    let query = fields.optional("query", "A pattern for the search query.", &Pattern { ignore_case: false });
    let request = fields.optional("request", "What the request's body holds.", &Request);
    let every = Count { min: 1, max: u64::MAX };
    let nth = fields.optional("nth", "Only the nth of the runs that match otherwise, from 1.", &every);
    let robot = fields.optional(
        "robot",
        "A pattern for the id or the name of the run's robot.",
        &Pattern { ignore_case: false },
    );
    let agent = fields.optional("agent", AGENT, &Pattern { ignore_case: false });
    let file_name = fields.optional("file-name", FILE_NAME, &Pattern { ignore_case: false });
    check_kind(fields, api, kind);
    check_has(fields, api, kind, "query", RunKind::has_query);
    check_has(fields, api, kind, "robot", RunKind::has_robot);
    check_has(fields, api, kind, "agent", RunKind::has_agent);
    check_has(fields, api, kind, "file-name", RunKind::has_file);
    Some(RunMatcher {
        api,
        kind,
        host,
        query,
        robot,
        agent,
        file_name,
        request: request.unwrap_or_default(),
        nth,
    })
}

/// No run is of one API and of a kind of another.
pub(super) fn check_kind(fields: &mut Fields<'_, '_>, api: Option<Api>, kind: Option<RunKind>) {
    let (Some(api), Some(kind)) = (api, kind) else { return };
    if kind.api() != api {
        let mistake = Mistake::new(format!("`{}` has no runs of kind `{}`", api.name(), kind.name()))
            .help(format!("its kinds are {}", listed(api.kinds().map(RunKind::name))));
        fields.report("kind", mistake);
    }
}

/// No run has what is asked of it if no run of its kind, or of its API, has.
fn check_has(
    fields: &mut Fields<'_, '_>,
    api: Option<Api>,
    kind: Option<RunKind>,
    member: &str,
    has: fn(RunKind) -> bool,
) {
    let whose = match (kind, api) {
        (Some(kind), _) if !has(kind) => kind.with_article().to_owned(),
        (None, Some(api)) if !api.kinds().any(has) => format!("a run of `{}`", api.name()),
        _ => return,
    };
    let able = RunKind::ALL.iter().copied().filter(|kind| has(*kind)).map(RunKind::name);
    let mistake = Mistake::new(format!("{whose} has no {member}"))
        .help(format!("leave `{member}` out; runs of kind {} have one", listed(able)));
    fields.report(member, mistake);
}

/// Conditions on a request's body, by name or JSON pointer.
pub(super) struct Request;

impl Shape for Request {
    type Value = Vec<RequestCondition>;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let example = "request: { url: \"*.example.com\" }";
        let entries = free_entries(node, "a map of conditions", example, reader)?;
        let mut conditions = Vec::new();
        for (key, value) in entries {
            let Some(place) = key.as_text() else { continue };
            if !is_place(place) {
                let mistake = Mistake::new("this is neither a name nor a JSON pointer")
                    .help("a pointer begins with `/`, and in it `~` is `~0` and a `/` in a name is `~1`");
                reader.report(&key.span, mistake);
                continue;
            }
            let expected = reader.within([Step::key(place)], |reader| read_expected(value, reader));
            conditions
                .extend(expected.map(|expected| RequestCondition { place: place.to_owned(), expected }));
        }
        Some(conditions)
    }

    fn schema(&self) -> Value {
        json!({
            "type": "object",
            "additionalProperties": { "type": ["string", "number", "boolean", "null"] },
        })
    }
}

fn is_place(place: &str) -> bool {
    if !place.starts_with('/') {
        return !place.is_empty();
    }
    place.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

fn read_expected(node: &Node, reader: &mut Reader<'_>) -> Option<Expected> {
    match &node.content {
        Content::Text(_) => Pattern { ignore_case: false }.read(node, reader).map(Expected::Text),
        Content::Null => Some(Expected::Scalar(Value::Null)),
        Content::Bool(value) => Some(Expected::Scalar(json!(value))),
        Content::Int(number) => match (u64::try_from(*number), i64::try_from(*number)) {
            (Ok(number), _) => Some(Expected::Scalar(json!(number))),
            (_, Ok(number)) => Some(Expected::Scalar(json!(number))),
            _ => Some(Expected::Scalar(json!(*number as f64))),
        },
        Content::Float(number) => Some(Expected::Scalar(json!(number))),
        Content::List(_) | Content::Map(_) => {
            let help = "a list or a map in the request is reached with a JSON pointer, as in `/profile/size`; \
                        a condition on a list holds if any element meets it";
            reader.mismatch(node, "a pattern or a single value", Some(help.to_owned()));
            None
        }
    }
}
