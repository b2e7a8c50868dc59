//! Webhooks, whoever's: who listens for good ([`endpoint`]) and to one run ([`listener`]), what is to be delivered and
//! what became of it ([`delivery`], [`state`]), how a delivery is signed ([`signature`]), where deliveries may go
//! ([`target`]), and where they can be received ([`inbox`]).
//!
//! Nothing here sends anything or knows an API: what an event is about is a type of whoever keeps the state, and what is
//! written of it is the API's.

pub mod delivery;
pub mod endpoint;
pub mod listener;
pub mod inbox;
pub mod signature;
pub mod state;
pub mod target;

#[cfg(test)]
mod tests;
