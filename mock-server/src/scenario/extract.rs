//! How products are extracted: what a client of Catalog may ask for beside them.

use fixtures::samples::catalog::product::Enrichments;

/// The countries an extract may look from (page "Extract", `country_code`).
pub const COUNTRIES: &[&str] = &[
    "ae", "ar", "at", "au", "bd", "be", "bg", "br", "by", "ca", "ch", "cl", "cn", "co", "cr", "cz", "de",
    "dk", "ee", "es", "fi", "fr", "gb", "gh", "gr", "hk", "hr", "hu", "id", "ie", "il", "in", "it", "jp",
    "kg", "kr", "kz", "lk", "lt", "lu", "lv", "mm", "mx", "my", "ng", "nl", "no", "nz", "ph", "pl", "pt",
    "ro", "ru", "sa", "se", "sg", "si", "sk", "th", "tr", "tw", "ua", "us", "vn", "za",
];

/// How products are extracted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractOptions {
    /// The `enable_*` flags.
    pub enrichments: Enrichments,
    /// Two lower-case letters.
    pub country_code: Box<str>,
}

impl Default for ExtractOptions {
    /// What is documented for a request that says nothing of them.
    fn default() -> Self {
        Self { enrichments: Enrichments::default(), country_code: "us".into() }
    }
}
