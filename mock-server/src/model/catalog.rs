//! Catalog's jobs: crawls, extracts and agentic searches.
//!
//! In reading order: what a run is ([`run`]), how one is created ([`create`], [`planning`], [`beginning`]), how runs
//! are kept and affect each other ([`state`], [`lists`]), and what can be seen of one at an instant
//! ([`view`], [`crawl`], [`results`]). What is known of vendors without a run: [`known`], [`index`], [`affiliate`]; the
//! search that needs none: [`mini`].

pub mod affiliate;
pub mod beginning;
pub mod crawl;
pub mod create;
pub mod index;
pub mod known;
pub mod lists;
pub mod mini;
pub mod planning;
pub mod results;
pub mod run;
pub mod state;
pub mod view;
