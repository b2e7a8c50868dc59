//! Every emulated API: its name, its versions, and where they are reached.

use crate::apis::dialect::{Dialect, Handler};
use crate::apis::{catalog, extralt};

/// An emulated API.
#[derive(Debug)]
pub struct Api {
    /// What people call it.
    pub name: &'static str,
    /// In front of the paths of its versions it reaches the same operations.
    pub alias: &'static str,
    /// Its versions, in order.
    pub versions: &'static [Version],
}

/// One version of an API: a contract with those who keep it.
#[derive(Debug)]
pub struct Version {
    /// The paths that belong to it, as a first segment that no other version of any API has.
    pub prefix: &'static str,
    /// How it says what every API says. `None` only in a build without its contract.
    pub dialect: fn() -> Option<&'static Dialect>,
    /// Who answers which operation.
    pub handlers: &'static [(&'static str, Handler)],
}

/// Every emulated API. Each is served under its own paths and, with the same operations, behind its alias.
pub const APIS: &[Api] = &[
    Api {
        name: "Catalog",
        alias: catalog::ALIAS,
        versions: &[Version {
            prefix: catalog::PREFIX,
            dialect: catalog::dialect,
            handlers: catalog::HANDLERS,
        }],
    },
    Api {
        name: "Extralt",
        alias: extralt::ALIAS,
        versions: &[
            Version {
                prefix: extralt::v0::PREFIX,
                dialect: extralt::v0::dialect,
                handlers: extralt::v0::HANDLERS,
            },
            Version {
                prefix: extralt::v1::PREFIX,
                dialect: extralt::v1::dialect,
                handlers: extralt::v1::HANDLERS,
            },
        ],
    },
];

impl Api {
    /// The version that a path belongs to: the one whose prefix it has or, of an API with one version, that one.
    pub fn version(&self, path: &str) -> Option<&'static Version> {
        match self.versions {
            [only] => Some(only),
            versions => versions.iter().find(|version| is_below(path, version.prefix)),
        }
    }
}

/// How every version of every API says what all of them say.
pub fn dialects() -> impl Iterator<Item = &'static Dialect> {
    APIS.iter().flat_map(|api| api.versions).filter_map(|version| (version.dialect)())
}

/// Whether a path is `prefix` or stands below it.
pub fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
