//! What the contract says of a request and of its answer. It is found out when it is first asked for: most checks read one
//! member of an answer and no more.

use std::collections::BTreeSet;

use fixtures::contract::{Clause, Contract, Operation, Violation};
use fixtures::exchange::Request;
use serde_json::{Map, Value};

use super::seen::Seen;

/// A violation, with the clauses behind it.
#[derive(Debug)]
pub struct Fault {
    /// What is wrong.
    pub violation: Violation,
    /// The ids of the clauses that say so (see `Contract::clauses_behind`).
    pub clauses: Vec<&'static str>,
}

/// What the contract says of one exchange.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) asked: Vec<Fault>,
    pub(super) shown: Vec<Fault>,
    pub(super) met: BTreeSet<&'static str>,
    pub(super) ids: BTreeSet<String>,
    pub(super) fields: Map<String, Value>,
}

/// Ids are looked for so deep in an answer: a list of jobs has their agents and files in it.
const DEEPEST_ID: u32 = 4;

impl Facts {
    pub(super) fn of(seen: &Seen, contract: &'static Contract) -> Self {
        let mut ids = BTreeSet::new();
        if seen.is_success() {
            collect_ids(seen.body(), DEEPEST_ID, &mut ids);
        }
        let fields = fields(seen.exchange().request());
        let operation = seen.operation().and_then(|id| contract.operation(id));
        let Some(operation) = operation else { return Facts { ids, fields, ..Facts::default() } };
        let fault = |violation| Fault {
            clauses: contract.clauses_behind(operation, &violation).into_iter().map(id).collect(),
            violation,
        };
        let asked = asked(seen, operation, &fields).into_iter().map(fault).collect();
        let Some(answer) = seen.response() else { return Facts { asked, ids, fields, ..Facts::default() } };
        let (status, media) = (answer.status, answer.header("content-type"));
        let shown = operation.response_violations(status, media, seen.body());
        let met = contract.clauses_met(operation, status, seen.body()).into_iter().map(id).collect();
        Facts { asked, shown: shown.into_iter().map(fault).collect(), met, ids, fields }
    }
}

fn id(clause: &'static Clause) -> &'static str {
    &clause.id
}

/// What is wrong with a request.
fn asked(seen: &Seen, operation: &Operation, fields: &Map<String, Value>) -> Vec<Violation> {
    let mut all = operation.query(seen.pairs()).err().unwrap_or_default();
    all.extend(operation.path_violations(seen.parameters()));
    all.extend(operation.form_violations(&Value::Object(fields.clone())));
    // An operation that may be asked for without a body is not wronged by none.
    if !seen.exchange().request().body.is_empty() && !seen.is_malformed() {
        all.extend(operation.request_violations(seen.request()));
    }
    all
}

/// The ids that an answer shows: the texts of members that are called so.
fn collect_ids(value: &Value, depth: u32, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(text) if name == "id" || name.ends_with("_id") => {
                        found.insert(text.to_owned());
                    }
                    _ if depth > 0 => collect_ids(member, depth - 1, found),
                    _ => {}
                }
            }
        }
        Value::Array(items) if depth > 0 => {
            items.iter().for_each(|item| collect_ids(item, depth - 1, found));
        }
        _ => {}
    }
}

/// The fields of a form: texts, and for a file what it is called. Only forms of text are looked into.
fn fields(request: &Request) -> Map<String, Value> {
    parts(request).map(|part| (part.name.to_owned(), Value::from(part.file.unwrap_or(part.text)))).collect()
}

/// One part of a form.
pub(crate) struct Part<'r> {
    /// Its name.
    pub(crate) name: &'r str,
    /// What its file is called, if it is one.
    pub(crate) file: Option<&'r str>,
    /// What is in it.
    pub(crate) text: &'r str,
}

/// The parts of a form of text; none of anything else.
pub(crate) fn parts(request: &Request) -> impl Iterator<Item = Part<'_>> {
    let media = request.header("content-type").unwrap_or_default();
    let rim = media.strip_prefix("multipart/form-data").and_then(|rest| rest.split_once("boundary="));
    let rim = rim.map(|(_, rim)| rim.split(';').next().unwrap_or(rim).trim_matches('"'));
    let text = request.body.text().filter(|_| rim.is_some()).unwrap_or_default();
    let rim = format!("--{}", rim.unwrap_or_default());
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((piece, after)) = rest.split_once(&rim) {
        pieces.push(piece);
        rest = after;
    }
    pieces.into_iter().filter_map(|piece| {
        let (head, body) = piece.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
        Some(Part {
            name: parameter(head, "; name=\"")?,
            file: parameter(head, "; filename=\""),
            text: body.strip_suffix("\r\n")?,
        })
    })
}

fn parameter<'r>(head: &'r str, name: &str) -> Option<&'r str> {
    head.split_once(name)?.1.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use fixtures::exchange::body::Body;

    use super::*;

    fn form(media: &str, body: &str) -> Map<String, Value> {
        fields(&Request {
            method: "POST".into(),
            target: "/".into(),
            headers: vec![("content-type".into(), media.into())],
            body: Body::of(body.as_bytes()),
        })
    }

    #[test]
    fn a_form_has_texts_and_names_of_files() {
        let body = "--rim\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nextract\r\n--rim\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nhello\r\n\r\nthere\r\n--rim--\r\n";
        let fields = form("multipart/form-data; boundary=rim", body);
        assert_eq!(Value::Object(fields), serde_json::json!({ "purpose": "extract", "file": "a.txt" }));
        assert_eq!(form("multipart/form-data; boundary=\"rim\"", body).len(), 2);
        assert!(form("application/json", body).is_empty());
        assert!(form("multipart/form-data", body).is_empty());
        assert!(form("multipart/form-data; boundary=rim", "--rim\r\nname=\"").is_empty());
    }

    #[test]
    fn ids_are_found_wherever_an_answer_has_them() {
        let mut found = BTreeSet::new();
        let body = serde_json::json!([{ "id": "a", "agent": { "id": "b", "name": "c" }, "file_id": null, "run_id": "d" }]);
        collect_ids(&body, DEEPEST_ID, &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "b", "d"]);
    }
}
