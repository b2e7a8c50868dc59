//! What a handler gets, for tests of what handlers do.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::apis::dialect::Call;
use crate::apis::upload::Brought;
use crate::clock::{MANUAL_START, Mode, RealTime};
use crate::scenario::account::Account;
use crate::seed::{Digest, Seed, Stream};
use crate::webhooks::target::Targets;
use crate::world::origin::Origin;
use crate::world::state::{Identity, WorldState};

/// The world of a key on a manual clock.
pub(crate) fn world(key: &str) -> WorldState {
    let origin = Origin {
        stream: Stream::new(Seed(7), key),
        scenario: Arc::default(),
        account: Account::default(),
        mode: Mode::Manual,
        start: MANUAL_START,
    };
    WorldState::new(origin, RealTime::from_elapsed(Duration::ZERO))
}

/// Acts as the handler of a request for this operation.
pub(crate) fn with<T>(operation: &'static str, targets: &Targets, act: impl FnOnce(&Call<'_>) -> T) -> T {
    let call = Call {
        operation,
        route: "/lamps",
        path: &[],
        query: &Map::new(),
        body: &Value::Null,
        headers: &HeaderMap::new(),
        bytes: &[],
        upload_digest: None,
        uploaded: RefCell::new(None),
        brought: &Brought::Nothing,
        identity: Identity { digest: Digest::of(operation, "", &[], None), occurrence: 0 },
        request_id: "",
        real: RealTime::from_elapsed(Duration::ZERO),
        now: MANUAL_START,
        targets,
        base: "http://localhost",
        staged: None,
        took_effect: &Cell::new(false),
    };
    act(&call)
}
