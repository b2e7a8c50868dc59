//! Requests against the contract. The outcome is neutral: each API says it in its own words.

use bytes::Bytes;
use fixtures::contract::{Operation, Violation};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

/// A request that keeps the contract.
#[derive(Debug, Clone)]
pub struct Valid {
    /// The query parameters as typed values, with the documented defaults.
    pub query: Map<String, Value>,
    /// The body; null for an operation without one.
    pub body: Value,
}

/// How a request breaks the contract.
#[derive(Debug, Clone, PartialEq)]
pub enum Invalid {
    /// The body is no JSON, or nested deeper than 128 levels.
    Json(String),
    /// It is JSON, and not what the contract asks for.
    Violations(Vec<Violation>),
}

/// The pairs of a query string, percent-decoded.
pub fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Vec::new() };
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// A body as JSON, or why it is none.
pub fn json(body: &Bytes) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// Checks a request against its operation. `path` has its path parameters, percent-decoded, if they are
/// judged. `body` is that of an operation
/// that has one, and of a form its fields; of a file only what it is called is judged here.
pub fn validate(
    operation: &Operation,
    path: Option<&[(String, String)]>,
    pairs: &[(String, String)],
    headers: &HeaderMap,
    body: Option<Result<Value, String>>,
) -> Result<Valid, Invalid> {
    let mut violations = path.map(|path| operation.path_violations(path)).unwrap_or_default();
    let query = operation.query(pairs).unwrap_or_else(|wrong| {
        violations.extend(wrong);
        Map::new()
    });
    if !violations.is_empty() {
        return Err(Invalid::Violations(violations));
    }
    let sent = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut violations = operation.request_header_violations(sent);
    if violations.is_empty() {
        violations = operation.file_violations(sent(CONTENT_TYPE.as_str()));
    }
    if !violations.is_empty() {
        return Err(Invalid::Violations(violations));
    }
    let Some(body) = body else { return Ok(Valid { query, body: Value::Null }) };
    let body = body.map_err(Invalid::Json)?;
    let mut violations = operation.request_violations(&body);
    violations.extend(operation.form_violations(&body));
    if violations.is_empty() { Ok(Valid { query, body }) } else { Err(Invalid::Violations(violations)) }
}
