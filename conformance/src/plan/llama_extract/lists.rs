//! Pages and tokens of version 2's lists, and the lists that stand beside its jobs.

use http::Method;
use serde_json::json;

use super::files::{self, Uploads};
use super::{Tour, letter};
use crate::client::{Credential, Stop, encoded};

/// The most pages that are followed: a live list may be long.
const PAGES_MAX: usize = 30;

/// Follows lists, and asks for what cannot be.
pub(super) async fn drive(tour: &mut Tour<'_, '_>, uploads: &Uploads) -> Result<(), Stop> {
    files::lists(tour, uploads).await?;
    for name in ["one", "two"] {
        let body = json!({"name": format!("{name}-{}", tour.mark), "data_schema": letter(), "config": {}})
            .to_string();
        let target = "/api/v1/extraction/extraction-agents";
        tour.elsewhere(&Method::POST, target, Some(("application/json", &body))).await?;
        tour.driver.session.tick().await?;
    }
    for query in
        ["", "include_default=true", "page_size=0", "page_size=1001", "page_size=1", "page_size=1000"]
    {
        tour.get("extraction-agents.list", "", query).await?;
    }
    let mut tokens = Vec::new();
    for list in ["files.list", "extract.list", "configurations.list", "extraction-agents.list"] {
        tokens.extend(follow(tour, list).await?.map(|token| (list, token)));
        tour.get(list, "", "page_size=1000").await?;
    }
    if !tour.is_ours() {
        return Ok(());
    }
    for list in ["extract.list", "configurations.list", "projects.list", "organizations.list"] {
        tour.get(list, "", "page_size=0").await?;
    }
    if let [(one, token), (_, other), ..] = tokens.as_slice() {
        let edited = format!("{token}x");
        for token in [edited.as_str(), other, "no-token"] {
            tour.get(one, "", &format!("page_size=2&page_token={}", encoded(token))).await?;
        }
        if tour.driver.client.keys().b.is_some() {
            let query = format!("page_size=2&page_token={}", encoded(token));
            tour.ask_as(Credential::B, one, "", &query, None).await?;
        }
    }
    Ok(())
}

/// Follows a list from page to page; the token of its first page.
async fn follow(tour: &mut Tour<'_, '_>, list: &str) -> Result<Option<String>, Stop> {
    let mut first = None;
    let mut query = "page_size=2".to_owned();
    for _ in 0..PAGES_MAX {
        let seen = tour.get(list, "", &query).await?;
        let Some(token) = seen.text("/next_page_token").map(str::to_owned) else { break };
        query = format!("page_size=2&page_token={}", encoded(&token));
        first.get_or_insert(token);
    }
    Ok(first)
}
