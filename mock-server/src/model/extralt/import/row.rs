//! One row of a file: whether it can be used, and the capture that it is.

use std::collections::{HashMap, HashSet};

use fixtures::samples::extralt::{Axis, Capture, Image, Ratings, Text};
use serde_json::{Map, Value};

use super::About;
use super::names::canonical;
use crate::scenario::host::written_host;

mod skus;

use skus::Product;

/// The most options that a product has.
const OPTIONS_MAX: usize = 3;

/// Why a row cannot be used (imports guide with addresses of version 1; the first two are ours).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    NotObject,
    Columns,
    Title,
    Image,
    Skus,
    Price,
    Currency,
}

impl Fault {
    pub(super) const ALL: [Self; 7] =
        [Self::NotObject, Self::Columns, Self::Title, Self::Image, Self::Skus, Self::Price, Self::Currency];

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NotObject => "no JSON object",
            Self::Columns => "not as many columns as the first line names",
            Self::Title => "no title",
            Self::Image => "no image (an http or https address)",
            Self::Skus => "neither skus nor price and currency",
            Self::Price => "no price above zero",
            Self::Currency => "no currency of three letters",
        }
    }
}

/// The members of an object that can be read, by their names here. Of two that mean the same the first counts.
#[derive(Debug)]
struct Fields<'a>(HashMap<&'static str, &'a Value>);

