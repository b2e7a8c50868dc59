//! The page's era: `/api/v1/extractionv2`, as the page "List Extract Runs" and the clients of those weeks have it.

use std::sync::LazyLock;

use crate::apis::dialect::{Dialect, Handler};
use crate::apis::llama_extract::{agents, jobs, runs};
use crate::model::llama_extract::config::Era;

/// The paths that belong to this generation.
pub const PREFIXES: &[&str] = &["/api/v1/extractionv2"];

const ERA: Era = Era::Page;

/// Who answers which operation.
pub const HANDLERS: &[(&str, Handler)] = &[
    ("llama-extract.extraction-agents.create", Handler::Json(|call, world| agents::create(call, world, ERA))),
    ("llama-extract.extraction-agents.list", Handler::Json(|call, world| agents::list(call, world, ERA))),
    ("llama-extract.extraction-agents.get", Handler::Json(|call, world| agents::get(call, world, ERA))),
    ("llama-extract.extraction-agents.update", Handler::Json(|call, world| agents::update(call, world, ERA))),
    ("llama-extract.extraction-agents.delete", Handler::Json(agents::delete)),
    (
        "llama-extract.extraction-agents-by-name.get",
        Handler::Json(|call, world| agents::by_name(call, world, ERA)),
    ),
    ("llama-extract.extraction-agents-schema-validation.create", Handler::Json(agents::validate)),
    ("llama-extract.jobs.list", Handler::Json(|call, world| jobs::list(call, world, ERA))),
    ("llama-extract.jobs.create", Handler::Json(|call, world| jobs::create(call, world, ERA))),
    ("llama-extract.jobs.get", Handler::Json(|call, world| jobs::get(call, world, ERA))),
    ("llama-extract.jobs-result.get", Handler::Json(|call, world| jobs::result(call, world, ERA))),
    ("llama-extract.jobs-batch.create", Handler::Json(|call, world| jobs::create_batch(call, world, ERA))),
    ("llama-extract.jobs-test.create", Handler::NotStoodIn),
    ("llama-extract.jobs-parsed.create", Handler::NotStoodIn),
    ("llama-extract.jobs-parsed-test.create", Handler::NotStoodIn),
    ("llama-extract.runs.list", Handler::Json(runs::list_bare)),
    ("llama-extract.runs.get", Handler::Json(|call, world| runs::get(call, world, ERA))),
    ("llama-extract.runs.delete", Handler::Json(runs::delete)),
    ("llama-extract.runs-by-job.get", Handler::Json(|call, world| runs::by_job(call, world, ERA))),
];

static DIALECT: LazyLock<Option<Dialect>> = LazyLock::new(|| super::dialect("extractionv2", ""));

/// How this generation says what every API says. `None` only in a build without its contract.
pub fn dialect() -> Option<&'static Dialect> {
    DIALECT.as_ref()
}
