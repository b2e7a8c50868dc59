//! Checks any server against the documented contracts.
