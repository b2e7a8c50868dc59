//! The items of a 422: where a value stands, and what is wrong with it. Their three fields are documented
//! (`HTTPValidationError`); the words are those that frameworks of this kind use.

use fixtures::contract::{Place, Violation};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Item {
    loc: Vec<Value>,
    msg: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    ctx: Map<String, Value>,
}

impl Item {
    fn new(loc: Vec<Value>, kind: &'static str, msg: impl Into<String>) -> Self {
        Self { loc, msg: msg.into(), kind, input: None, ctx: Map::new() }
    }

    /// A body that is no JSON.
    pub(super) fn no_json(error: &str) -> Self {
        Self {
            ctx: Map::from_iter([("error".to_owned(), json!(error))]),
            ..Self::new(vec![json!("body"), json!(0)], "json_invalid", "JSON decode error")
        }
    }

    /// A field of a form whose text ought to be JSON and is none.
    pub(super) fn no_json_in(field: &str, text: &str, error: &str) -> Self {
        Self {
            input: Some(json!(text)),
            ctx: Map::from_iter([("error".to_owned(), json!(error))]),
            ..Self::new(vec![json!("body"), json!(field)], "json_invalid", format!("Invalid JSON: {error}"))
        }
    }

    /// Something has to be there and is not.
    pub(super) fn missing(loc: &[&str]) -> Self {
        Self::new(loc.iter().map(|part| json!(part)).collect(), "missing", "Field required")
    }

    /// A member of the body, or a parameter of the query, has a value that it may not have.
    pub(super) fn wrong(loc: &[&str], input: &Value, why: impl Into<String>) -> Self {
        let loc = loc.iter().map(|part| json!(part)).collect();
        Self { input: Some(input.clone()), ..Self::new(loc, "value_error", why) }
    }

    /// A member of the body is wrong in a way that no schema says.
    pub(super) fn at(member: Vec<Value>, why: &str) -> Self {
        let loc = std::iter::once(json!("body")).chain(member).collect();
        Self::new(loc, "value_error", format!("Value error, {why}"))
    }

    /// What is answered on purpose.
    pub(super) fn staged() -> Self {
        Self::new(vec![json!("body")], "value_error", "The request was refused on purpose")
    }
}

/// A violation as an item.
pub(super) fn of_violation(violation: &Violation) -> Item {
    let (kind, bound) = kind(violation);
    let msg = if kind == "missing" { "Field required".to_owned() } else { sentence(violation, kind) };
    let input = (!violation.value.is_empty()).then(|| {
        // The value of a parameter is a text; of a body it is JSON, and cut if it is long.
        match violation.place {
            Place::Body => serde_json::from_str(&violation.value).unwrap_or_else(|_| json!(violation.value)),
            _ => json!(violation.value.trim_matches('"')),
        }
    });
    let ctx = bound.and_then(|name| {
        let digits = |char: char| !char.is_ascii_digit() && char != '-';
        let number = violation.expected.rsplit(digits).find(|part| !part.is_empty())?;
        Some((name.to_owned(), number.parse::<i64>().ok()?.into()))
    });
    Item { input, ctx: ctx.into_iter().collect(), ..Item::new(location(violation), kind, msg) }
}

fn sentence(violation: &Violation, kind: &str) -> String {
    match kind {
        "uuid_parsing" => "Input should be a valid UUID".to_owned(),
        "string_type" => "Input should be a valid string".to_owned(),
        "int_parsing" | "int_type" => "Input should be a valid integer".to_owned(),
        "bool_parsing" | "bool_type" => "Input should be a valid boolean".to_owned(),
        "dict_type" => "Input should be a valid dictionary".to_owned(),
        "list_type" => "Input should be a valid list".to_owned(),
        _ => format!("Input should be {}", violation.expected),
    }
}

fn location(violation: &Violation) -> Vec<Value> {
    let place = match violation.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Body | Place::Status => "body",
    };
    let segments = violation.pointer.split('/').skip(1).map(|segment| {
        let name = segment.replace("~1", "/").replace("~0", "~");
        match name.parse::<u64>() {
            Ok(index) if violation.place == Place::Body => json!(index),
            _ => json!(name),
        }
    });
    std::iter::once(json!(place)).chain(segments).collect()
}

/// The word for what is wrong, and that for the bound that is broken.
fn kind(violation: &Violation) -> (&'static str, Option<&'static str>) {
    let is_text = violation.place != Place::Body;
    let expected = violation.expected.as_str();
    match violation.keyword.as_str() {
        "required" => ("missing", None),
        "format" if expected.contains("uuid") || expected.contains("UUID") => ("uuid_parsing", None),
        "format" if expected.contains("date") => ("datetime_parsing", None),
        "format" => ("value_error", None),
        "minimum" => ("greater_than_equal", Some("ge")),
        "exclusiveMinimum" => ("greater_than", Some("gt")),
        "maximum" => ("less_than_equal", Some("le")),
        "exclusiveMaximum" => ("less_than", Some("lt")),
        "minLength" => ("string_too_short", Some("min_length")),
        "maxLength" => ("string_too_long", Some("max_length")),
        "minItems" | "minProperties" => ("too_short", Some("min_length")),
        "maxItems" | "maxProperties" => ("too_long", Some("max_length")),
        "enum" => ("enum", None),
        "const" => ("literal_error", None),
        // A file's id may have a prefix, so that its contract asks for a pattern.
        "pattern" if expected.contains("{8}") => ("uuid_parsing", None),
        "pattern" => ("string_pattern_mismatch", None),
        "content-type" => ("missing", None),
        "type" if expected.contains("integer") => (if is_text { "int_parsing" } else { "int_type" }, None),
        "type" if expected.contains("number") => (if is_text { "float_parsing" } else { "float_type" }, None),
        "type" if expected.contains("true or false") || expected.contains("boolean") => {
            (if is_text { "bool_parsing" } else { "bool_type" }, None)
        }
        "type" if expected.contains("string") => ("string_type", None),
        "type" if expected.contains("object") => ("dict_type", None),
        "type" if expected.contains("array") || expected.contains("list") => ("list_type", None),
        _ => ("value_error", None),
    }
}
