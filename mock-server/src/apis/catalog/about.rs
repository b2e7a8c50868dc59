//! What a request is about: the run that its path names, or what its body asks for.

use serde_json::Value;

use crate::apis::dialect::Asked;
use crate::scenario::host::{product_host, vendor_host};
use crate::scenario::kind::RunKind;
use crate::scenario::request::About;
use crate::world::state::WorldState;

pub(super) fn about(asked: &Asked<'_>, world: &WorldState) -> About {
    let kind = RunKind::of_operation(asked.operation);
    let named = asked.path.iter().find(|(name, _)| name == "execution_id");
    if let Some((_, id)) = named {
        return match world.catalog().find(id) {
            Some((_, run)) => About {
                run: Some((*run.record.execution_id).into()),
                kind,
                hosts: run.record.input.hosts(),
                query: run.record.input.query().map(Into::into),
                ..About::default()
            },
            None => About { kind, ..About::default() },
        };
    }
    let Some(body) = asked.body else { return About { kind, ..About::default() } };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let vendors = [text("url"), text("vendor")].into_iter().flatten().filter_map(vendor_host);
    let urls = body.get("urls").and_then(Value::as_array).into_iter().flatten();
    let pages = urls.filter_map(Value::as_str).filter_map(product_host);
    let hosts = vendors.chain(pages).collect();
    About { kind, hosts, query: text("query").map(Into::into), ..About::default() }
}
