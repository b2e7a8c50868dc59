//! Every emulated API: its name, its versions, and where they are reached.

use crate::apis::dialect::{Dialect, Handler};
use crate::apis::{catalog, extralt, llama_extract};

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
    /// The paths that belong to it: those below these, unless a longer one of another version stands in front of them.
    pub prefixes: &'static [&'static str],
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
            prefixes: &[catalog::PREFIX],
            dialect: catalog::dialect,
            handlers: catalog::HANDLERS,
        }],
    },
    Api {
        name: "Extralt",
        alias: extralt::ALIAS,
        versions: &[
            Version {
                prefixes: &[extralt::v0::PREFIX],
                dialect: extralt::v0::dialect,
                handlers: extralt::v0::HANDLERS,
            },
            Version {
                prefixes: &[extralt::v1::PREFIX],
                dialect: extralt::v1::dialect,
                handlers: extralt::v1::HANDLERS,
            },
        ],
    },
    Api {
        name: "LlamaExtract",
        alias: llama_extract::ALIAS,
        versions: &[
            Version {
                prefixes: llama_extract::page_era::PREFIXES,
                dialect: llama_extract::page_era::dialect,
                handlers: llama_extract::page_era::HANDLERS,
            },
            Version {
                prefixes: llama_extract::v1::PREFIXES,
                dialect: llama_extract::v1::dialect,
                handlers: llama_extract::v1::HANDLERS,
            },
            Version {
                prefixes: llama_extract::v2::PREFIXES,
                dialect: llama_extract::v2::dialect,
                handlers: llama_extract::v2::HANDLERS,
            },
        ],
    },
];

impl Api {
    /// The version that a path belongs to: the one with the longest prefix that it has or, of an API with one version,
    /// that one.
    pub fn version(&self, path: &str) -> Option<&'static Version> {
        match self.versions {
            [only] => Some(only),
            versions => {
                let of = |version: &'static Version| Some((version.owns(path)?, version));
                versions.iter().filter_map(of).max_by_key(|(length, _)| *length).map(|(_, version)| version)
            }
        }
    }
}

impl Api {
    /// The paths below which it is served: the prefixes of its versions that stand below no other of them.
    pub fn roots(&self) -> impl Iterator<Item = &'static str> {
        let prefixes = || self.versions.iter().flat_map(|version| version.prefixes).copied();
        prefixes().filter(move |prefix| {
            !prefixes().any(|other| other.len() < prefix.len() && is_below(prefix, other))
        })
    }
}

impl Version {
    /// The length of its longest prefix that a path stands below; `None` if there is none.
    fn owns(&self, path: &str) -> Option<usize> {
        self.prefixes.iter().filter(|prefix| is_below(path, prefix)).map(|prefix| prefix.len()).max()
    }

    /// Whether a path stands below one of its prefixes.
    pub fn has(&self, path: &str) -> bool {
        self.owns(path).is_some()
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
