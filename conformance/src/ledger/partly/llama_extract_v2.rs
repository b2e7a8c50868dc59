//! What the checks of LlamaExtract's version 2 leave out.

use super::Partly;

/// In the order of the contract.
pub(super) const TABLE: &[Partly] = &[
    Partly {
        clause: "llama-extract.v2.requests.unknown-fields-ignored",
        leaves_out: "that it has no effect; only that the request is let through, and few operations",
    },
    Partly {
        clause: "llama-extract.v2.requests.null-is-absent",
        leaves_out: "most members that may be null",
    },
    Partly {
        clause: "llama-extract.v2.requests.session-cookie",
        leaves_out: "operations other than one list",
    },
    Partly {
        clause: "llama-extract.v2.requests.malformed-json",
        leaves_out: "most operations that take a body",
    },
    Partly {
        clause: "llama-extract.v2.requests.project-filter",
        leaves_out: "projects other than the key's own",
    },
    Partly {
        clause: "llama-extract.v2.requests.project-uuid",
        leaves_out: "most operations that take a project",
    },
    Partly {
        clause: "llama-extract.v2.auth.bearer-accepted",
        leaves_out: "a server that refuses a good key for all that reads, or for all that writes: the run is incomplete then",
    },
    Partly {
        clause: "llama-extract.v2.auth.before-lookup",
        leaves_out: "ids in bodies, and unknown ids of things other than jobs",
    },
    Partly {
        clause: "llama-extract.v2.tenancy.foreign-invisible",
        leaves_out: "changes and deletes with the key of another organization",
    },
    Partly {
        clause: "llama-extract.v2.tenancy.foreign-404",
        leaves_out: "changes and deletes with the key of another organization",
    },
    Partly {
        clause: "llama-extract.v2.errors.all-faults",
        leaves_out: "which faults it lists; only that of several there is more than one",
    },
    Partly { clause: "llama-extract.v2.errors.unknown-id-404", leaves_out: "ids in bodies" },
    Partly {
        clause: "llama-extract.v2.errors.bad-uuid-422",
        leaves_out: "most members and parameters that are ids",
    },
    Partly { clause: "llama-extract.v2.errors.bad-type-422", leaves_out: "most members" },
    Partly {
        clause: "llama-extract.v2.errors.bad-word-422",
        leaves_out: "most members that are words of a list",
    },
    Partly {
        clause: "llama-extract.v2.errors.rate-limited-429",
        leaves_out: "anything but the list of jobs",
    },
    Partly {
        clause: "llama-extract.v2.errors.unknown-path",
        leaves_out: "requests without a good key, and most addresses and methods",
    },
    Partly {
        clause: "llama-extract.v2.lists.partition",
        leaves_out: "projects and organizations, of which there is one",
    },
    Partly {
        clause: "llama-extract.v2.lists.token-bound",
        leaves_out: "tokens of lists other than that of uploads",
    },
    Partly { clause: "llama-extract.v2.lists.filters-and", leaves_out: "lists of jobs and configurations" },
    Partly {
        clause: "llama-extract.v2.extract.metadata-mirrors",
        leaves_out: "values of which nothing is told",
    },
    Partly {
        clause: "llama-extract.v2.extract.create.configuration-id",
        leaves_out: "settings other than schema, tier and target",
    },
    Partly { clause: "llama-extract.v2.configuration.target-pages", leaves_out: "ranges and several pages" },
    Partly {
        clause: "llama-extract.v2.extract.list.status",
        leaves_out: "that every job in that state is listed",
    },
    Partly {
        clause: "llama-extract.v2.extract.list.configuration-id",
        leaves_out: "that every job that named it is listed",
    },
    Partly { clause: "llama-extract.v2.extract.list.input-type", leaves_out: "jobs for parse jobs" },
    Partly {
        clause: "llama-extract.v2.extract.cancel.no-change",
        leaves_out: "members other than state, data and error",
    },
    Partly {
        clause: "llama-extract.v2.schemas.root-object",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v2.schemas.nesting",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v2.schemas.properties",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v2.schemas.strings",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v2.schemas.size",
        leaves_out: "schemas that are sent to anything but the validation",
    },
    Partly {
        clause: "llama-extract.v2.files.list.file-name",
        leaves_out: "that every upload of the name is listed",
    },
    Partly {
        clause: "llama-extract.v2.files.list.external-id",
        leaves_out: "that every upload with the id is listed",
    },
    Partly {
        clause: "llama-extract.v2.files-content.get.same-bytes",
        leaves_out: "addresses of another server, which the checks do not follow",
    },
    Partly {
        clause: "llama-extract.v2.files-content.get.expiry",
        leaves_out: "that it ends; only how far two of them are apart",
    },
    Partly {
        clause: "llama-extract.v2.configurations.list.product-type",
        leaves_out: "that every configuration of the product is listed",
    },
    Partly {
        clause: "llama-extract.v2.configurations.list.name",
        leaves_out: "that every configuration of the name is listed",
    },
    Partly {
        clause: "llama-extract.v2.organizations.list.own",
        leaves_out: "the organizations of projects that are not listed",
    },
];
