//! What is said about mistakes in what a world begins with at LlamaExtract. The texts are read by people, so read them
//! when they change.

use super::mistakes::check;
use crate::scenario::parse;

fn world(text: &str) -> String {
    format!("world: {{ llama-extract: {{ {text} }} }}\n")
}

const ID: &str = "5f0c3b1e-7d42-4a86-9c1b-2f6e8d07a314";

/// An agent and a file, and more beside them.
fn beside_both(more: &str) -> String {
    let agents = format!("agents: [{{ id: {ID}, name: invoices, data-schema: {{ type: object }} }}]");
    world(&format!("{agents}, files: [{{ name: a.pdf }}], {more}"))
}

#[test]
fn what_a_world_holds_at_llama_extract() {
    let agent = |text: &str| world(&format!("agents: [{{ {text} }}]"));
    let file = |text: &str| world(&format!("files: [{{ {text} }}]"));
    let extraction = |text: &str| beside_both(&format!("extractions: [{{ {text} }}]"));
    let schema = |text: &str| agent(&format!("name: a, data-schema: {text}"));
    let cases = [
        ("a list of jobs", world("jobs: []")),
        ("an agent without a schema", agent("name: a")),
        ("an agent without a name", agent("data-schema: { type: object }")),
        ("a schema as text", schema("'{}'")),
        ("a schema that is no object", schema("{ type: array }")),
        ("a schema with a keyword that is not known", {
            schema("{ type: object, properties: { a: { type: string, not: { const: a } } } }")
        }),
        ("a schema that nothing fits", {
            schema("{ type: object, properties: { a: { type: integer, minimum: 2, maximum: 1 } } }")
        }),
        (
            "a target in the contract's style",
            agent("name: a, data-schema: { type: object }, target: PER_PAGE"),
        ),
        ("a setting that clients have", agent("name: a, data-schema: { type: object }, cite_sources: true")),
        ("an id that is none", agent("name: a, data-schema: { type: object }, id: my-agent")),
        ("an id of one piece", file("name: a.pdf, id: 5f0c3b1e7d424a869c1b2f6e8d07a314")),
        ("a file of nobody", file("text: hello")),
        ("a time after the start", file("name: a.pdf, created: 1h")),
        ("an extraction of nothing", extraction("agent: invoices")),
        ("a state of another kind", extraction("agent: invoices, file: a.pdf, lifecycle: { building: 1s }")),
        ("data that is no object", extraction("agent: invoices, file: a.pdf, data: 7")),
    ];
    check("what_a_world_holds_at_llama_extract", &cases);
}

#[test]
fn what_cannot_be_there_together_at_llama_extract() {
    let of = |text: &str| beside_both(&format!("extractions: [{{ {text} }}]"));
    let cases = [
        ("an id twice", of(&format!("id: {ID}, agent: invoices, file: a.pdf"))),
        ("two agents of one name", {
            world(
                "agents: [{ name: a, data-schema: { type: object } }, { name: a, data-schema: { type: object } }]",
            )
        }),
        ("a misspelt agent", of("agent: invoice, file: a.pdf")),
        ("an unknown file", of("agent: invoices, file: receipt.png")),
        ("one of two files", {
            world(
                "agents: [{ name: a, data-schema: { type: object } }], files: [{ name: f }, { name: f }], \
                 extractions: [{ agent: a, file: f }]",
            )
        }),
        ("an extraction that comes too early", of("agent: invoices, file: a.pdf, created: -2h")),
    ];
    check("what_cannot_be_there_together_at_llama_extract", &cases);
}

#[test]
fn a_world_begins_with_ten_thousand_things_of_llama_extract_at_most() {
    let files = |number: usize| vec!["{ name: f }"; number].join(", ");
    let mistakes = parse("many.yaml", &world(&format!("files: [{}]", files(10_001)))).expect_err("too many");
    assert_eq!(mistakes.count(), 1);
    let both =
        format!("agents: [{{ name: a, data-schema: {{ type: object }} }}], files: [{}]", files(10_000));
    let mistakes = parse("many.yaml", &world(&both)).expect_err("it is one too many");
    insta::assert_snapshot!(mistakes.list[0].message, @"a world begins with at most 10000 agents, files and extractions, not 10001");
    assert!(parse("full.yaml", &world(&format!("files: [{}]", files(10_000)))).is_ok());
}

#[test]
fn a_mistake_in_a_file_is_not_held_against_its_extractions() {
    for text in [
        "agents: [{ name: a, data-schema: { type: object } }], files: [{ name: f, id: g }], extractions: [{ agent: a, file: f }]",
        "agents: [{ name: a, data-schema: [] }], files: [{ name: f }], extractions: [{ agent: a, file: f }]",
    ] {
        let mistakes = parse("one.yaml", &world(text)).expect_err("it has a mistake");
        assert_eq!(mistakes.count(), 1, "{mistakes}");
    }
}
