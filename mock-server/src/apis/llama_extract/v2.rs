//! Version 2: `/api/v2`, and what stands below `/api/v1/beta`.

use std::sync::LazyLock;

use crate::apis::dialect::{Call, Dialect, Handler};
use crate::apis::form::Expected;
use crate::apis::llama_extract::problem::say;
use crate::apis::llama_extract::projects::{self, Thing};
use crate::apis::llama_extract::seen::is_unlisted;
use crate::apis::llama_extract::{agents, configurations, extract, files, pages, shown};
use crate::apis::reply::Reply;
use crate::model::llama_extract::agent::{Agent, Sort};
use crate::model::llama_extract::config::Era;
use crate::model::llama_extract::file::FILE_MAX;
use crate::world::state::WorldState;

/// The paths that belong to this generation.
pub const PREFIXES: &[&str] = &["/api/v2", "/api/v1/beta"];

const ERA: Era = Era::V2;

/// Who answers which operation.
pub const HANDLERS: &[(&str, Handler)] = &[
    ("llama-extract.extract.create", Handler::Json(extract::create)),
    ("llama-extract.extract.list", Handler::Json(extract::list)),
    ("llama-extract.extract.get", Handler::Json(extract::get)),
    ("llama-extract.extract.delete", Handler::Json(extract::delete)),
    ("llama-extract.extract.cancel", Handler::OptionalJson(extract::cancel)),
    ("llama-extract.extract-schema-validation.create", Handler::Json(agents::validate)),
    ("llama-extract.extract-schema-generate.create", Handler::Json(extract::generate)),
    (
        "llama-extract.files.create",
        Handler::Form(Expected { file: "file", most: FILE_MAX }, files::beta::create),
    ),
    ("llama-extract.files.list", Handler::Json(files::beta::list)),
    ("llama-extract.files-query.create", Handler::Json(files::beta::query)),
    ("llama-extract.files.get", Handler::Json(files::beta::get)),
    ("llama-extract.files.delete", Handler::Json(files::delete)),
    ("llama-extract.files-content.get", Handler::Json(files::content)),
    ("llama-extract.configurations.create", Handler::Json(configurations::create)),
    ("llama-extract.configurations.list", Handler::Json(configurations::list)),
    ("llama-extract.configurations.get", Handler::Json(configurations::get)),
    ("llama-extract.configurations.update", Handler::Json(configurations::update)),
    ("llama-extract.configurations.delete", Handler::Json(configurations::delete)),
    ("llama-extract.extraction-agents.list", Handler::Json(list_agents)),
    ("llama-extract.projects.list", Handler::Json(|call, world| projects::page(call, world, Thing::Project))),
    (
        "llama-extract.projects.get",
        Handler::Json(|call, world| projects::get(call, world, Thing::Project, ERA)),
    ),
    (
        "llama-extract.organizations.list",
        Handler::Json(|call, world| projects::page(call, world, Thing::Organization)),
    ),
    (
        "llama-extract.organizations.get",
        Handler::Json(|call, world| projects::get(call, world, Thing::Organization, ERA)),
    ),
];

static DIALECT: LazyLock<Option<Dialect>> = LazyLock::new(|| super::dialect("v2", "/items"));

/// How this generation says what every API says. `None` only in a build without its contract.
pub fn dialect() -> Option<&'static Dialect> {
    DIALECT.as_ref()
}

/// `GET /api/v1/beta/extraction-agents`.
fn list_agents(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let with_default =
        call.query.get("include_default").and_then(serde_json::Value::as_bool).unwrap_or(false);
    let is_listed = |agent: &Agent| {
        (with_default || agent.record.sort != Sort::Default) && !is_unlisted(call, agent.record.created)
    };
    let listed: Vec<(u32, &Agent)> =
        world.llama_extract().agents().newest().filter(|(_, agent)| is_listed(agent)).collect();
    let total = listed.len();
    let page = pages::numbered(call, world, "agents", total, listed.into_iter(), pages::newest);
    say(page.map(|page| page.reply(|agent| shown::agent(world, agent, ERA))))
}
