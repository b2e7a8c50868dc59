//! A world of many runs: settling it, and a page of its lists.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use mock_server::model::catalog::lists::Group;
use mock_server::model::catalog::run::Kind;
use mock_server::model::catalog::view::View;
use mock_server::world::state::WorldState;

use crate::population::{SIZES, empty, fill, fill_with_ending, late};

const PAGE: usize = 20;
const SETTLED: u32 = 1_000_000;

pub(crate) fn benches(criterion: &mut Criterion) {
    lists(criterion);
    settle(criterion);
}

fn lists(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("list page");
    for runs in SIZES {
        let mut world = empty();
        fill(&mut world, runs);
        world.settle(late());
        for (name, filter) in [("processing", Group::Processing), ("completed", Group::Completed)] {
            group.bench_function(BenchmarkId::new(name, runs), |bencher| {
                bencher.iter(|| page(&world, filter));
            });
        }
    }
    group.finish();
}

fn page(world: &WorldState, filter: Group) -> Vec<View> {
    let catalog = world.catalog();
    let newest = catalog.list(Kind::Extract).newest(Some(filter), PAGE);
    let page: Vec<View> = newest.filter_map(|run| catalog.view(run, late())).collect();
    assert_eq!(page.len(), PAGE);
    page
}

fn settle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("settle");
    group.sample_size(10).throughput(Throughput::Elements(SETTLED.into()));
    group.bench_function(BenchmarkId::new("all due", SETTLED), |bencher| {
        let full = || {
            let mut world = empty();
            fill_with_ending(&mut world, SETTLED);
            world
        };
        let settled = |mut world: WorldState| {
            world.settle(late());
            assert_eq!(world.catalog().list(Kind::Extract).len(Some(Group::Completed)), SETTLED as usize);
            world
        };
        bencher.iter_batched(full, settled, BatchSize::PerIteration);
    });
    group.finish();
}
