//! The good server that is broken, or varied, on the way. The harness knows no server, so whoever wants a score gives it
//! one.

use std::fmt::Debug;

use bytes::Bytes;
use http::Request;
use serde::Deserialize;

use crate::run::Ways;

/// Starts servers that share nothing.
pub trait Stand: Debug + Send + Sync {
    /// A new server on a manual clock that draws from `seed`, is broken in the ways that `defects` name, and follows
    /// the scenario with this text.
    ///
    /// # Errors
    ///
    /// When it does not know a defect or cannot read the scenario; as a sentence.
    fn start(&self, seed: u64, defects: &[String], scenario: Option<&str>) -> Result<Ways, String>;
}

#[derive(Debug, Deserialize)]
struct Health {
    #[serde(default)]
    defects: Vec<Fired>,
}

/// How often a defect of a stand-in took effect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fired {
    /// The defect.
    pub name: String,
    /// How often.
    pub fired: u64,
}

/// How often each defect took effect so far, as the server's control plane says.
///
/// # Errors
///
/// When it does not say.
pub async fn fired(ways: &Ways) -> Result<Vec<Fired>, String> {
    let Some(control) = ways.control.first() else { return Err("the stand-in has no control plane".into()) };
    let request = Request::get("/_rehearsal/health").body(Bytes::new());
    let request = request.map_err(|error| error.to_string())?;
    let answer = control.send(request).await.map_err(|error| error.to_string())?;
    let health: Result<Health, _> = serde_json::from_slice(answer.body());
    health
        .map(|health| health.defects)
        .map_err(|error| format!("the stand-in's health cannot be read: {error}"))
}
