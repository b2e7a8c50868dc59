//! What a request is about: what its path names, or what its body asks for.

use serde_json::Value;

use crate::apis::dialect::Asked;
use crate::scenario::host::product_host;
use crate::scenario::kind::RunKind;
use crate::scenario::request::About;
use crate::world::runs::RunRef;
use crate::world::state::WorldState;

pub(super) fn about(asked: &Asked<'_>, world: &WorldState) -> About {
    let kind = RunKind::of_operation(asked.operation);
    let state = world.extralt();
    let about_run = |id: &str| {
        let found = state.find_any(id).or_else(|| state.find_build(id));
        found.and_then(|(run, _)| world.about_run(RunRef::Extralt(run)))
    };
    if let Some((_, id)) = asked.path.iter().find(|(name, _)| name == "id") {
        return about_run(id).unwrap_or(About { kind, ..About::default() });
    }
    let Some(body) = asked.body else { return About { kind, ..About::default() } };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    // What a run or a schedule is of, or an enrichment is of, or else the shop of a robot.
    let of = text("/robot_id").or_else(|| text("/source/id")).and_then(about_run);
    match of {
        Some(of) => About { run: None, kind, ..of },
        None => {
            let hosts = text("/url").and_then(product_host).into_iter().collect();
            About { kind, hosts, ..About::default() }
        }
    }
}
