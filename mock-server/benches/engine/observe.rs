//! One run at an instant.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use mock_server::lifecycle::{Action, Control, Ending, Fraction, Gate, Plan, observe};

pub(crate) fn benches(criterion: &mut Criterion) {
    let plan = Plan::plain(Gate::Open, Duration::from_secs(1), Duration::from_secs(30), Ending::Completed);
    let control = |at, action| Control { at: Duration::from_secs(at), action };
    let controls = [
        control(3, Action::Stick),
        control(5, Action::Unstick),
        control(7, Action::Advance(Fraction::from_ppm(500_000))),
    ];
    let elapsed = Duration::from_secs(11);
    let mut group = criterion.benchmark_group("observe");
    group.bench_function("no controls", |bencher| {
        bencher.iter(|| observe(black_box(&plan), black_box(&[]), black_box(elapsed)));
    });
    group.bench_function("three controls", |bencher| {
        bencher.iter(|| observe(black_box(&plan), black_box(&controls), black_box(elapsed)));
    });
    group.finish();
}
