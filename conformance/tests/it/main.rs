//! The harness from outside.

mod hopeless;
mod keys;
mod leaving;
mod reporting;
mod sending;
mod transport;