impl<'a> Fields<'a> {
    fn of(object: &'a Map<String, Value>) -> Self {
        let mut fields = HashMap::new();
        for (name, value) in object {
            if let Some(name) = canonical(name).filter(|_| !is_empty(value)) {
                fields.entry(name).or_insert(value);
            }
        }
        Self(fields)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).copied()
    }

    /// The text of a member, or what a number or a boolean is as one; empty if there is none.
    fn text(&self, name: &str) -> String {
        self.get(name).and_then(text).unwrap_or_default()
    }

    /// The texts of a list, or of a text in which `|` stands between them.
    fn texts(&self, name: &str) -> Vec<Text> {
        match self.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(text).map(Text::from).collect(),
            Some(Value::String(text)) => {
                let parts = text.split('|').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| part.to_owned().into()).collect()
            }
            Some(other) => text(other).map(Text::from).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The pairs of an object, of which no name is there twice.
    fn pairs(&self, name: &str) -> Vec<(Text, Text)> {
        let Some(Value::Object(object)) = self.get(name) else { return Vec::new() };
        object.iter().filter_map(|(name, value)| Some((name.clone().into(), text(value)?.into()))).collect()
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A row as it is kept: only what can be read, under its name here. What is JSON within a text, as a field of CSV has to
/// be, is taken as what it says.
pub(super) fn settled(object: Map<String, Value>) -> Map<String, Value> {
    let mut row = Map::new();
    for (name, value) in object {
        let Some(name) = canonical(&name).filter(|_| !is_empty(&value)) else { continue };
        let inner = match &value {
            Value::String(text) if text.trim_start().starts_with(['[', '{']) => {
                serde_json::from_str(text).ok()
            }
            _ => None,
        };
        // A title may look like anything.
        let inner = inner.filter(|_| {
            matches!(
                name,
                "skus"
                    | "offers"
                    | "options"
                    | "identifiers"
                    | "images"
                    | "videos"
                    | "categories"
                    | "tags"
                    | "properties"
                    | "properties_list"
                    | "measurements"
            )
        });
        row.entry(name).or_insert(inner.unwrap_or(value));
    }
    row
}

/// The capture of row number `index` of those that were kept.
pub fn capture_of_row(row: &str, index: u64, about: &About) -> Capture {
    // What was kept has been found good.
    let row = serde_json::from_str(row).unwrap_or_default();
    capture_of(&row, about, index).unwrap_or_default()
}

/// The capture of a row that is number `index`, or all that is wrong with it.
pub(super) fn capture_of(row: &Map<String, Value>, about: &About, index: u64) -> Result<Capture, Vec<Fault>> {
    let fields = Fields::of(row);
    let title = fields.text("title");
    let images = images(&fields);
    let product = Product::of(&fields, &format!("row-{}", index + 1));
    let mut faults = Vec::new();
    if title.is_empty() {
        faults.push(Fault::Title);
    }
    if images.is_empty() {
        faults.push(Fault::Image);
    }
    faults.extend(product.fault());
    if !faults.is_empty() {
        return Err(faults);
    }
    let url = fields.text("url");
    let host = [fields.text("source_host").to_ascii_lowercase(), about.host.to_string()];
    let host = host.into_iter().find(|host| !host.is_empty());
    let color = fields.text("color");
    let options = product.options;
    Ok(Capture {
        host: host.or_else(|| written_host(&url)).unwrap_or_default(),
        country: code(&fields.text("country"), &about.country).to_ascii_uppercase(),
        language: code(&fields.text("language"), &about.language).to_ascii_lowercase(),
        url,
        title: title.into(),
        product_id: fields.text("product_id").into(),
        group_id: fields.text("group_id").into(),
        subtitle: fields.text("subtitle").into(),
        brand: fields.text("brand").into(),
        description: fields.text("description").into(),
        breadcrumbs: fields.text("breadcrumbs").into(),
        categories: fields.texts("categories"),
        color: if color.is_empty() { first_color(&options) } else { color.into() },
        gender: fields.text("gender").into(),
        age_group: fields.text("age_group").into(),
        handle: fields.text("handle").into(),
        image_url: images.first().map(|image| image.url.clone()).unwrap_or_default(),
        publication_date: fields.text("publication_date").into(),
        images,
        videos: fields.texts("videos"),
        options,
        tags: fields.texts("tags"),
        properties: fields.pairs("properties"),
        properties_list: fields.texts("properties_list"),
        measurements: fields.pairs("measurements"),
        ratings: ratings(&fields),
        is_complete: !product.is_cut,
        skus: product.skus,
        unpriced_skus: product.unpriced,
    })
}

fn first_color(options: &[Axis]) -> Text {
    let color = options.iter().find(|axis| axis.name.eq_ignore_ascii_case("color"));
    color.and_then(|axis| axis.values.first()).cloned().unwrap_or_default()
}

/// A code of two letters, or what holds for all rows.
fn code<'a>(own: &'a str, usual: &'a str) -> &'a str {
    if own.len() == 2 && own.bytes().all(|byte| byte.is_ascii_alphabetic()) { own } else { usual }
}

/// The main picture first, and none twice.
fn images(fields: &Fields<'_>) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::new();
    let mut known = HashSet::new();
    let mut add = |url: &str, sku_ids: Vec<Text>| {
        let url = url.trim();
        let is_address = ["http://", "https://"].iter().any(|scheme| {
            url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
                && url.len() > scheme.len()
        });
        if is_address && known.insert(url.to_owned()) {
            let position = u32::try_from(images.len() + 1).unwrap_or(u32::MAX);
            images.push(Image { url: url.to_owned().into(), position, sku_ids });
        }
    };
    add(&fields.text("image_url"), Vec::new());
    match fields.get("images") {
        Some(Value::Array(items)) => {
            for item in items {
                match item {
                    Value::Object(object) => {
                        let url = object.get("url").or_else(|| object.get("src")).and_then(text);
                        let skus = object.get("sku_ids").and_then(Value::as_array);
                        let skus = skus.into_iter().flatten().filter_map(text).map(Text::from).collect();
                        add(&url.unwrap_or_default(), skus);
                    }
                    other => add(&text(other).unwrap_or_default(), Vec::new()),
                }
            }
        }
        Some(_) => fields.texts("images").iter().for_each(|url| add(url, Vec::new())),
        None => {}
    }
    images
}

/// Ratings that can be: an average within its scale, which is five unless something else is said.
fn ratings(fields: &Fields<'_>) -> Option<Ratings> {
    let average: f64 = fields.text("ratings_average").parse().ok()?;
    let scale = fields.text("ratings_scale").parse().unwrap_or(5);
    let count = fields.text("ratings_count").parse().unwrap_or(0);
    (0.0..=f64::from(scale)).contains(&average).then_some(Ratings { average, count, scale })
}
