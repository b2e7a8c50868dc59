//! Schemas as clients send them: an object, or the text of one.

use fixtures::samples::llama_extract::{DataSchema, SchemaProblem};
use serde_json::{Value, json};

use crate::apis::llama_extract::problem::Problem;
use crate::apis::words::shortened;

/// The schema in a body's member. The contract has held that it is an object or a text.
pub(super) fn read(value: &Value) -> Result<DataSchema, Problem> {
    match value {
        Value::String(text) => {
            let parsed: Value = serde_json::from_str(text).map_err(|error| {
                Problem::bad_request(format!("data_schema is a text that is no JSON: {error}"))
            })?;
            DataSchema::read(&parsed)
        }
        value => DataSchema::read(value),
    }
    .map_err(|problem| refused(&problem))
}

/// What is said of a schema that nothing can be extracted with.
pub(super) fn refused(problem: &SchemaProblem) -> Problem {
    Problem::bad_request(problem.to_string())
}

/// The schema of an agent that nobody has told anything: an object without fields.
pub(super) fn empty() -> Result<DataSchema, Problem> {
    DataSchema::read(&json!({ "type": "object", "properties": {} })).map_err(|problem| refused(&problem))
}

/// The most fields of a schema that is made from a prompt.
const FIELDS_MAX: usize = 20;

/// Words of prompts that name no field.
const FILLERS: &[&str] = &[
    "a",
    "all",
    "also",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "by",
    "containing",
    "create",
    "data",
    "document",
    "each",
    "every",
    "extract",
    "field",
    "fields",
    "file",
    "find",
    "for",
    "from",
    "generate",
    "get",
    "give",
    "i",
    "in",
    "include",
    "including",
    "information",
    "into",
    "is",
    "it",
    "its",
    "like",
    "list",
    "make",
    "me",
    "need",
    "of",
    "on",
    "or",
    "please",
    "pull",
    "schema",
    "should",
    "such",
    "text",
    "that",
    "the",
    "their",
    "them",
    "these",
    "this",
    "to",
    "want",
    "we",
    "which",
    "with",
    "you",
];

/// A schema for what a client says it wants: the fields of the schema it has, if it has one, and one for each thing that
/// its prompt names. Whatever language model the vendor asks, nobody can foresee; this is made of the words alone, so that
/// the same words give the same schema.
pub(super) fn generated(
    prompt: Option<&str>,
    given: Option<&Value>,
    file: Option<&str>,
) -> Result<DataSchema, Problem> {
    let mut schema = match given {
        Some(value) => read(value)?.value().clone(),
        None => json!({ "type": "object", "properties": {} }),
    };
    let names = named(prompt.unwrap_or_default());
    let usual = ["title", "date", "summary"].map(str::to_owned).to_vec();
    let is_bare = given.is_none() && names.is_empty();
    let names = if is_bare && (prompt.is_some() || file.is_some()) { usual } else { names };
    if is_bare && names.is_empty() {
        return Err(Problem::bad_request("Give at least one of prompt, file_id and data_schema"));
    }
    let Some(root) = schema.as_object_mut() else { return empty() };
    let properties = root.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        for name in names {
            let field = field(&name);
            properties.entry(name).or_insert(field);
        }
    }
    DataSchema::read(&schema).map_err(|problem| refused(&problem))
}

/// The fields that a prompt names, in its order: what stands between its commas, without the words that name none.
fn named(prompt: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for phrase in prompt.split([',', ';', ':', '.', '\n', '(', ')']).flat_map(|phrase| phrase.split(" and "))
    {
        let words = phrase
            .split(|char: char| !char.is_alphanumeric())
            .map(str::to_lowercase)
            .filter(|word| !word.is_empty() && !FILLERS.contains(&word.as_str()));
        // What is longer is a sentence and no name.
        let words: Vec<String> = words.take(4).collect();
        let name = words.join("_");
        if !name.is_empty() && words.len() < 4 && name.len() <= 60 && !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(FIELDS_MAX);
    names
}

fn field(name: &str) -> Value {
    let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
    let description = format!("The {}", shortened(&name.replace('_', " ")));
    let kind = if has(&["items", "lines", "skills", "products", "parties", "authors"]) {
        return json!({ "type": "array", "items": { "type": "string" }, "description": description });
    } else if has(&["amount", "total", "price", "cost", "tax", "subtotal", "rate"]) {
        "number"
    } else if has(&["count", "quantity", "pages", "year", "age"]) {
        "integer"
    } else {
        "string"
    };
    json!({ "type": kind, "description": description })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_names_fields_by_what_stands_between_its_commas() {
        let prompt = "Extract the invoice number, the total amount and the line items from this document.";
        assert_eq!(named(prompt), ["invoice_number", "total_amount", "line_items"]);
        assert_eq!(named("Please extract all of the data"), Vec::<String>::new());
        let schema = generated(Some(prompt), None, None).expect("it is one");
        assert_eq!(schema.value().pointer("/properties/total_amount/type"), Some(&json!("number")));
        assert_eq!(schema.value().pointer("/properties/line_items/type"), Some(&json!("array")));
    }

    #[test]
    fn without_anything_to_go_by_nothing_is_generated() {
        assert!(generated(None, None, None).is_err());
        let of_file = generated(None, None, Some("report.pdf")).expect("it is one");
        assert!(of_file.value().pointer("/properties/title").is_some());
    }
}
