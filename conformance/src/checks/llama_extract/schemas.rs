//! Schemas: which can be used, and what is said of one that cannot.

use fixtures::samples::llama_extract::{
    DataSchema, PROPERTIES_MAX, ProblemKind, RAW_CHARS_MAX, STRING_CHARS_MAX,
};
use serde_json::Value;

use super::look::{at, declined, expect, hold, is_usable, name, schema_of};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Write,
        "llama.schema-judged",
        "A schema that can be used passes the validation",
        "a usable schema that is validated",
        [
            (first, "extraction-agents-schema-validation.create.ok", |case, tally| {
                case.accepts(tally, "extraction-agents-schema-validation.create", 200);
            }),
            (v1, "schemas.text-is-object", |case, tally| {
                let told = |seen: &&Seen| at(seen.request(), "/data_schema").is_string();
                for seen in agents(case).filter(told) {
                    let shown = seen.at("/data_schema");
                    hold(tally, seen, shown.is_object(), "text", "an object", &shown.to_string());
                }
            }),
            (v2, "extract-schema-validation.create.ok", |case, tally| {
                case.accepts(tally, "extract-schema-validation.create", 200);
            }),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.schema-refused",
        "A schema that cannot be used does not pass the validation",
        "a schema of the right JSON type that is none",
        [(first, "errors.bad-schema-400", |case, tally| {
            expect(tally, judged(case).filter(|seen| is_bad(seen)), "not-400", &[400]);
        }),]
    ),
    check!(
        Must,
        Write,
        "llama.schema-limits",
        "A schema is an object at its root, and no larger than documented",
        "schemas beyond each limit, which are refused, and one within all of them, which is not",
        [
            (all, "schemas.root-object", |case, tally| beyond(case, tally, |schema| {
                schema.get("type").is_some_and(|kind| kind != "object")
            })),
            (last, "schemas.nesting", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Levels))),
            (last, "schemas.properties", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Properties))),
            (last, "schemas.strings", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Strings))),
            (last, "schemas.size", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Size))),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.schema-later-limits",
        "A schema is no larger than later documents have it",
        "schemas beyond each limit",
        [
            (page, "schemas.nesting", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Levels))),
            (page, "schemas.properties", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Properties))),
            (page, "schemas.strings", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Strings))),
            (page, "schemas.size", |case, tally| beyond(case, tally, |schema| limit(schema)
                == Some(Limit::Size))),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.schema-400",
        "A schema that cannot be used is answered with 400 wherever it is sent",
        "a request of each kind with a schema that cannot be used",
        [
            (first, "errors.bad-schema-400-elsewhere", |case, tally| {
                let elsewhere = case.all_asked().filter(|seen| !name(seen).contains("schema-"));
                let bad = |seen: &&Seen| {
                    let said = ["/data_schema", "/data_schema_override"].map(|at| seen.request().pointer(at));
                    seen.asked_wrong().is_empty()
                        && said.into_iter().flatten().any(|schema| !schema.is_null() && !is_usable(schema))
                };
                expect(tally, elsewhere.filter(bad), "not-400", &[400]);
            }),
            (v1, "run.create.empty-schema-400", |case, tally| {
                let empty = |seen: &&Seen| {
                    at(seen.request(), "/data_schema").as_object().is_some_and(|it| it.is_empty())
                };
                expect(tally, case.asked("run.create").filter(empty), "not-400", &[400]);
            }),
            (v2, "errors.bad-schema-400", |case, tally| {
                expect(tally, judged(case).filter(|seen| is_bad(seen)), "not-400", &[400]);
            }),
            (v2, "schemas.limits-400", |case, tally| {
                let over = |seen: &&Seen| limit(at(seen.request(), "/data_schema")).is_some();
                expect(tally, judged(case).filter(over), "not-400", &[400]);
            }),
            (v2, "extract.create.bad-schema-400", |case, tally| {
                let bad = |seen: &&Seen| {
                    seen.asked_wrong().is_empty() && is_bad_at(seen, "/configuration/data_schema")
                };
                expect(tally, case.asked("extract.create").filter(bad), "not-400", &[400]);
            }),
            (v2, "configurations.create.bad-schema-400", |case, tally| {
                let bad = |seen: &&Seen| {
                    seen.asked_wrong().is_empty() && is_bad_at(seen, "/parameters/data_schema")
                };
                expect(tally, case.asked("configurations.create").filter(bad), "not-400", &[400]);
            }),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.schema-generated",
        "A schema is made of a prompt, a file or another schema",
        "a prompt that a schema is made of",
        [
            (v1, "extraction-agents-schema-generate.create.ok", |case, tally| {
                case.accepts_if(tally, "extraction-agents-schema-generate.create", 200, has_something);
            }),
            (v2, "extract-schema-generate.create.ok", |case, tally| {
                case.accepts_if(tally, "extract-schema-generate.create", 200, has_something);
            }),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.schema-usable",
        "What is made of a prompt can be used",
        "a schema that was made and is used",
        [
            (v1, "extraction-agents-schema-generate.create.usable", |case, tally| {
                for made in case.good("extraction-agents-schema-generate.create") {
                    let schema = made.at("/data_schema");
                    let used = judged(case).filter(|seen| seen.id() > made.id());
                    for seen in used.filter(|seen| seen.request().get("data_schema") == Some(schema)) {
                        hold(tally, seen, seen.is_success(), "refused", "a success", &seen.status_text());
                    }
                }
            }),
            (v2, "extract-schema-generate.create.usable", |case, tally| {
                for made in case.good("extract-schema-generate.create") {
                    let used = case.asked("configurations.create").filter(|seen| seen.id() > made.id());
                    for seen in used.filter(|seen| seen.request() == made.body()) {
                        hold(tally, seen, seen.is_success(), "refused", "a success", &seen.status_text());
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.schema-name",
        "What is made of a prompt has the name that was given, or one all the same",
        "a request with a name, and one without",
        [(v2, "extract-schema-generate.create.name", |case, tally| {
            for seen in case.good("extract-schema-generate.create") {
                let (asked, shown) = (seen.request().get("name").and_then(Value::as_str), seen.text("/name"));
                let right = shown.is_some_and(|shown| asked.is_none_or(|asked| asked == shown));
                hold(tally, seen, right, "other-name", asked.unwrap_or("some name"), shown.unwrap_or("none"));
            }
        }),]
    ),
];

/// A documented limit.
#[derive(Debug, PartialEq, Eq)]
enum Limit {
    Levels,
    Properties,
    Strings,
    Size,
}

/// The validations, in either version.
fn judged<'h>(case: &'h Case<'h>) -> impl Iterator<Item = &'h Seen> {
    case.asked("extraction-agents-schema-validation.create")
        .chain(case.asked("extract-schema-validation.create"))
}

/// Agents that were made or changed, and schemas that were judged.
fn agents<'h>(case: &'h Case<'h>) -> impl Iterator<Item = &'h Seen> {
    let all = [
        "extraction-agents.create",
        "extraction-agents.update",
        "extraction-agents-schema-validation.create",
    ];
    all.into_iter().flat_map(|operation| case.good(operation))
}

fn is_bad(seen: &Seen) -> bool {
    seen.asked_wrong().is_empty() && is_bad_at(seen, "/data_schema")
}

/// Whether there is an object that is no schema of an object.
fn is_bad_at(seen: &Seen, pointer: &str) -> bool {
    let schema = at(seen.request(), pointer);
    let kind = DataSchema::read(schema).err().map(|problem| problem.kind);
    // Not that it asks for what we do not do: that is our limit.
    schema.is_object() && kind.is_some_and(|kind| kind != ProblemKind::OutsideOurList)
}

/// Expects schemas of which something holds to be refused, provided that others are not.
fn beyond(case: &Case<'_>, tally: &mut Tally, counts: impl Fn(&Value) -> bool) {
    let over = |seen: &&Seen| {
        let schema = at(seen.request(), "/data_schema");
        schema_of(schema).is_some_and(|schema| schema.is_object() && counts(&schema))
    };
    for seen in judged(case).filter(over) {
        declined(tally, seen);
    }
    if judged(case).all(|seen| !seen.is_success()) {
        tally.block("no schema was ever accepted, so refusing proves nothing");
    }
}

/// Which documented limit a schema is beyond.
fn limit(schema: &Value) -> Option<Limit> {
    let problem = DataSchema::read(schema).err()?;
    if problem.kind != ProblemKind::BeyondLimit {
        return None;
    }
    let (mut properties, mut chars) = (0, 0);
    measure(schema, 0, &mut properties, &mut chars);
    Some(if properties > PROPERTIES_MAX {
        Limit::Properties
    } else if chars > STRING_CHARS_MAX {
        Limit::Strings
    } else if schema.to_string().chars().count() > RAW_CHARS_MAX {
        Limit::Size
    } else {
        Limit::Levels
    })
}

/// Counts properties and the characters of strings. What nests deeper than a schema may is not looked into.
fn measure(value: &Value, depth: u32, properties: &mut usize, chars: &mut usize) {
    if depth > 64 {
        return;
    }
    match value {
        Value::String(text) => *chars += text.chars().count(),
        Value::Array(items) => items.iter().for_each(|item| measure(item, depth + 1, properties, chars)),
        Value::Object(members) => {
            let known = members.get("properties").and_then(Value::as_object);
            *properties += known.map_or(0, |known| known.len());
            members.values().for_each(|member| measure(member, depth + 1, properties, chars));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether there is something to make a schema of.
fn has_something(seen: &Seen) -> bool {
    ["prompt", "file_id", "data_schema"]
        .iter()
        .any(|it| seen.request().get(*it).is_some_and(|it| !it.is_null()))
}
