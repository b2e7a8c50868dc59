//! What a scenario says of a world apart from its runs: how requests move its clock, and what it holds from the start.

mod contents;
mod requests;
