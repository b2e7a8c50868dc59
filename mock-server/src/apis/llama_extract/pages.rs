//! Pages of v2: `page_size` items, newest first, and a token for the next ones, which is null on the last page.

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::apis::cursor;
use crate::apis::dialect::Call;
use crate::apis::llama_extract::problem::Problem;
use crate::apis::reply::Reply;
use crate::world::state::WorldState;

/// How many items a page has if nobody says it (v2, `page_size`).
const SIZE: u64 = 50;
/// The most items of a page.
const SIZE_MAX: u64 = 1_000;

/// Some of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
    pub(super) total: usize,
}

#[derive(Debug, Serialize)]
struct Shown {
    items: Vec<Value>,
    next_page_token: Option<String>,
    total_size: usize,
}

impl<T> Page<T> {
    /// The answer that shows each item like this.
    pub(super) fn reply(self, show: impl Fn(T) -> Value) -> Reply {
        let items = self.items.into_iter().map(show).collect();
        let (next_page_token, total_size) = (self.next, self.total);
        Reply::json(StatusCode::OK, &Shown { items, next_page_token, total_size })
    }
}

/// The page that a request asks for of `listed`, all that its filters let through, which are numbered: a page begins behind
/// the last item of the one before, whatever has come or gone since. `behind` says whether an item comes after the one of a
/// number in the list's order, and `order` tells the orders of one list apart.
pub(super) fn numbered<T>(
    call: &Call<'_>,
    world: &WorldState,
    order: &str,
    total: usize,
    listed: impl Iterator<Item = (u32, T)>,
    behind: impl Fn(u32, u32) -> bool,
) -> Result<Page<T>, Problem> {
    let said = call.body.as_object().unwrap_or(call.query);
    let filter = format!("{order}-{}", cursor::filter(said, &["page_size", "page_token"]));
    let token = said.get("page_token").and_then(Value::as_str);
    let foreign = |_| Problem::bad_request("page_token is none that this list has given");
    let after = cursor::read(call, world, &filter, token).map_err(foreign)?;
    let after = after.and_then(|after| after.parse::<u32>().ok());
    // A query that asks for more than there may be gets as much as there may be (v2, `FileQueryRequest`).
    let size = said.get("page_size").and_then(Value::as_u64).unwrap_or(SIZE).min(SIZE_MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut rest = listed.filter(|(number, _)| after.is_none_or(|after| behind(after, *number)));
    let page: Vec<(u32, T)> = rest.by_ref().take(size).collect();
    let last = page.last().map(|(number, _)| *number).filter(|_| rest.next().is_some());
    let next = last.map(|number| cursor::after(call, world, &filter, &number.to_string()));
    Ok(Page { items: page.into_iter().map(|(_, item)| item).collect(), next, total })
}

/// The order of most lists: what was created later comes first.
pub(super) fn newest(after: u32, number: u32) -> bool {
    number < after
}
