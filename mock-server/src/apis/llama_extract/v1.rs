//! Version 1: `/api/v1/extraction`, files, projects and organizations, and the addresses that files are sent to and read
//! from.

use std::sync::LazyLock;

use crate::apis::dialect::{Dialect, Handler};
use crate::apis::form::Expected;
use crate::apis::llama_extract::projects::{self, Thing};
use crate::apis::llama_extract::{addresses, agents, files, jobs, runs};
use crate::apis::upload::Inline;
use crate::model::llama_extract::config::Era;
use crate::model::llama_extract::file::FILE_MAX;

/// The paths that belong to this generation, and those below `/api` that belong to none.
pub const PREFIXES: &[&str] = &["/api", "/_presigned"];

const ERA: Era = Era::V1;

/// A file in a JSON body, which may be larger than other bodies.
const INLINE: Inline = Inline { most: 16 * 1024 * 1024, base64: "/file/data", text: "/text" };

static UPLOAD: Handler = Handler::Blob(FILE_MAX, addresses::upload);
static DOWNLOAD: Handler = Handler::Json(addresses::download);

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
    (
        "llama-extract.extraction-agents-default.get",
        Handler::Json(|call, world| agents::default(call, world, ERA)),
    ),
    ("llama-extract.extraction-agents-schema-validation.create", Handler::Json(agents::validate)),
    ("llama-extract.extraction-agents-schema-generate.create", Handler::Json(agents::generate)),
    ("llama-extract.jobs.list", Handler::Json(|call, world| jobs::list(call, world, ERA))),
    ("llama-extract.jobs.create", Handler::Json(|call, world| jobs::create(call, world, ERA))),
    ("llama-extract.jobs.get", Handler::Json(|call, world| jobs::get(call, world, ERA))),
    ("llama-extract.jobs-result.get", Handler::Json(|call, world| jobs::result(call, world, ERA))),
    ("llama-extract.jobs-batch.create", Handler::Json(|call, world| jobs::create_batch(call, world, ERA))),
    (
        "llama-extract.jobs-file.create",
        Handler::Form(Expected { file: "file", most: FILE_MAX }, jobs::create_with_file),
    ),
    ("llama-extract.jobs-test.create", Handler::NotStoodIn),
    ("llama-extract.runs.list", Handler::Json(runs::list)),
    ("llama-extract.runs.get", Handler::Json(|call, world| runs::get(call, world, ERA))),
    ("llama-extract.runs.delete", Handler::Json(runs::delete)),
    ("llama-extract.runs-by-job.get", Handler::Json(|call, world| runs::by_job(call, world, ERA))),
    ("llama-extract.runs-latest-from-ui.get", Handler::Json(runs::latest_from_ui)),
    ("llama-extract.run.create", Handler::Inline(INLINE, jobs::create_stateless)),
    (
        "llama-extract.files.create",
        Handler::Form(Expected { file: "upload_file", most: FILE_MAX }, files::create),
    ),
    ("llama-extract.files.list", Handler::Json(files::list)),
    ("llama-extract.files.get", Handler::Json(files::get)),
    ("llama-extract.files.delete", Handler::Json(files::delete)),
    ("llama-extract.files-presigned.create", Handler::Json(files::announce)),
    ("llama-extract.files-from-url.create", Handler::Fetch(files::source, files::create_from_url)),
    ("llama-extract.files-content.get", Handler::Json(files::content)),
    ("llama-extract.projects.list", Handler::Json(|call, world| projects::list(call, world, Thing::Project))),
    (
        "llama-extract.projects.get",
        Handler::Json(|call, world| projects::get(call, world, Thing::Project, ERA)),
    ),
    (
        "llama-extract.organizations.list",
        Handler::Json(|call, world| projects::list(call, world, Thing::Organization)),
    ),
    (
        "llama-extract.organizations.get",
        Handler::Json(|call, world| projects::get(call, world, Thing::Organization, ERA)),
    ),
    ("llama-extract.presigned.upload", Handler::Presigned(&UPLOAD)),
    ("llama-extract.presigned.download", Handler::Presigned(&DOWNLOAD)),
];

static DIALECT: LazyLock<Option<Dialect>> = LazyLock::new(|| super::dialect("v1", "/items"));

/// How this generation says what every API says. `None` only in a build without its contract.
pub fn dialect() -> Option<&'static Dialect> {
    DIALECT.as_ref()
}
