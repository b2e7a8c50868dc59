//! The document of the control plane, and every answer held against it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use http::{HeaderMap, Method, StatusCode};
use jsonschema::Validator;
use mock_server::control::PREFIX;
use serde_json::{Value, json};

/// The document, as it was written.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../src/control/openapi.yaml");
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}"))
});

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// Every documented operation: its method, its path below the prefix, and a JSON pointer to it.
pub(crate) fn operations() -> Vec<(Method, String, String)> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for method in METHODS.into_iter().filter(|method| item.get(*method).is_some()) {
            let pointer = format!("/paths/{}/{method}", escaped(path));
            found.push((method.to_uppercase().parse().unwrap(), path.clone(), pointer));
        }
    }
    found
}

/// What stands at a JSON pointer, and its own pointer once references are followed.
pub(crate) fn resolved(pointer: &str) -> (String, &'static Value) {
    let found = DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not in the document"));
    match found["$ref"].as_str() {
        Some(reference) => resolved(reference.trim_start_matches('#')),
        None => (pointer.to_owned(), found),
    }
}

/// The validator of the schema at a JSON pointer.
pub(crate) fn validator(pointer: &str) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let build = || {
        let mut schema = DOCUMENT.clone();
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        // A reference is a URL, in which no braces and spaces stand.
        schema["$ref"] =
            json!(format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D").replace(' ', "%20")));
        let built = jsonschema::options().should_validate_formats(true).build(&schema);
        Arc::new(built.unwrap_or_else(|error| panic!("{pointer}: {error}")))
    };
    Arc::clone(validators.entry(pointer.to_owned()).or_insert_with(build))
}

/// Asserts that a value fits the schema at a JSON pointer.
#[track_caller]
pub(crate) fn assert_fits(pointer: &str, value: &Value) {
    let validator = validator(pointer);
    let wrong: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{pointer} does not describe {value}:\n{}", wrong.join("\n"));
}

/// Asserts that an answer is one that the document describes, whatever was asked. What was asked beside the control
/// plane is none of its business.
#[track_caller]
pub(crate) fn hold(method: &Method, path: &str, status: StatusCode, headers: &HeaderMap, text: Option<&str>) {
    let Some(path) = path.strip_prefix(PREFIX).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
        return;
    };
    let is_head = *method == Method::HEAD;
    let asked = if is_head { &Method::GET } else { method };
    let templates: Vec<_> =
        operations().into_iter().filter(|(_, template, _)| fits(template, path)).collect();
    let meant = most_exact(&templates);
    let pointer = match templates.iter().find(|(method, path, _)| Some(path) == meant && method == asked) {
        Some((_, _, pointer)) => format!("{pointer}/responses/{}", status.as_u16()),
        None if status == StatusCode::FORBIDDEN => "/components/responses/Foreign".to_owned(),
        None if status == StatusCode::UNAUTHORIZED => "/components/responses/Token".to_owned(),
        None if meant.is_some() => "/components/responses/WrongMethod".to_owned(),
        None => "/components/responses/UnknownPath".to_owned(),
    };
    assert!(DOCUMENT.pointer(&pointer).is_some(), "{method} {path}: {status} is not documented: {text:?}");
    let (pointer, response) = resolved(&pointer);
    let expected = match pointer.as_str() {
        "/components/responses/WrongMethod" => StatusCode::METHOD_NOT_ALLOWED,
        "/components/responses/UnknownPath" => StatusCode::NOT_FOUND,
        _ => status,
    };
    assert_eq!(status, expected, "{method} {path}: {text:?}");
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        assert!(header["required"] != true || headers.contains_key(name), "{method} {path} lacks {name}");
    }
    let Some(media) = response["content"].as_object() else {
        assert!(text.is_none_or(str::is_empty), "{method} {path}: {status} has no body: {text:?}");
        return;
    };
    let sent = headers["content-type"].to_str().unwrap();
    assert!(media.contains_key(sent), "{method} {path}: {status} as {sent} is not documented");
    if let Some(text) = text.filter(|_| !is_head) {
        let value = if sent == "application/json" {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{method} {path}: {error}: {text}"))
        } else {
            json!(text)
        };
        assert_fits(&format!("{pointer}/content/{}/schema", escaped(sent)), &value);
    }
}

/// Every code that is documented.
pub(crate) fn codes() -> BTreeSet<String> {
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        if let Some(codes) = value.pointer("/properties/error/properties/code/enum") {
            found.extend(codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()));
        }
        match value {
            Value::Object(members) => members.values().for_each(|member| collect(member, found)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    collect(&DOCUMENT, &mut found);
    found
}

/// The template with the fewest variable parts, as routers have it.
fn most_exact(templates: &[(Method, String, String)]) -> Option<&String> {
    templates.iter().map(|(_, template, _)| template).min_by_key(|template| template.matches('{').count())
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, parts): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let same =
        |(wanted, part): (&&str, &&str)| wanted == part || (wanted.starts_with('{') && !part.is_empty());
    wanted.len() == parts.len() && wanted.iter().zip(&parts).all(same)
}

fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
