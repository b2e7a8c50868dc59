//! What an extract adds to each product.

use fixtures::samples::catalog::product::Enrichments;

use crate::scenario::extract::{COUNTRIES, ExtractOptions};
use crate::scenario::language::fields::Fields;
use crate::scenario::language::text::{Choice, Flag};

const COUNTRY: Choice<&str> =
    Choice { what: "a country Catalog knows", all: COUNTRIES, name: |country| country, later: &[] };

/// The keys that an extract has beside what it is of.
pub(super) fn options(fields: &mut Fields<'_, '_>) -> ExtractOptions {
    let country = fields.optional("country-code", "The country it looks from; `us` unless given.", &COUNTRY);
    let mut flag = |name, doc| fields.optional(name, doc, &Flag).unwrap_or(false);
    let enrichments = Enrichments {
        enrichment: flag("enable-enrichment", "Whether products have attributes and categories."),
        reviews: flag("enable-reviews", "Whether products have reviews."),
        image_tags: flag("enable-image-tags", "Whether images have attributes."),
        brand_pdp: flag("enable-brand-pdp", "Whether products have their page at the brand."),
        similar_products: flag("enable-similar-products", "Whether products have similar ones."),
        reddit_insights: flag("enable-reddit-insights", "Whether products have what is said on Reddit."),
    };
    let usual = ExtractOptions::default();
    ExtractOptions { enrichments, country_code: country.map_or(usual.country_code, Into::into) }
}
