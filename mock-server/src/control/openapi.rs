//! `GET /_rehearsal/openapi.json` and `.yaml`: what the control plane says of itself. The document is written by hand; the
//! tests hold every answer of the control plane against it.

use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;

use crate::control::Outcome;
use crate::control::body::{Nothing, StrictQuery};

/// As it was written, with its comments.
const YAML: &str = include_str!("openapi.yaml");
/// The same, made from it when the server was built.
const JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

pub(super) async fn json(StrictQuery(Nothing {}): StrictQuery<Nothing>) -> Outcome {
    Ok(([(CONTENT_TYPE, "application/json")], JSON).into_response())
}

pub(super) async fn yaml(StrictQuery(Nothing {}): StrictQuery<Nothing>) -> Outcome {
    Ok(([(CONTENT_TYPE, "application/yaml")], YAML).into_response())
}
