//! What a request is about: the extraction or the file that its path names, or what its body asks for.

use serde_json::Value;

use crate::apis::dialect::Asked;
use crate::model::llama_extract::create::agent_names;
use crate::model::llama_extract::ids;
use crate::scenario::kind::RunKind;
use crate::scenario::request::About;
use crate::world::runs::RunRef;
use crate::world::state::WorldState;

pub(super) fn about(asked: &Asked<'_>, world: &WorldState) -> About {
    let kind = RunKind::of_operation(asked.operation);
    let state = world.llama_extract();
    let nothing = || About { kind, ..About::default() };
    let named = |names: &[&str]| {
        let parameter = asked.path.iter().find(|(name, _)| names.contains(&name.as_str()));
        parameter.map(|(_, id)| id.as_str())
    };
    if let Some(id) = named(&["job_id", "run_id"]) {
        let found = ids::read(id, ids::EXTRACTION).and_then(|id| state.find(id));
        return found.and_then(|(run, _)| world.about_run(RunRef::LlamaExtract(run))).unwrap_or_else(nothing);
    }
    let text = |name: &str| asked.body.and_then(|body| body.get(name)).and_then(Value::as_str);
    let agent = named(&["extraction_agent_id", "agent_id"]).or_else(|| text("extraction_agent_id"));
    let by_id = agent.and_then(|id| state.find_agent(ids::read(id, "")?));
    let agent = by_id.or_else(|| state.agent_named(named(&["name"])?));
    let file = named(&["file_id", "id"]).or_else(|| text("file_id")).or_else(|| text("file_input"));
    let file = file.and_then(|id| state.find_file(ids::read(id, ids::FILE)?));
    let file_name = file.map(|(_, file)| &*file.record.name).or_else(|| attached(asked.body?));
    About {
        kind,
        agent: agent.map(|(number, _)| agent_names(state, number)).unwrap_or_default(),
        file_name: file_name.map(Into::into),
        ..About::default()
    }
}

/// What the file of a form is called.
fn attached(body: &Value) -> Option<&str> {
    let file = ["file", "upload_file"].into_iter().find_map(|field| body.get(field))?;
    file.get("name").and_then(Value::as_str)
}
