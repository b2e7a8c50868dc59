//! What the language accepts, and what it says about everything else.

mod accepted;
mod bounds;
mod contents;
mod extralt;
mod faults;
mod llama_extract;
mod mistakes;
mod mistakes_extralt;
mod mistakes_faults;
mod mistakes_llama_extract;
mod mistakes_world;
mod properties;
mod readme;
mod schema;
