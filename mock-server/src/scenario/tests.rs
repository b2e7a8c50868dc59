//! What the language accepts, and what it says about everything else.

mod accepted;
mod bounds;
mod faults;
mod mistakes;
mod properties;
mod schema;
