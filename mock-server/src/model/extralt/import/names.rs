//! The names of columns and members that can be read. No page lists them; these are those of captures, and those that
//! other files of products have for the same.

/// What each is called here, and what else it may be called. Case does not matter, nor whether words are joined by `_`,
/// `-` or a space.
const NAMES: &[(&str, &[&str])] = &[
    ("title", &["name", "product_title", "product_name"]),
    ("subtitle", &[]),
    ("brand", &["vendor", "manufacturer"]),
    ("description", &["body"]),
    ("url", &["link", "product_url"]),
    ("image_url", &["image", "image_link", "main_image"]),
    ("images", &["image_urls", "additional_image_link"]),
    ("videos", &["video_urls"]),
    ("product_id", &["id", "item_id"]),
    ("group_id", &["item_group_id"]),
    ("handle", &["slug"]),
    ("breadcrumbs", &[]),
    ("categories", &["category", "product_type"]),
    ("tags", &[]),
    ("color", &["colour"]),
    ("size", &[]),
    ("gender", &[]),
    ("age_group", &[]),
    ("publication_date", &["published_at"]),
    ("properties", &["properties_dict", "sku_properties"]),
    ("properties_list", &["features"]),
    ("measurements", &["physical_measurements"]),
    ("ratings_average", &["rating", "average_rating"]),
    ("ratings_count", &["review_count", "reviews"]),
    ("ratings_scale", &["rating_scale"]),
    ("skus", &["variants"]),
    ("offers", &[]),
    ("options", &["selected_options"]),
    ("identifiers", &[]),
    ("sku", &["sku_id", "variant_sku"]),
    ("gtin", &["ean", "barcode", "gtin13", "gtin14"]),
    ("mpn", &[]),
    ("upc", &["gtin12"]),
    ("price", &["amount", "full_amount"]),
    ("compare_at_price", &["compare_at", "list_price"]),
    ("currency", &["currency_code", "price_currency"]),
    ("availability", &["status", "stock_status"]),
    ("in_stock", &["available"]),
    ("quantity", &["stock", "inventory"]),
    ("condition", &[]),
    ("seller", &["merchant"]),
    ("seller_type", &[]),
    ("country", &["country_code"]),
    ("language", &["locale"]),
    ("source_host", &["store_host", "host"]),
];

/// The name here for a name in a file, if it can be read.
pub(super) fn canonical(name: &str) -> Option<&'static str> {
    let plain = |byte: u8| if matches!(byte, b'-' | b' ') { b'_' } else { byte.to_ascii_lowercase() };
    let name = name.trim();
    let is = |other: &str| other.len() == name.len() && other.bytes().eq(name.bytes().map(plain));
    NAMES.iter().find(|(own, others)| is(own) || others.iter().any(|other| is(other))).map(|(own, _)| *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut all: Vec<&str> =
            NAMES.iter().flat_map(|(own, others)| others.iter().copied().chain([*own])).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_name_is_known_however_it_is_written() {
        assert_eq!(canonical(" Image-URL "), Some("image_url"));
        assert_eq!(canonical("Compare At Price"), Some("compare_at_price"));
        assert_eq!(canonical("colour"), Some("color"));
        assert_eq!(canonical("weight of the moon"), None);
        assert_eq!(canonical(""), None);
    }
}
