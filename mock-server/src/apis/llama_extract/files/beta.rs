//! Files of v2: the same files, in pages.

use std::cmp::Ordering;

use http::StatusCode;
use serde_json::Value;

use super::{About, attached, find, form, keep, name_of, shown_beta};
use crate::apis::dialect::Call;
use crate::apis::llama_extract::acts;
use crate::apis::llama_extract::detail::Item;
use crate::apis::llama_extract::pages;
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::seen::is_unlisted;
use crate::apis::reply::Reply;
use crate::model::llama_extract::file::{File, FileId};
use crate::model::llama_extract::ids;
use crate::model::llama_extract::state::State;
use crate::world::state::WorldState;

/// `POST /api/v1/beta/files`.
pub(in crate::apis::llama_extract) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(created(call, world))
}

fn created(call: &Call<'_>, world: &mut WorldState) -> Result<Reply, Problem> {
    let form = form(call)?;
    let file = attached(form, "file")?;
    let text = |name: &str| form.fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let about = About {
        name: name_of(file)?,
        external_id: text("external_file_id"),
        purpose: text("purpose"),
        ..About::default()
    };
    let id = keep(call, world, about, Some(file.blob.clone()))?;
    let file = world.llama_extract().file(id).ok_or_else(Problem::full)?;
    Ok(Reply::json(StatusCode::CREATED, &shown_beta(call, world, (id, file), false)))
}

pub(in crate::apis::llama_extract) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = find(call, world.llama_extract(), acts::id(call));
    say(found.map(|found| {
        Reply::json(StatusCode::OK, &shown_beta(call, world, found, wants_url(call.query.get("expand"))))
    }))
}

fn wants_url(expand: Option<&Value>) -> bool {
    match expand {
        Some(Value::Array(words)) => words.iter().any(|word| word == "download_url"),
        Some(word) => word == "download_url",
        None => false,
    }
}

/// What a list of files is asked for. All of it has to hold.
#[derive(Default)]
struct Filter<'a> {
    ids: Option<Vec<&'a str>>,
    name: Option<&'a str>,
    external_id: Option<&'a str>,
    source: Option<&'a str>,
}

impl<'a> Filter<'a> {
    fn of(said: &'a serde_json::Map<String, Value>) -> Self {
        let text = |name: &str| said.get(name).and_then(Value::as_str);
        let ids = said.get("file_ids").and_then(Value::as_array);
        Self {
            ids: ids.map(|ids| ids.iter().filter_map(Value::as_str).collect()),
            name: text("file_name"),
            external_id: text("external_file_id"),
            source: text("data_source_id"),
        }
    }

    fn lets_through(&self, file: &File) -> bool {
        let record = &file.record;
        let is_it = |id: &&str| ids::read(id, ids::FILE) == Some(record.id);
        let source = record.said.get("data_source_id").and_then(Value::as_str);
        self.ids.as_ref().is_none_or(|ids| ids.iter().any(is_it))
            && self.name.is_none_or(|name| *record.name == *name)
            && self.external_id.is_none_or(|id| record.external_id.as_deref() == Some(id))
            && self.source.is_none_or(|id| source == Some(id))
    }
}

/// `GET /api/v1/beta/files`.
pub(in crate::apis::llama_extract) fn list(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(page(call, world, &Filter::of(call.query), call.text("order_by")))
}

/// `POST /api/v1/beta/files/query`: the same list, asked for with a body.
pub(in crate::apis::llama_extract) fn query(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let filter = call.body.get("filter").and_then(Value::as_object);
    let filter = filter.map_or_else(Filter::default, Filter::of);
    say(page(call, world, &filter, call.body.get("order_by").and_then(Value::as_str)))
}

fn page(
    call: &Call<'_>,
    world: &WorldState,
    filter: &Filter<'_>,
    order_by: Option<&str>,
) -> Result<Reply, Problem> {
    let state = world.llama_extract();
    let order = Order::read(order_by).map_err(|()| {
        let why = "Value error, order_by is one of name, id and created_at";
        Problem::unprocessable(Item::wrong(&["query", "order_by"], &Value::from(order_by), why))
    })?;
    let mut matching: Vec<(u32, (FileId, &File))> = state
        .files()
        .newest()
        .filter(|(_, file)| filter.lets_through(file) && !is_unlisted(call, file.record.created))
        .map(|(number, file)| (number, (FileId(number), file)))
        .collect();
    matching.sort_by(|one, other| order.compare(state, one.0, other.0));
    let total = matching.len();
    let with_url = wants_url(call.query.get("expand"));
    let behind = |after: u32, number: u32| order.compare(state, after, number) == Ordering::Less;
    let page =
        pages::numbered(call, world, order_by.unwrap_or_default(), total, matching.into_iter(), behind)?;
    Ok(page.reply(|found| shown_beta(call, world, found, with_url)))
}

/// What files are sorted by. Without a word the newest comes first.
///
/// Two documents differ over which words there are; these three are in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Name,
    Id,
    Newest,
}

impl Order {
    fn read(text: Option<&str>) -> Result<Self, ()> {
        match text {
            Some("name") => Ok(Self::Name),
            Some("id") => Ok(Self::Id),
            Some("created_at") | None => Ok(Self::Newest),
            Some(_) => Err(()),
        }
    }

    fn compare(self, state: &State, one: u32, other: u32) -> Ordering {
        let of = |number: u32| state.files().get(number).map(|file| &file.record);
        let order = match (of(one), of(other)) {
            (Some(one), Some(other)) if self == Self::Name => one.name.cmp(&other.name),
            (Some(one), Some(other)) if self == Self::Id => one.id.cmp(&other.id),
            _ => Ordering::Equal,
        };
        order.then(other.cmp(&one))
    }
}
