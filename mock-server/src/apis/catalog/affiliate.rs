//! `POST /v2/affiliate`

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::apis::catalog::paging::single;
use crate::apis::catalog::wire::Answer;
use crate::apis::dialect::Call;
use crate::apis::reply::{Reply, json_bytes};
use crate::model::catalog::affiliate::{NoLink, link};
use crate::model::catalog::index::Invented;
use crate::seed::Digest;
use crate::world::state::WorldState;

#[derive(Debug, Serialize)]
struct LinkItem {
    wildfire_link: String,
    original_url: String,
    device_id: String,
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct LinkMeta {
    total_processed: u64,
    successful: u64,
    failed: u64,
}

pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let urls = call.body.get("urls").and_then(Value::as_array).into_iter().flatten();
    let urls: Vec<String> = urls.filter_map(Value::as_str).map(str::to_owned).collect();
    let seed = world.stream().seed();
    // Eight digits, the same for all links of an account.
    let device_id = 10_000_000 + world.stream().draws("affiliate-device", Digest(0), 0).bits() % 90_000_000;
    Reply::later(StatusCode::OK, move || {
        let (invented, device_id) = (Invented::of(seed), device_id.to_string());
        let data: Vec<LinkItem> = urls.into_iter().map(|url| item(&invented, &device_id, url)).collect();
        let total = data.len() as u64;
        let successful = data.iter().filter(|item| item.success).count() as u64;
        let meta = LinkMeta { total_processed: total, successful, failed: total - successful };
        json_bytes(&Answer { data, pagination: single(total), meta })
    })
}

fn item(invented: &Invented, device_id: &str, original_url: String) -> LinkItem {
    let link = link(invented, device_id, &original_url);
    LinkItem {
        success: link.is_ok(),
        error: link.as_ref().err().map(|no_link| match no_link {
            NoLink::NoAddress => "Invalid URL format",
            NoLink::NotInNetwork => "The vendor is not in the affiliate network",
            NoLink::Failed => "The affiliate link could not be generated",
        }),
        wildfire_link: link.unwrap_or_default(),
        original_url,
        device_id: device_id.to_owned(),
    }
}
