//! Projects and organizations. A key has one of each, and they are there from the start.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::apis::dialect::Call;
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::shown::instant;
use crate::apis::llama_extract::{acts, pages};
use crate::apis::reply::Reply;
use crate::model::llama_extract::config::Era;
use crate::model::llama_extract::ids;
use crate::world::state::WorldState;

/// What the project and the organization of every key are called.
const NAME: &str = "Default";

/// One of the two things that every key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Project,
    Organization,
}

impl Thing {
    fn id(self, world: &WorldState) -> Uuid {
        match self {
            Self::Project => ids::project(world.stream()),
            Self::Organization => ids::organization(world.stream()),
        }
    }

    fn shown(self, world: &WorldState, era: Era) -> Value {
        let at = instant(world.origin().start);
        let mut shown = json!({ "id": self.id(world), "name": NAME, "created_at": at, "updated_at": at });
        if self == Self::Project {
            shown["organization_id"] = json!(Self::Organization.id(world));
            shown["is_default"] = json!(true);
        } else if era == Era::V2 {
            shown["is_default"] = json!(true);
        }
        shown
    }

    fn what(self) -> &'static str {
        match self {
            Self::Project => "Project",
            Self::Organization => "Organization",
        }
    }

    /// Whether the filters of a list let it through.
    fn is_asked_for(self, call: &Call<'_>, world: &WorldState) -> bool {
        let of = call.text("organization_id").filter(|_| self == Self::Project);
        let named = call.text("project_name").or_else(|| call.text("name"));
        let organization = Self::Organization.id(world).to_string();
        of.is_none_or(|id| id.eq_ignore_ascii_case(&organization)) && named.is_none_or(|name| name == NAME)
    }
}

/// All there are: a bare list.
pub(super) fn list(call: &Call<'_>, world: &WorldState, thing: Thing) -> Reply {
    let all = thing.is_asked_for(call, world).then(|| thing.shown(world, Era::V1));
    Reply::json(StatusCode::OK, &all.into_iter().collect::<Vec<Value>>())
}

/// The same, as a page that no other follows.
pub(super) fn page(call: &Call<'_>, world: &WorldState, thing: Thing) -> Reply {
    let all = thing.is_asked_for(call, world).then(|| thing.shown(world, Era::V2));
    let all: Vec<Value> = all.into_iter().collect();
    let total = all.len();
    let listed = (0..).zip(all);
    say(pages::numbered(call, world, thing.what(), total, listed, pages::newest)
        .map(|page| page.reply(|shown| shown)))
}

pub(super) fn get(call: &Call<'_>, world: &WorldState, thing: Thing, era: Era) -> Reply {
    let id = acts::id(call);
    let is_it = Uuid::try_parse(id).is_ok_and(|id| id == thing.id(world));
    say(if is_it {
        Ok(Reply::json(StatusCode::OK, &thing.shown(world, era)))
    } else {
        Err(Problem::not_found(thing.what(), id))
    })
}
