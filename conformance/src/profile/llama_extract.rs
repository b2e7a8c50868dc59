//! LlamaExtract in its three generations: the page's era, version 1 and version 2. A job of the first two is one of the
//! third by another name.

use super::{Family, Layout, Profile, Standing};

/// The page's era, `/api/v1/extractionv2`.
pub const PAGE: Profile = Profile {
    api: "llama-extract",
    version: "extractionv2",
    families: &PAGE_FAMILIES,
    standing: &[AGENT],
    borrowed: &["/api/v1/files"],
    layout: BARE,
    has_credits: false,
};

/// Version 1, `/api/v1`.
pub const V1: Profile = Profile {
    api: "llama-extract",
    version: "v1",
    families: &V1_FAMILIES,
    standing: &[AGENT, FILE, ANNOUNCED, FETCHED],
    borrowed: &[],
    layout: Layout { id: &["/id", "/file_id"], ..BARE },
    has_credits: false,
};

/// Version 2, `/api/v2/extract` and what goes with it.
pub const V2: Profile = Profile {
    api: "llama-extract",
    version: "v2",
    families: &V2_FAMILIES,
    standing: &[FILE, CONFIGURATION],
    borrowed: &["/api/v1/extraction/extraction-agents"],
    layout: Layout { items: "/items", whole: "page_size=1000", ..BARE },
    has_credits: false,
};

/// The first two list things without anything around them.
const BARE: Layout = Layout { run: "job_id", id: &["/id"], items: "", bearer_only: true, whole: "" };

const AGENT: Standing = Standing {
    name: "agent",
    create: "llama-extract.extraction-agents.create",
    delete: "llama-extract.extraction-agents.delete",
};

const FILE: Standing =
    Standing { name: "file", create: "llama-extract.files.create", delete: "llama-extract.files.delete" };

const ANNOUNCED: Standing = Standing { create: "llama-extract.files-presigned.create", ..FILE };

const FETCHED: Standing = Standing { create: "llama-extract.files-from-url.create", ..FILE };

const CONFIGURATION: Standing = Standing {
    name: "configuration",
    create: "llama-extract.configurations.create",
    delete: "llama-extract.configurations.delete",
};

/// The kinds of run of the page's era. A static, so that references to its entries can be compared and kept.
static PAGE_FAMILIES: [Family; 1] = [JOB];

/// The kinds of run of version 1. It is one kind, which is asked for in three ways; one job is the same in all of them.
static V1_FAMILIES: [Family; 3] = [JOB, FORM, STATELESS];

/// The kinds of run of version 2.
static V2_FAMILIES: [Family; 1] = [EXTRACTION];

const JOB: Family = Family {
    name: "job",
    create: "llama-extract.jobs.create",
    get: "llama-extract.jobs.get",
    list: "llama-extract.jobs.list",
    ends: &["SUCCESS", "PARTIAL_SUCCESS", "ERROR", "CANCELLED"],
    unknown_id: NOBODY,
    ..Family::PLAIN
};

const FORM: Family = Family { create: "llama-extract.jobs-file.create", list: "", ..JOB };

const STATELESS: Family = Family { create: "llama-extract.run.create", list: "", ..JOB };

const EXTRACTION: Family = Family {
    create: "llama-extract.extract.create",
    get: "llama-extract.extract.get",
    list: "llama-extract.extract.list",
    cancel: "llama-extract.extract.cancel",
    ends: &["COMPLETED", "FAILED", "CANCELLED"],
    unknown_id: "ext-0badc0de-0bad-4bad-8bad-0badc0de0bad",
    ..JOB
};

/// An id that nobody was given.
pub const NOBODY: &str = "0badc0de-0bad-4bad-8bad-0badc0de0bad";
