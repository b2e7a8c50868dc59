//! `GET /_rehearsal/contracts`: the documented schemas, for other tools.

use axum::Json;
use axum::response::IntoResponse;
use fixtures::contract::Contract;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::control::body::{Nothing, StrictPath, StrictQuery};
use crate::control::error::ControlError;
use crate::control::{Outcome, PREFIX};

pub(super) async fn list(StrictQuery(Nothing {}): StrictQuery<Nothing>) -> Outcome {
    let contracts: Vec<Value> = Contract::all()
        .iter()
        .map(|contract| {
            let base = format!("{PREFIX}/contracts/{}/{}", contract.api(), contract.version());
            json!({
                "api": contract.api(),
                "version": contract.version(),
                "operations": contract.operations().len(),
                "clauses": contract.clauses().len(),
                "json": format!("{base}.json"),
                "yaml": format!("{base}.yaml"),
            })
        })
        .collect();
    Ok(Json(json!({ "contracts": contracts })).into_response())
}

pub(super) async fn get(
    StrictPath((api, file)): StrictPath<(String, String)>,
    StrictQuery(Nothing {}): StrictQuery<Nothing>,
) -> Outcome {
    let found =
        file.rsplit_once('.').and_then(|(version, form)| Some((Contract::find(&api, version)?, form)));
    match found {
        Some((contract, "json")) => {
            Ok(([(CONTENT_TYPE, "application/json")], contract.json()).into_response())
        }
        Some((contract, "yaml")) => {
            Ok(([(CONTENT_TYPE, "application/yaml")], contract.yaml()).into_response())
        }
        _ => Err(ControlError::not_found(
            "unknown_contract",
            format!("there is no contract {api}/{file}; GET {PREFIX}/contracts lists them"),
        )),
    }
}
