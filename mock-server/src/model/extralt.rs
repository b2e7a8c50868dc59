//! Extralt's robots, runs, captures, enrichments, imports and schedules.
//!
//! In reading order: what a run is, of whatever kind ([`run`], [`import`]), how one is decided ([`create`],
//! `planning`, [`ids`]; [`beginning`] for what is there before the start), how runs are kept and affect each other
//! ([`state`], [`places`], [`ledger`], [`schedule`]), what can be seen of one at an instant ([`view`], [`captures`],
//! [`items`]), and what webhooks are told of ([`notice`]).

pub mod beginning;
pub mod captures;
pub mod create;
pub mod ids;
pub mod import;
pub mod items;
pub mod ledger;
pub mod notice;
pub mod places;
mod planning;
pub mod run;
pub mod schedule;
pub mod state;
pub mod view;

#[cfg(test)]
mod tests;
