//! What the checks of LlamaExtract's version 1 leave out.

use super::Partly;

/// In the order of the contract.
pub(super) const TABLE: &[Partly] = &[
    Partly {
        clause: "llama-extract.v1.requests.unknown-fields-ignored",
        leaves_out: "that it has no effect; only that the request is let through, and few operations",
    },
    Partly {
        clause: "llama-extract.v1.requests.null-is-absent",
        leaves_out: "most members that may be null",
    },
    Partly {
        clause: "llama-extract.v1.requests.session-cookie",
        leaves_out: "operations other than one list",
    },
    Partly {
        clause: "llama-extract.v1.requests.malformed-json",
        leaves_out: "most operations that take a body",
    },
    Partly {
        clause: "llama-extract.v1.requests.project-uuid",
        leaves_out: "most operations that take a project",
    },
    Partly {
        clause: "llama-extract.v1.auth.bearer-accepted",
        leaves_out: "a server that refuses a good key for all that reads, or for all that writes: the run is incomplete then",
    },
    Partly {
        clause: "llama-extract.v1.auth.before-lookup",
        leaves_out: "ids in bodies, and unknown ids of things other than jobs",
    },
    Partly {
        clause: "llama-extract.v1.tenancy.foreign-invisible",
        leaves_out: "changes and deletes with the key of another organization",
    },
    Partly {
        clause: "llama-extract.v1.tenancy.foreign-404",
        leaves_out: "changes and deletes with the key of another organization",
    },
    Partly {
        clause: "llama-extract.v1.errors.all-faults",
        leaves_out: "which faults it lists; only that of several there is more than one",
    },
    Partly { clause: "llama-extract.v1.errors.unknown-id-404", leaves_out: "ids in bodies" },
    Partly {
        clause: "llama-extract.v1.errors.bad-uuid-422",
        leaves_out: "most members and parameters that are ids",
    },
    Partly { clause: "llama-extract.v1.errors.bad-type-422", leaves_out: "most members" },
    Partly {
        clause: "llama-extract.v1.errors.bad-word-422",
        leaves_out: "most members that are words of a list",
    },
    Partly {
        clause: "llama-extract.v1.errors.bad-schema-400-elsewhere",
        leaves_out: "that nothing is made or changed, text that is no JSON, and changes of an agent",
    },
    Partly {
        clause: "llama-extract.v1.errors.rate-limited-429",
        leaves_out: "anything but the list of jobs",
    },
    Partly {
        clause: "llama-extract.v1.errors.unknown-path",
        leaves_out: "requests without a good key, and most addresses and methods",
    },
    Partly {
        clause: "llama-extract.v1.lists.newest-first",
        leaves_out: "jobs and files, which do not all tell when they were made",
    },
    Partly { clause: "llama-extract.v1.config.words", leaves_out: "parse models, and settings of jobs" },
    Partly { clause: "llama-extract.v1.config.echo", leaves_out: "settings of jobs" },
    Partly { clause: "llama-extract.v1.schemas.forms", leaves_out: "schemas of jobs" },
    Partly {
        clause: "llama-extract.v1.schemas.root-object",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v1.schemas.nesting",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v1.schemas.properties",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v1.schemas.strings",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v1.schemas.size",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly { clause: "llama-extract.v1.extraction-agents.delete.gone", leaves_out: "the look by name" },
    Partly {
        clause: "llama-extract.v1.extraction-agents.delete.runs-stay",
        leaves_out: "the lists of an agent that was deleted",
    },
    Partly {
        clause: "llama-extract.v1.extraction-agents-by-name.get.ok",
        leaves_out: "the names of other organizations",
    },
    Partly {
        clause: "llama-extract.v1.jobs.file-told",
        leaves_out: "the jobs of forms, batches and of no agent",
    },
    Partly {
        clause: "llama-extract.v1.jobs.create.asynchronous",
        leaves_out: "the jobs of forms, batches and of no agent",
    },
    Partly { clause: "llama-extract.v1.jobs.list.of-agent", leaves_out: "jobs of which the run was deleted" },
    Partly { clause: "llama-extract.v1.jobs-batch.create.ok", leaves_out: "that each job is for its file" },
    Partly { clause: "llama-extract.v1.jobs-file.create.overrides", leaves_out: "settings" },
    Partly {
        clause: "llama-extract.v1.jobs-result.get.same-data",
        leaves_out: "runs that were not looked at by their job",
    },
    Partly {
        clause: "llama-extract.v1.runs.metadata-mirrors",
        leaves_out: "values of which nothing is told",
    },
    Partly {
        clause: "llama-extract.v1.runs-latest-from-ui.get.latest",
        leaves_out: "jobs of batches and forms",
    },
    Partly {
        clause: "llama-extract.v1.runs.list.status",
        leaves_out: "that every run in that state is listed",
    },
    Partly {
        clause: "llama-extract.v1.files-content.get.same-bytes",
        leaves_out: "addresses of another server, which the checks do not follow",
    },
    Partly {
        clause: "llama-extract.v1.files-content.get.expiry",
        leaves_out: "that it ends; only how far two of them are apart",
    },
    Partly {
        clause: "llama-extract.v1.files-presigned.create.upload",
        leaves_out: "addresses of another server, which the checks do not follow",
    },
    Partly {
        clause: "llama-extract.v1.files-presigned.create.expiry",
        leaves_out: "that it ends; only how far two of them are apart",
    },
    Partly {
        clause: "llama-extract.v1.files-from-url.create.ok",
        leaves_out: "addresses other than one of the server itself",
    },
    Partly {
        clause: "llama-extract.v1.organizations.list.own",
        leaves_out: "the organizations of projects that are not listed",
    },
];
