//! The control plane's description of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::body::Body;
use http::{Request, StatusCode};
use mock_server::control;
use mock_server::scenario::kind::{Api, RunKind};
use mock_server::world::runs::states;
use serde_json::{Value, json};
use syn::visit::Visit;
use syn::{Expr, ExprCall, ExprMethodCall, Lit};

use crate::document::{self, DOCUMENT};
use crate::harness::Stand;
use crate::structure::sources;

#[tokio::test]
async fn the_document_is_served_in_both_forms() {
    let stand = Stand::new();
    let json = stand.get("/_rehearsal/openapi.json").await.ok(StatusCode::OK);
    assert_eq!(json, *DOCUMENT);
    let yaml = stand.get("/_rehearsal/openapi.yaml").await;
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml.text).unwrap(), json);
    assert_eq!(json["servers"], json!([{ "url": control::PREFIX }]));
}

#[tokio::test]
async fn the_router_serves_exactly_the_documented_operations() {
    let described: BTreeSet<&str> =
        DOCUMENT["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(control::paths().collect::<BTreeSet<_>>(), described);
    let stand = Stand::new();
    for path in described {
        let methods = document::operations().into_iter().filter(|(_, its, _)| its == path);
        let mut methods: BTreeSet<String> = methods.map(|(method, ..)| method.to_string()).collect();
        // The router answers it wherever it answers GET.
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        let request = Request::builder().method("BREW").uri(format!("{}{path}", control::PREFIX));
        let refused = stand.send(request.header("host", "localhost").body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed = refused.headers["allow"].to_str().unwrap().split(',');
        assert_eq!(
            allowed.map(|method| method.trim().to_owned()).collect::<BTreeSet<_>>(),
            methods,
            "{path}"
        );
    }
}

#[test]
fn the_document_has_the_words_for_every_run() {
    let words = |schema: &str| -> BTreeSet<&str> {
        let words = DOCUMENT["components"]["schemas"][schema]["enum"].as_array().unwrap();
        words.iter().map(|word| word.as_str().unwrap()).collect()
    };
    assert_eq!(words("Api"), Api::ALL.iter().map(|api| api.name()).collect());
    assert_eq!(words("RunKind"), RunKind::ALL.iter().map(|kind| kind.name()).collect());
    let all = RunKind::ALL.iter().flat_map(|kind| states(*kind)).copied().collect();
    assert_eq!(words("RunState"), all);
    assert!(words("EndState").is_subset(&all));
}

#[test]
fn every_object_says_all_that_it_may_hold() {
    fn look(place: &str, value: &Value, open: &mut Vec<String>) {
        if value["type"] == "object" {
            match value.get("additionalProperties") {
                None => panic!("{place} does not say what else it may hold"),
                Some(Value::Bool(true)) => open.push(place.to_owned()),
                Some(_) => {}
            }
            let declared = |name: &Value| value["properties"].get(name.as_str().unwrap()).is_some();
            assert!(
                value["required"]
                    .as_array()
                    .is_none_or(|names| names.iter().all(declared) || value["additionalProperties"] == true),
                "{place}"
            );
        }
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, member)| look(&format!("{place}/{name}"), member, open));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| look(&format!("{place}/{at}"), item, open));
            }
            _ => {}
        }
    }
    let mut open = Vec::new();
    look("", &DOCUMENT, &mut open);
    // Those that other languages describe: scenarios, and contracts.
    assert_eq!(open.len(), 5, "{open:#?}");
}

#[test]
fn every_operation_has_a_name_and_every_parameter_of_its_path() {
    let mut names = BTreeSet::new();
    for (method, path, pointer) in document::operations() {
        let operation = DOCUMENT.pointer(&pointer).unwrap();
        let name = operation["operationId"].as_str().unwrap();
        assert!(name.starts_with("control.") && names.insert(name), "{name}");
        assert!(operation["summary"].is_string() && operation["tags"].is_array(), "{name}");
        let above = pointer.rsplit_once('/').unwrap().0;
        let mut declared = BTreeSet::new();
        for place in [above, &pointer] {
            let count = DOCUMENT.pointer(place).unwrap()["parameters"].as_array().map_or(0, Vec::len);
            for at in 0..count {
                let (at, parameter) = document::resolved(&format!("{place}/parameters/{at}"));
                document::validator(&format!("{at}/schema"));
                if parameter["in"] == "path" {
                    declared.insert(format!("{{{}}}", parameter["name"].as_str().unwrap()));
                }
            }
        }
        let variable = path.split('/').filter(|part| part.starts_with('{')).map(str::to_owned);
        assert_eq!(declared, variable.collect(), "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        for status in responses.keys() {
            let (at, response) = document::resolved(&format!("{pointer}/responses/{status}"));
            assert!(response["description"].is_string(), "{name} {status}");
            for media in response["content"].as_object().into_iter().flatten().map(|(media, _)| media) {
                document::validator(&format!("{at}/content/{}/schema", media.replace('/', "~1")));
            }
        }
    }
}

/// The codes of refusals that a source makes, and the names of what it tells beside them.
#[derive(Default)]
struct Refusals {
    codes: BTreeSet<String>,
    details: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Refusals {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let segments: Vec<String> = path.path.segments.iter().map(|it| it.ident.to_string()).collect();
            if let [owner, maker] = &segments[..]
                && owner == "ControlError"
                && maker != "method"
            {
                let place = usize::from(maker == "new");
                self.codes
                    .insert(literal(&call.args[place]).unwrap_or_else(|| panic!("a code is no literal")));
            }
        }
        syn::visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "with" && call.args.len() == 2 {
            self.details.extend(literal(&call.args[0]));
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn every_refusal_that_the_sources_make_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![root.join("control.rs")];
    sources(&root.join("control"), &mut files);
    let mut refusals = Refusals::default();
    for file in files.iter().filter(|file| !file.ends_with("control/error.rs")) {
        refusals.visit_file(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap());
    }
    assert!(
        refusals.codes.len() > 25,
        "the sources are where this test looks for them: {:?}",
        refusals.codes
    );
    let documented = document::codes();
    let missing: Vec<_> = refusals.codes.difference(&documented).collect();
    assert!(missing.is_empty(), "not in the document: {missing:?}");
    let told = DOCUMENT.pointer("/components/schemas/Error/properties/error/properties").unwrap();
    let untold: Vec<_> = refusals.details.iter().filter(|name| told.get(name.as_str()).is_none()).collect();
    assert!(untold.is_empty(), "not in the document: {untold:?}");
}
