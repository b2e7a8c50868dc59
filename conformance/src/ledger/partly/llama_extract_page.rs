//! What the checks of LlamaExtract's first generation leave out.

use super::Partly;

/// In the order of the contract.
pub(super) const TABLE: &[Partly] = &[
    Partly {
        clause: "llama-extract.extractionv2.requests.unknown-fields-ignored",
        leaves_out: "that it has no effect; only that the request is let through, and few operations",
    },
    Partly {
        clause: "llama-extract.extractionv2.requests.null-is-absent",
        leaves_out: "most members that may be null",
    },
    Partly {
        clause: "llama-extract.extractionv2.requests.session-cookie",
        leaves_out: "operations other than one list",
    },
    Partly {
        clause: "llama-extract.extractionv2.requests.malformed-json",
        leaves_out: "most operations that take a body",
    },
    Partly {
        clause: "llama-extract.extractionv2.requests.project-uuid",
        leaves_out: "most operations that take a project",
    },
    Partly {
        clause: "llama-extract.extractionv2.auth.bearer-accepted",
        leaves_out: "a server that refuses a good key for all that reads, or for all that writes: the run is incomplete then",
    },
    Partly {
        clause: "llama-extract.extractionv2.auth.before-lookup",
        leaves_out: "ids in bodies, and unknown ids of things other than jobs",
    },
    Partly {
        clause: "llama-extract.extractionv2.tenancy.foreign-invisible",
        leaves_out: "changes and deletes with the key of another organization",
    },
    Partly {
        clause: "llama-extract.extractionv2.tenancy.foreign-404",
        leaves_out: "changes and deletes with the key of another organization",
    },
    Partly {
        clause: "llama-extract.extractionv2.errors.all-faults",
        leaves_out: "which faults it lists; only that of several there is more than one",
    },
    Partly { clause: "llama-extract.extractionv2.errors.unknown-id-404", leaves_out: "ids in bodies" },
    Partly {
        clause: "llama-extract.extractionv2.errors.bad-uuid-422",
        leaves_out: "most members and parameters that are ids",
    },
    Partly { clause: "llama-extract.extractionv2.errors.bad-type-422", leaves_out: "most members" },
    Partly {
        clause: "llama-extract.extractionv2.errors.bad-schema-400-elsewhere",
        leaves_out: "that nothing is made or changed, text that is no JSON, and changes of an agent",
    },
    Partly {
        clause: "llama-extract.extractionv2.errors.rate-limited-429",
        leaves_out: "anything but the list of jobs",
    },
    Partly {
        clause: "llama-extract.extractionv2.errors.unknown-path",
        leaves_out: "requests without a good key, and most addresses and methods",
    },
    Partly {
        clause: "llama-extract.extractionv2.lists.newest-first",
        leaves_out: "jobs and files, which do not all tell when they were made",
    },
    Partly {
        clause: "llama-extract.extractionv2.config.words",
        leaves_out: "parse models, and settings of jobs",
    },
    Partly { clause: "llama-extract.extractionv2.config.echo", leaves_out: "settings of jobs" },
    Partly { clause: "llama-extract.extractionv2.schemas.forms", leaves_out: "schemas of jobs" },
    Partly {
        clause: "llama-extract.extractionv2.schemas.root-object",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.extractionv2.schemas.nesting",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.extractionv2.schemas.properties",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.extractionv2.schemas.strings",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.extractionv2.schemas.size",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.extractionv2.extraction-agents.delete.gone",
        leaves_out: "the look by name",
    },
    Partly {
        clause: "llama-extract.extractionv2.extraction-agents.delete.runs-stay",
        leaves_out: "the lists of an agent that was deleted",
    },
    Partly {
        clause: "llama-extract.extractionv2.extraction-agents-by-name.get.ok",
        leaves_out: "the names of other organizations",
    },
    Partly {
        clause: "llama-extract.extractionv2.jobs.file-told",
        leaves_out: "the jobs of forms, batches and of no agent",
    },
    Partly {
        clause: "llama-extract.extractionv2.jobs.create.asynchronous",
        leaves_out: "the jobs of forms, batches and of no agent",
    },
    Partly {
        clause: "llama-extract.extractionv2.jobs.list.of-agent",
        leaves_out: "jobs of which the run was deleted",
    },
    Partly {
        clause: "llama-extract.extractionv2.jobs-batch.create.ok",
        leaves_out: "that each job is for its file",
    },
    Partly {
        clause: "llama-extract.extractionv2.jobs-result.get.same-data",
        leaves_out: "runs that were not looked at by their job",
    },
];
