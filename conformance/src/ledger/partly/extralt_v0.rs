//! What the checks of Extralt v0 leave out.

use super::Partly;

/// In the order of the contract.
pub(super) const TABLE: &[Partly] = &[
    Partly {
        clause: "extralt.v0.requests.unknown-fields-ignored",
        leaves_out: "bodies other than a run's, and parameters of anything but the lists of robots, runs, schedules and enrichments",
    },
    Partly {
        clause: "extralt.v0.auth.bearer-accepted",
        leaves_out: "a server that refuses a good key for all that reads, or for all that writes: the run is incomplete then",
    },
    Partly {
        clause: "extralt.v0.auth.bearer-only",
        leaves_out: "places other than x-api-key, such as the query or a cookie; and anything but lists and what is about one run",
    },
    Partly {
        clause: "extralt.v0.auth.before-lookup",
        leaves_out: "unknown keys; only requests without a key are looked at, and none for captures or items",
    },
    Partly {
        clause: "extralt.v0.auth.before-validation",
        leaves_out: "unknown keys; only requests without a key are looked at, and no restart or change of a schedule",
    },
    Partly {
        clause: "extralt.v0.auth.forbidden-403",
        leaves_out: "keys that may do some things and not others",
    },
    Partly {
        clause: "extralt.v0.tenancy.foreign-invisible",
        leaves_out: "reads of one robot; only lists of robots are looked at",
    },
    Partly {
        clause: "extralt.v0.tenancy.foreign-404",
        leaves_out: "robots and builds, changes and resumptions of a schedule, and ids in a body",
    },
    Partly {
        clause: "extralt.v0.tenancy.foreign-untouched",
        leaves_out: "robots, schedules and enrichments; only stops and restarts of runs are looked at, and only by the state",
    },
    Partly {
        clause: "extralt.v0.errors.malformed-json-400",
        leaves_out: "restarts and changes of a schedule",
    },
    Partly {
        clause: "extralt.v0.errors.missing-field-400",
        leaves_out: "members within members: the kind and the id of a source, the amount and the unit of a cadence",
    },
    Partly {
        clause: "extralt.v0.errors.bad-value-422",
        leaves_out: "restarts, addresses that are none, and values of another type but for the budget of a run",
    },
    Partly {
        clause: "extralt.v0.errors.field-named",
        leaves_out: "values that cannot be, and queries; only missing members are looked at",
    },
    Partly {
        clause: "extralt.v0.errors.unknown-id-404",
        leaves_out: "ids of items, ids in a query, the robot of a schedule, the source of an enrichment, and ids that look like none",
    },
    Partly { clause: "extralt.v0.errors.insufficient-credits-402", leaves_out: "restarts and enrichments" },
    Partly { clause: "extralt.v0.errors.rate-limited-429", leaves_out: "anything but the list of runs" },
    Partly {
        clause: "extralt.v0.errors.no-side-effect",
        leaves_out: "schedules, robots and enrichments that a refusal leaves behind, changes, and costs; only new runs are looked for",
    },
    Partly { clause: "extralt.v0.rate-limit.bucket", leaves_out: "how fast there is room again" },
    Partly {
        clause: "extralt.v0.robot-builds.create.status-202",
        leaves_out: "200 for a build that is started: it is taken for a robot that was there",
    },
    Partly {
        clause: "extralt.v0.robot-builds.create.existing-200",
        leaves_out: "whether the robot is the one of that shop and country",
    },
    Partly {
        clause: "extralt.v0.robot-builds.members",
        leaves_out: "whether the url is the one that was asked for",
    },
    Partly {
        clause: "extralt.v0.robot-builds.ends",
        leaves_out: "anything but the status of a build that is over",
    },
    Partly {
        clause: "extralt.v0.robots.members",
        leaves_out: "whether the host is the one it was built for",
    },
    Partly {
        clause: "extralt.v0.robots.delete.status-204",
        leaves_out: "calls about it other than reads and lists",
    },
    Partly {
        clause: "extralt.v0.runs.create.visible-at-once",
        leaves_out: "stops, and requests for captures; only reads are looked at",
    },
    Partly { clause: "extralt.v0.runs.create.unknown-robot", leaves_out: "robots that are not ready" },
    Partly { clause: "extralt.v0.runs.time-unit", leaves_out: "lists, as long as a run is not over" },
    Partly { clause: "extralt.v0.runs.started-at", leaves_out: "lists, as long as a run is not over" },
    Partly {
        clause: "extralt.v0.runs.duration",
        leaves_out: "whether it is right; any number that is not negative will do",
    },
    Partly {
        clause: "extralt.v0.runs.as-created",
        leaves_out: "reads after a restart, and lists, as long as a run is not over",
    },
    Partly { clause: "extralt.v0.runs.extracted-grows", leaves_out: "lists; only reads are compared" },
    Partly { clause: "extralt.v0.runs.budget-bounds", leaves_out: "runs that a schedule made" },
    Partly {
        clause: "extralt.v0.runs.restart.budget-replaces",
        leaves_out: "budgets that are larger than the former one",
    },
    Partly {
        clause: "extralt.v0.runs.restart.budget-kept",
        leaves_out: "servers that do not show the budget of a run",
    },
    Partly { clause: "extralt.v0.captures.list.extracted-at", leaves_out: "whether it has a fraction" },
    Partly { clause: "extralt.v0.captures.list.stable", leaves_out: "captures of a run that is not over" },
    Partly {
        clause: "extralt.v0.captures.export.formats",
        leaves_out: "whether a Parquet file can be read; only its first and last bytes are looked at",
    },
    Partly {
        clause: "extralt.v0.captures.export.default",
        leaves_out: "whether a Parquet file can be read; only its first and last bytes are looked at",
    },
    Partly {
        clause: "extralt.v0.captures.export.complete",
        leaves_out: "Parquet files; only lines are counted",
    },
    Partly {
        clause: "extralt.v0.schedules.create.fields-required",
        leaves_out: "a cadence without its amount or its unit",
    },
    Partly { clause: "extralt.v0.schedules.create.name", leaves_out: "what the name is made of" },
    Partly {
        clause: "extralt.v0.schedules.runs.at-the-interval",
        leaves_out: "intervals other than one hour, runs that come early or twice, and servers that do not show when the next run is due",
    },
    Partly {
        clause: "extralt.v0.schedules.runs.settings",
        leaves_out: "servers that do not name a schedule's last run",
    },
    Partly {
        clause: "extralt.v0.schedules.update.kept",
        leaves_out: "changes of the robot, the cadence and the choice to enrich",
    },
    Partly {
        clause: "extralt.v0.schedules.pause.no-runs",
        leaves_out: "a pause after which the schedule still shows itself enabled",
    },
    Partly {
        clause: "extralt.v0.schedules.pause.no-credits",
        leaves_out: "whether it goes on once there are credits",
    },
    Partly {
        clause: "extralt.v0.schedules.delete.status-204",
        leaves_out: "calls about it other than reads and lists",
    },
    Partly { clause: "extralt.v0.enrichments.auto.not-otherwise", leaves_out: "runs that failed" },
    Partly {
        clause: "extralt.v0.enrichments.create.source",
        leaves_out: "a source without its kind or its id",
    },
    Partly { clause: "extralt.v0.enrichments.create.goes-on", leaves_out: "enrichments that failed" },
    Partly {
        clause: "extralt.v0.enrichments.processed",
        leaves_out: "the captures of its source, and budgets that an enrichment does not show",
    },
    Partly {
        clause: "extralt.v0.items.export.like-captures",
        leaves_out: "whether a line is the item as the list shows it, and whether a Parquet file can be read",
    },
    Partly {
        clause: "extralt.v0.credits.unlimited",
        leaves_out: "restarts, enrichments, and runs that end for want of credits",
    },
];
