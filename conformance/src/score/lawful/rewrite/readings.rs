//! The other readings of pages that contradict each other, as far as they are the shape of an answer.

use serde_json::{Value, json};

/// The items of an extract are the products themselves. What failed has no product, and stays as it is.
pub(super) fn flat_extract(operation: Option<&str>, body: Value) -> Value {
    items(operation, "catalog.extract.get", body, unwrapped)
}

/// The items of a search are the products themselves.
pub(super) fn flat_search(operation: Option<&str>, body: Value) -> Value {
    items(operation, "catalog.agentic-search.get", body, unwrapped)
}

/// What a search finds at once are the products themselves, each with its address and with a price in two members.
pub(super) fn flat_mini(operation: Option<&str>, body: Value) -> Value {
    items(operation, "catalog.agentic-search-mini.create", body, |item| {
        let url = item["url"].take();
        unwrapped(item);
        item["url"] = url;
        split_price(item);
    })
}

/// A product that was found at once has a list of lists of images.
pub(super) fn nested_images(operation: Option<&str>, body: Value) -> Value {
    items(operation, "catalog.agentic-search-mini.create", body, |item| {
        if let Some(images) = item.pointer_mut("/product/images") {
            *images = json!([images.take()]);
        }
    })
}

/// Products of extracts have the members of the older page.
pub(super) fn older_products(operation: Option<&str>, body: Value) -> Value {
    items(operation, "catalog.extract.get", body, |item| {
        if let Some(product) = item.get_mut("product").filter(|product| product.is_object()) {
            split_price(product);
            if let Some(members) = product.as_object_mut() {
                members.remove("reddit_insights");
            }
        }
    })
}

fn items(operation: Option<&str>, wanted: &str, mut body: Value, change: fn(&mut Value)) -> Value {
    if operation == Some(wanted)
        && let Some(items) = body.get_mut("data").and_then(Value::as_array_mut)
    {
        items.iter_mut().for_each(change);
    }
    body
}

fn unwrapped(item: &mut Value) {
    if let Some(product) = item.get_mut("product").filter(|product| product.is_object()) {
        *item = product.take();
    }
}

/// Writes the price as the older pages do.
fn split_price(product: &mut Value) {
    if let Some(members) = product.as_object_mut()
        && let Some(price) = members.remove("price")
    {
        members.insert("price_amount".into(), price["amount"].clone());
        members.insert("price_currency".into(), price["currency"].clone());
    }
}
