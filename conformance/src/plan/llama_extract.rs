//! The plan for LlamaExtract, all three generations: a few agents or configurations, a few short files, and a handful of
//! jobs, each read until it is over. What no document speaks of is asked of a Rehearsal only.

mod agents;
mod everywhere;
mod extractions;
mod files;
mod forms;
mod jobs;
mod limits;
mod lists;
mod saved;
mod schemas;
mod webhooks;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::Driver;
use crate::client::{Ask, Client, Credential, Stop};
use crate::history::seen::Seen;
use crate::profile::{Family, Profile};

/// Brings every occasion about.
///
/// # Errors
///
/// When the target stops answering, or the control plane fails.
pub(super) async fn drive(driver: &mut Driver<'_>, profile: &'static Profile) -> Result<(), Stop> {
    let mark = driver.session.mark().to_owned();
    let mut tour = Tour { driver, profile, mark };
    schemas::drive(&mut tour).await?;
    if profile.version == "v2" {
        let uploads = files::uploads(&mut tour).await?;
        saved::drive(&mut tour, &uploads).await?;
        extractions::drive(&mut tour, &uploads).await?;
        lists::drive(&mut tour, &uploads).await?;
    } else {
        let files = files::files(&mut tour).await?;
        let agents = agents::drive(&mut tour).await?;
        if let (Some(agents), [first, second, ..]) = (agents, files.as_slice()) {
            jobs::drive(&mut tour, &agents, (first, second)).await?;
            agents::leave(&mut tour, &agents).await?;
        }
        if profile.version == "v1" {
            files::presigned(&mut tour).await?;
            files::leave(&mut tour, &files).await?;
        }
    }
    everywhere::drive(&mut tour).await?;
    limits::drive(&mut tour).await
}

/// A drive through one generation.
struct Tour<'t, 'a> {
    driver: &'t mut Driver<'a>,
    profile: &'static Profile,
    /// What tells the names of this run from those of others.
    mark: String,
}

/// Where the clock can be moved, nothing is waited for longer than this, in virtual time.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The name of an operation with its API.
fn full(operation: &str) -> String {
    format!("llama-extract.{operation}")
}

/// A schema of what an invoice says.
fn invoice() -> Value {
    json!({
        "type": "object",
        "required": ["number", "total"],
        "properties": {
            "number": {"type": "string", "description": "The number of the invoice"},
            "total": {"type": "number", "minimum": 0},
            "paid": {"type": "boolean"},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"item": {"type": "string"}, "amount": {"type": "number"}},
                },
            },
        },
    })
}

/// Another schema, of which nothing is required.
fn letter() -> Value {
    json!({
        "type": "object",
        "properties": {"sender": {"type": "string"}, "sent": {"type": "string", "format": "date"}},
    })
}

impl Tour<'_, '_> {
    /// Asks an operation with the first key; `id` stands wherever its path has a parameter.
    async fn ask(
        &mut self,
        operation: &str,
        id: &str,
        query: &str,
        body: Option<&Value>,
    ) -> Result<&Seen, Stop> {
        self.ask_as(Credential::A, operation, id, query, body).await
    }

    /// The same with another key.
    async fn ask_as(
        &mut self,
        who: Credential,
        operation: &str,
        id: &str,
        query: &str,
        body: Option<&Value>,
    ) -> Result<&Seen, Stop> {
        let body = body.map(Value::to_string);
        self.driver.client.ask_about(&full(operation), id, query, who, body.as_deref()).await
    }

    /// Looks at something, or lists.
    async fn get(&mut self, operation: &str, id: &str, query: &str) -> Result<&Seen, Stop> {
        self.ask(operation, id, query, None).await
    }

    /// Sends a body.
    async fn send(&mut self, operation: &str, body: &Value) -> Result<&Seen, Stop> {
        self.ask(operation, "", "", Some(body)).await
    }

    /// Sends a body, and answers the id of what it made.
    async fn make(&mut self, operation: &str, body: &Value) -> Result<Option<String>, Stop> {
        let id = Client::created(self.send(operation, body).await?);
        self.driver.session.tick().await?;
        Ok(id)
    }

