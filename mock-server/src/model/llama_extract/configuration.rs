//! Saved configurations of v2: settings under a name, which extractions may refer to.

use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::VirtualTime;
use crate::model::llama_extract::agent::Settings;

/// A configuration's number in its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigurationId(pub u32);

/// What is saved.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameters {
    /// What an extraction is told.
    Extract(Arc<Settings>),
    /// What another product of the vendor is told, which is only kept.
    Other {
        /// The product's word.
        product: Box<str>,
        /// All parameters, the product among them.
        said: Arc<Map<String, Value>>,
    },
}

/// What can be changed of a configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Its name.
    pub name: Box<str>,
    /// What is saved.
    pub parameters: Parameters,
}

/// A saved configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// Its UUID; clients see it with `cfg-` in front.
    pub id: Uuid,
    /// What is saved.
    pub saved: Arc<Saved>,
    /// How often it was changed.
    pub version: u32,
    /// When it was created.
    pub created: VirtualTime,
    /// When it was last changed.
    pub updated: VirtualTime,
}
