//! Worlds with many runs.

use std::sync::Arc;
use std::time::Duration;

use fixtures::samples::catalog::product::Enrichments;
use mock_server::clock::{MANUAL_START, Mode, RealTime, VirtualTime};
use mock_server::lifecycle::{Ending, Fraction, Gate, Phase, Plan};
use mock_server::model::catalog::run::{Failures, Input, Record, Work};
use mock_server::model::catalog::state;
use mock_server::scenario::Scenario;
use mock_server::scenario::extract::ExtractOptions;
use mock_server::seed::{Digest, Seed};
use mock_server::world::log::Command;
use mock_server::world::registry::{SeedChoice, Template};
use mock_server::world::state::WorldState;

/// The sizes of world that are compared.
pub(crate) const SIZES: [u32; 2] = [1_000, 1_000_000];
/// How many runs are looked at in turn, spread over the whole world: the same number in every world, so that what is
/// compared is the size of the world and not that of the processor's caches.
pub(crate) const LOOKED_AT: u32 = 100;

/// Real time does not pass.
pub(crate) fn real() -> RealTime {
    RealTime::from_elapsed(Duration::ZERO)
}

/// What worlds begin as: the documented behaviour on a manual clock.
pub(crate) fn template() -> Template {
    Template {
        seed: SeedChoice::Given(Seed(7)),
        mode: Some(Mode::Manual),
        start: None,
        scenario: Arc::new(Scenario::default()),
    }
}

/// A world without runs.
pub(crate) fn empty() -> WorldState {
    let template = template();
    WorldState::new(template.origin("bench", template.account(), MANUAL_START), real())
}

/// When every run of [`fill`] that ends has ended.
pub(crate) fn late() -> VirtualTime {
    MANUAL_START.after(Duration::from_secs(60))
}

/// The ids of [`LOOKED_AT`] runs that never end, spread over `runs` of them.
pub(crate) fn looked_at(runs: u32) -> impl Iterator<Item = String> {
    (0..LOOKED_AT).map(move |index| execution_id((index * (runs / LOOKED_AT)) | 1))
}

/// Adds extracts of one page each to a world at its start. Every other one never ends.
pub(crate) fn fill(world: &mut WorldState, runs: u32) {
    for number in 0..runs {
        let ending = match number % 2 {
            0 => Ending::Completed,
            _ => Ending::Stuck(Phase::Running, Fraction::from_ppm(800_000)),
        };
        add(world, number, ending);
    }
}

/// Adds extracts that all end by [`late`].
pub(crate) fn fill_with_ending(world: &mut WorldState, runs: u32) {
    for number in 0..runs {
        add(world, number, Ending::Completed);
    }
}

/// The id of run `number`: as long as real ones, and in no order.
fn execution_id(number: u32) -> String {
    let scattered = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    format!("extract-urls-{}", uuid::Uuid::from_u128(scattered))
}

fn add(world: &mut WorldState, number: u32, ending: Ending) {
    let url = format!("https://shop.example/products/{number}");
    let options = ExtractOptions { enrichments: Enrichments::default(), country_code: "us".into() };
    let record = Record {
        execution_id: execution_id(number).into(),
        input: Input::Urls { urls: [url.into()].into(), options },
        created: MANUAL_START,
        plan: Plan::plain(
            Gate::Open,
            Duration::from_secs(1),
            Duration::from_millis(1_500 + u64::from(number % 5_000)),
            ending,
        ),
        work: Work { total: 1, collections: 0, failures: Failures::None, error: None },
        credits: 5,
        digest: Digest(number.into()),
        rules: Box::default(),
    };
    let command = Command::Catalog(state::Command::Create(Arc::new(record)));
    if let Err(full) = world.apply(command, MANUAL_START, real()) {
        panic!("{full}");
    }
}
