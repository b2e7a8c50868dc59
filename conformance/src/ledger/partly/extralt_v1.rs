//! What the checks of Extralt v1 leave out.

use super::Partly;

/// In the order of the contract.
pub(super) const TABLE: &[Partly] = &[
    Partly {
        clause: "extralt.v1.responses.full-resource",
        leaves_out: "values; only which members are there is looked at",
    },
    Partly {
        clause: "extralt.v1.requests.unknown-fields-ignored",
        leaves_out: "bodies other than a run's, and parameters of anything but the lists of robots, runs, schedules and enrichments",
    },
    Partly {
        clause: "extralt.v1.requests.budget-values",
        leaves_out: "restarts, and new schedules and enrichments",
    },
    Partly {
        clause: "extralt.v1.requests.start-urls-values",
        leaves_out: "schemes other than http and https, www., the empty list, and changes of a schedule",
    },
    Partly {
        clause: "extralt.v1.auth.bearer-accepted",
        leaves_out: "a server that refuses a good key for all that reads, or for all that writes: the run is incomplete then",
    },
    Partly {
        clause: "extralt.v1.auth.before-lookup",
        leaves_out: "unknown keys; only requests without a key are looked at, and none for captures, items, imports or webhooks",
    },
    Partly {
        clause: "extralt.v1.auth.before-validation",
        leaves_out: "unknown keys; only requests without a key are looked at, and no restart, change of a schedule, import or webhook",
    },
    Partly { clause: "extralt.v1.tenancy.foreign-invisible", leaves_out: "imports, and lists by source_id" },
    Partly {
        clause: "extralt.v1.tenancy.foreign-404",
        leaves_out: "imports, deletes and tests of a webhook, changes and resumptions of a schedule, and ids in a body",
    },
    Partly {
        clause: "extralt.v1.auth.forbidden-403",
        leaves_out: "keys that may do some things and not others",
    },
    Partly {
        clause: "extralt.v1.errors.code-for-status",
        leaves_out: "413, 500 and 503, which nothing brings about",
    },
    Partly {
        clause: "extralt.v1.errors.unknown-id-404",
        leaves_out: "items, imports, webhooks, the robot of a schedule, and ids that look like none",
    },
    Partly {
        clause: "extralt.v1.errors.malformed-json-400",
        leaves_out: "restarts, changes of a schedule, and webhooks",
    },
    Partly {
        clause: "extralt.v1.errors.missing-field-400",
        leaves_out: "members within members: the kind and the id of a source, the amount and the unit of a cadence",
    },
    Partly { clause: "extralt.v1.errors.unknown-path", leaves_out: "requests without a good key" },
    Partly {
        clause: "extralt.v1.errors.bad-value-422",
        leaves_out: "restarts, addresses of a shop or a webhook, and values of another type but for the budget of a run",
    },
    Partly {
        clause: "extralt.v1.errors.bad-parameter-400",
        leaves_out: "limits of captures and items, formats of items, finished_since of enrichments, and parameters of an import",
    },
    Partly { clause: "extralt.v1.errors.rate-limited-429", leaves_out: "anything but the list of runs" },
    Partly { clause: "extralt.v1.errors.insufficient-credits-402", leaves_out: "restarts and enrichments" },
    Partly { clause: "extralt.v1.lists.limit-bounds", leaves_out: "captures and items" },
    Partly {
        clause: "extralt.v1.lists.cursor-bound",
        leaves_out: "cursors of schedules, enrichments and items, and filters other than run_id",
    },
    Partly {
        clause: "extralt.v1.idempotency.once",
        leaves_out: "restarts, whose id stays the same however often they happen, and creates of anything but runs",
    },
    Partly { clause: "extralt.v1.idempotency.same-answer", leaves_out: "creates of anything but runs" },
    Partly {
        clause: "extralt.v1.idempotency.other-body",
        leaves_out: "restarts, and creates of anything but runs",
    },
    Partly {
        clause: "extralt.v1.robots.refusal",
        leaves_out: "a refused shop for which no refusal is shown",
    },
    Partly {
        clause: "extralt.v1.robots.run-count",
        leaves_out: "counts that grow by more, and reads of a robot; only lists are compared",
    },
    Partly {
        clause: "extralt.v1.robots.create.existing",
        leaves_out: "whether another one is made beside it",
    },
    Partly {
        clause: "extralt.v1.robots.delete.gone",
        leaves_out: "calls about it other than reads and lists",
    },
    Partly {
        clause: "extralt.v1.runs.ended",
        leaves_out: "a run at work that was started before it was made",
    },
    Partly { clause: "extralt.v1.runs.extracted-grows", leaves_out: "lists; only reads are compared" },
    Partly { clause: "extralt.v1.runs.budget-bounds", leaves_out: "runs that a schedule made" },
    Partly {
        clause: "extralt.v1.runs.as-created",
        leaves_out: "reads after a restart, and lists, as long as a run is not over",
    },
    Partly {
        clause: "extralt.v1.runs.create.unlimited",
        leaves_out: "an end before the shop is done that gives no reason",
    },
    Partly { clause: "extralt.v1.runs.create.robot-refused", leaves_out: "robots that are not built" },
    Partly { clause: "extralt.v1.runs.list.like-get", leaves_out: "runs that are not over" },
    Partly {
        clause: "extralt.v1.runs.stop.again",
        leaves_out: "whether the answer is the same; only its status is looked at",
    },
    Partly {
        clause: "extralt.v1.runs.restart.budget-replaces",
        leaves_out: "budgets that are larger than the former one",
    },
    Partly {
        clause: "extralt.v1.runs.restart.under-way-409",
        leaves_out: "runs at work; only one that has hardly begun is restarted",
    },
    Partly {
        clause: "extralt.v1.credits.prices",
        leaves_out: "enrichments, and whatever else might cost any",
    },
    Partly { clause: "extralt.v1.captures.list.unknown-404", leaves_out: "imports" },
    Partly { clause: "extralt.v1.captures.count.agrees", leaves_out: "imports, and runs that are not over" },
    Partly {
        clause: "extralt.v1.exports.formats",
        leaves_out: "whether a Parquet file can be read; only its first and last bytes are looked at",
    },
    Partly {
        clause: "extralt.v1.exports.complete",
        leaves_out: "Parquet files, and exports of an import; only lines are counted",
    },
    Partly { clause: "extralt.v1.exports.labels", leaves_out: "exports of an import" },
    Partly { clause: "extralt.v1.exports.accept", leaves_out: "exports of items and of an import" },
    Partly {
        clause: "extralt.v1.schedules.runs.at-the-interval",
        leaves_out: "intervals other than one hour, runs that come early or twice, and servers that do not show when the next run is due",
    },
    Partly {
        clause: "extralt.v1.schedules.pause.no-credits",
        leaves_out: "whether it goes on once there are credits",
    },
    Partly { clause: "extralt.v1.schedules.create.start-urls", leaves_out: "changes of a schedule" },
    Partly { clause: "extralt.v1.schedules.create.name", leaves_out: "what the name is made of" },
    Partly {
        clause: "extralt.v1.schedules.update.kept",
        leaves_out: "changes of the robot, the cadence and the choice to enrich",
    },
    Partly {
        clause: "extralt.v1.schedules.delete.gone",
        leaves_out: "calls about it other than reads and lists",
    },
    Partly {
        clause: "extralt.v1.imports.validation",
        leaves_out: "files that lack one of these only; the one that is tried lacks all",
    },
    Partly {
        clause: "extralt.v1.imports.captures",
        leaves_out: "what the captures say; only their number is looked at",
    },
    Partly {
        clause: "extralt.v1.imports.create.raw-file",
        leaves_out: "what becomes of the file; only whether it is accepted is looked at",
    },
    Partly {
        clause: "extralt.v1.imports.create.formats",
        leaves_out: "what becomes of the file; only whether it is accepted is looked at",
    },
    Partly {
        clause: "extralt.v1.enrichments.create.source-required",
        leaves_out: "a source without its kind or its id",
    },
    Partly {
        clause: "extralt.v1.enrichments.create.source-kinds",
        leaves_out: "imports; and the id that is tried with another kind is unknown, which is reason enough to refuse it",
    },
    Partly { clause: "extralt.v1.enrichments.create.goes-on", leaves_out: "enrichments that failed" },
    Partly { clause: "extralt.v1.enrichments.create.source-refused", leaves_out: "imports" },
    Partly { clause: "extralt.v1.enrichments.list.source-id", leaves_out: "imports" },
    Partly {
        clause: "extralt.v1.enrichments.stop.delivers",
        leaves_out: "work that was done: the enrichment that is stopped has done next to none, and goes on before its items are read",
    },
    Partly {
        clause: "extralt.v1.enrichments.stop.again",
        leaves_out: "whether the answer is the same; only its status is looked at",
    },
    Partly { clause: "extralt.v1.enrichments.stop.over-409", leaves_out: "enrichments that failed" },
    Partly { clause: "extralt.v1.items.list.captures", leaves_out: "items of an import" },
    Partly {
        clause: "extralt.v1.webhooks.create.public-only",
        leaves_out: "IP addresses of version 6, and the names and addresses of this machine",
    },
    Partly {
        clause: "extralt.v1.webhooks.create.event-types",
        leaves_out: "whether each of them can be asked for; only run.completed is",
    },
    Partly {
        clause: "extralt.v1.webhooks.create.every-event",
        leaves_out: "whether it gets them all; what is delivered goes to the client",
    },
    Partly { clause: "extralt.v1.webhooks.list.whole", leaves_out: "more than one webhook at a time" },
    Partly {
        clause: "extralt.v1.webhooks.delete.gone",
        leaves_out: "calls about it other than reads and lists",
    },
    Partly {
        clause: "extralt.v1.webhooks.test.event-id",
        leaves_out: "whether an event of that id is sent; what is delivered goes to the client",
    },
];
