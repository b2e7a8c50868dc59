//! What is true of a world, whatever happens to it.
//!
//! [`stand`] is a world with its clients and its operator, [`history`] generates what they do, [`rules`] says what must
//! hold at every moment of it, and the others draw on these.

mod beginnings;
mod clocks;
mod determinism;
mod histories;
mod history;
mod rules;
mod scenarios;
mod stand;
mod waiting;
mod webhooks;
