//! The harness from outside.

mod cut_off;
mod hopeless;
mod keys;
mod leaving;
mod reporting;
mod sending;
mod transport;
