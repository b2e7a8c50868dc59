//! The harness from outside.

mod keys;
mod leaving;
mod reporting;
mod sending;
mod transport;