    /// Sends a body with each of these members left out in turn.
    async fn without(
        &mut self,
        operation: &str,
        id: &str,
        body: &Value,
        members: &[&str],
    ) -> Result<(), Stop> {
        for member in members {
            let mut less = body.clone();
            if let Some(all) = less.as_object_mut() {
                all.remove(*member);
            }
            self.ask(operation, id, "", Some(&less)).await?;
        }
        Ok(())
    }

    /// A request with the first key that the contract of this generation does not have.
    async fn elsewhere(
        &mut self,
        method: &Method,
        target: &str,
        body: Option<(&str, &str)>,
    ) -> Result<&Seen, Stop> {
        let ask = self.driver.client.undocumented(method, target, Credential::A, body);
        self.driver.client.send(ask).await
    }

    /// Whether nothing costs anybody anything, and nothing that is made has to be deleted.
    fn is_at_home(&self) -> bool {
        self.driver.is_at_home()
    }

    /// Whether the server is a Rehearsal: what no document speaks of is asked of no other.
    fn is_ours(&self) -> bool {
        self.driver.session.is_ours()
    }

    fn is_v1(&self) -> bool {
        self.profile.version == "v1"
    }

    /// Whether the second key may be used to make things.
    fn owns_other(&self) -> bool {
        let other = self.driver.client.keys().b.as_ref();
        other.is_some_and(|key| self.driver.session.owns(key))
    }

    fn family(&self, operation: &str) -> Option<&'static Family> {
        let operation = full(operation);
        self.profile.families.iter().find(|family| family.create == operation)
    }

    /// Asks for a run and keeps track of it; its id if it was accepted.
    async fn begin(&mut self, operation: &str, query: &str, body: &Value) -> Result<Option<String>, Stop> {
        let Some(family) = self.family(operation) else { return Ok(None) };
        let text = body.to_string();
        let ask = self.driver.client.request(family.create, &[], query, Credential::A, Some(&text))?;
        self.begun(family, ask).await
    }

    /// The same with a request that is made already.
    async fn begun(&mut self, family: &'static Family, ask: Ask) -> Result<Option<String>, Stop> {
        let id = Client::created(self.driver.send_with_care(family, Credential::A, ask).await?);
        if let Some(id) = &id {
            self.driver.track(family, Credential::A, id);
        }
        self.driver.session.tick().await?;
        Ok(id)
    }

    /// Reads whatever is under way until all of it is over; `beside` is looked at with each of them.
    async fn settle(&mut self, beside: &[&str]) -> Result<(), Stop> {
        self.driver.client.progress().phase("reading runs until they are over");
        let mut passed = Duration::ZERO;
        for pass in 0_u32.. {
            for at in 0..self.driver.tracked.len() {
                if self.driver.tracked[at].over {
                    continue;
                }
                let id = self.driver.tracked[at].id.clone();
                self.driver.reread(at).await?;
                for operation in beside.iter().filter(|_| pass < LOOKS_BESIDE) {
                    self.get(operation, &id, "").await?;
                }
            }
            let impatient = self.driver.moves_clock() && passed > PATIENCE;
            if impatient || self.driver.tracked.iter().all(|run| run.over) {
                break;
            }
            let step = match pass {
                0..=9 => Duration::from_secs(2),
                10..=20 => Duration::from_secs(10),
                _ => Duration::from_secs(60),
            };
            self.driver.session.pass(step).await?;
            passed += step;
        }
        Ok(())
    }

    /// What was answered last, as it came: a presigned address is not recorded as it is.
    fn told(&self, pointer: &str) -> Option<String> {
        let body: Value = serde_json::from_slice(self.driver.client.raw()).ok()?;
        body.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
    }

    /// Asks for an address without a key, if it is one of this server's.
    async fn fetch(&mut self, url: &str, bytes: Option<&str>) -> Result<(), Stop> {
        let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        let Some(path) = path.filter(|path| path.starts_with("/_presigned/")) else { return Ok(()) };
        let (method, body) = match bytes {
            Some(bytes) => (Method::PUT, Some(("application/octet-stream", bytes))),
            None => (Method::GET, None),
        };
        let ask = self.driver.client.undocumented(&method, path, Credential::None, body);
        self.driver.client.send(ask).await.map(|_| ())
    }
}

/// So many passes over what is under way look at more than its state.
const LOOKS_BESIDE: u32 = 6;
