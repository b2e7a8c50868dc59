//! Extralt, both versions: robots, runs, imports and enrichments. Each kind of run may begin again under its id.

use super::{Family, Layout, Profile, Standing};
use crate::history::History;
use crate::history::seen::Seen;

/// Extralt v0.
pub const V0: Profile = Profile {
    api: "extralt",
    version: "v0",
    families: &V0_FAMILIES,
    standing: &[SCHEDULE],
    layout: Layout { run: "id", id: &["/_id", "/id"], items: "/rows", bearer_only: true, whole: "limit=100" },
    borrowed: &[],
    has_credits: true,
};

/// Extralt v1.
pub const V1: Profile = Profile {
    api: "extralt",
    version: "v1",
    families: &V1_FAMILIES,
    standing: &[SCHEDULE, WEBHOOK],
    layout: Layout { run: "id", id: &["/id"], items: "/data", bearer_only: true, whole: "limit=100" },
    borrowed: &[],
    has_credits: true,
};

const SCHEDULE: Standing =
    Standing { name: "schedule", create: "extralt.schedules.create", delete: "extralt.schedules.delete" };

const WEBHOOK: Standing =
    Standing { name: "webhook", create: "extralt.webhooks.create", delete: "extralt.webhooks.delete" };

/// The kinds of run of v0. A static, so that references to its entries can be compared and kept.
static V0_FAMILIES: [Family; 3] = [RUN, BUILD, ENRICHMENT];

/// The kinds of run of v1.
static V1_FAMILIES: [Family; 4] = [RUN, ROBOT, IMPORT, ENRICHMENT];

const RUN: Family = Family {
    name: "run",
    create: "extralt.runs.create",
    get: "extralt.runs.get",
    list: "extralt.runs.list",
    cancel: "extralt.runs.stop",
    restart: "extralt.runs.restart",
    ends: &["completed", "failed", "stopped"],
    unknown_id: "kh7badc0debadc0debadc0debadc0deb",
    ..Family::PLAIN
};

/// A build names a robot, and not itself, where the robot is there already: then the answer is 200.
const BUILD: Family = Family {
    name: "robot-build",
    create: "extralt.robot-builds.create",
    get: "extralt.robot-builds.get",
    list: "",
    cancel: "",
    restart: "",
    ends: &["completed", "failed"],
    names_run: |seen| seen.status() == Some(202),
    unknown_id: "j57badc0debadc0debadc0debadc0deb",
    joins: true,
    ..RUN
};

const ROBOT: Family = Family {
    create: "extralt.robots.create",
    get: "extralt.robots.get",
    list: "extralt.robots.list",
    names_run: Seen::is_success,
    unknown_id: "jd7badc0debadc0debadc0debadc0deb",
    ..BUILD
};

const IMPORT: Family = Family {
    name: "import",
    create: "extralt.imports.create",
    get: "extralt.imports.get",
    list: "",
    cancel: "",
    restart: "",
    ends: &["completed", "validation_failed", "failed"],
    unknown_id: "kx7badc0debadc0debadc0debadc0deb",
    ..RUN
};

/// Another create for the same source goes on with one that is stopped, so only the create says whether it is new.
const ENRICHMENT: Family = Family {
    name: "enrichment",
    create: "extralt.enrichments.create",
    get: "extralt.enrichments.get",
    list: "extralt.enrichments.list",
    cancel: "extralt.enrichments.stop",
    restart: "",
    unknown_id: "nd7badc0debadc0debadc0debadc0deb",
    joins: true,
    ..RUN
};

/// What the versions call the same things. Each is the name of a member, but where it says that it is a pointer.
#[derive(Debug)]
pub struct Names {
    /// What a shop's country is asked for by.
    pub asked_country: &'static str,
    /// The country of a robot.
    pub country: &'static str,
    /// The create that makes a robot, by its `operationId`.
    pub build: &'static str,
    /// The look at what that create began.
    pub build_get: &'static str,
    /// The robot of a run or a schedule.
    pub robot: &'static str,
    /// The name of that robot.
    pub robot_name: &'static str,
    /// Whether an enrichment follows.
    pub auto_enrich: &'static str,
    /// Where a crawl begins.
    pub start_urls: &'static str,
    /// Why something is in its state.
    pub reason: &'static str,
    /// What began something.
    pub trigger: &'static str,
    /// When something was made.
    pub created: &'static str,
    /// When it began to work.
    pub started: &'static str,
    /// When a schedule begins its next run.
    pub next_run: &'static str,
    /// The run a schedule began last.
    pub last_run: &'static str,
}

const V0_NAMES: Names = Names {
    asked_country: "country_code",
    country: "countryCode",
    build: "extralt.robot-builds.create",
    build_get: "extralt.robot-builds.get",
    robot: "robotId",
    robot_name: "robotName",
    auto_enrich: "autoEnrich",
    start_urls: "startUrls",
    reason: "statusReason",
    trigger: "triggeredBy",
    created: "createdAt",
    started: "startedAt",
    next_run: "nextRunAt",
    last_run: "lastRunId",
};

const V1_NAMES: Names = Names {
    asked_country: "country",
    country: "country",
    build: "extralt.robots.create",
    build_get: "extralt.robots.get",
    robot: "robot_id",
    robot_name: "robot_name",
    auto_enrich: "auto_enrich",
    start_urls: "start_urls",
    reason: "status_reason",
    trigger: "triggered_by",
    created: "created_at",
    started: "started_at",
    next_run: "next_run_at",
    last_run: "last_run_id",
};

/// What the version of this profile calls things.
pub fn names(profile: &Profile) -> &'static Names {
    if profile.version == "v0" { &V0_NAMES } else { &V1_NAMES }
}

/// The kind of run of this name.
pub fn family(profile: &Profile, name: &str) -> Option<&'static Family> {
    profile.families.iter().find(|family| family.name == name)
}

/// Whether a record is about v1.
pub fn is_v1(history: &History) -> bool {
    history.profile.version == "v1"
}
