//! What the engine costs, that it costs the same with a million runs as with a thousand, and how fast files come.
//!
//! `cargo bench -p mock-server`. Groups that end in a number of runs are meant to be compared with each other.

mod export;
mod observe;
mod population;
mod request;
mod router;
mod world;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    observe::benches(&mut criterion);
    request::benches(&mut criterion);
    world::benches(&mut criterion);
    router::benches(&mut criterion);
    export::benches(&mut criterion);
    criterion.final_summary();
}
