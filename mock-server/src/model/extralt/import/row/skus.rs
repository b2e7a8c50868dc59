//! What can be bought of a row: a list of SKUs, or the one that its columns describe.

use std::collections::HashSet;

use fixtures::samples::extralt::{Amount, Availability, Axis, Offer, Price, Sku, Text, UnpricedSku};
use serde_json::Value;

use super::{Fault, Fields, OPTIONS_MAX};

/// The most SKUs that are read of one product.
const SKUS_MAX: usize = 1_000;

/// The SKUs of a row.
#[derive(Debug, Default)]
pub(super) struct Product {
    pub(super) skus: Vec<Sku>,
    pub(super) unpriced: Vec<UnpricedSku>,
    pub(super) options: Vec<Axis>,
    /// Whether there are more SKUs than are read.
    pub(super) is_cut: bool,
    /// Whether there are SKUs at all, and among them one with a price and one with a currency.
    is_structured: bool,
    has_price: bool,
    has_currency: bool,
}

/// What is said of a price, with what holds for the product where an SKU says nothing.
#[derive(Debug, Clone, Default)]
struct Said {
    price: String,
    compare_at: String,
    currency: String,
}

impl Product {
    /// The SKUs of a row; one without a number is called as the product is, or else `unnamed`.
    pub(super) fn of(fields: &Fields<'_>, unnamed: &str) -> Self {
        let mut product = Self::default();
        let mut known = HashSet::new();
        let usual = said(fields, &Said::default());
        let own = [fields.text("product_id"), fields.text("handle"), unnamed.to_owned()];
        let own = own.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        match fields.get("skus") {
            Some(Value::Array(items)) => {
                product.is_cut = items.len() > SKUS_MAX;
                let objects = items.iter().take(SKUS_MAX).filter_map(Value::as_object);
                for (at, object) in objects.enumerate() {
                    let fields = Fields::of(object);
                    product.add(&fields, &usual, format!("{own}-{}", at + 1), &mut known);
                }
            }
            _ if ["sku", "price", "currency", "offers"].iter().any(|name| fields.get(name).is_some()) => {
                product.add(fields, &usual, own, &mut known);
            }
            _ => {}
        }
        product
    }

    /// What keeps it from being usable.
    pub(super) fn fault(&self) -> Option<Fault> {
        match () {
            () if !self.is_structured => Some(Fault::Skus),
            () if !self.has_price => Some(Fault::Price),
            // One has a price and another a currency.
            () if !self.has_currency || self.skus.is_empty() => Some(Fault::Currency),
            () => None,
        }
    }

    fn add(&mut self, fields: &Fields<'_>, usual: &Said, unnamed: String, known: &mut HashSet<String>) {
        let identifiers = fields.get("identifiers").and_then(Value::as_object).map(Fields::of);
        let named = |name: &str| match (fields.text(name), &identifiers) {
            (own, Some(others)) if own.is_empty() => others.text(name),
            (own, _) => own,
        };
        self.is_structured = true;
        let number = Some(named("sku")).filter(|number| !number.is_empty()).unwrap_or(unnamed);
        // A second of the same number cannot be told from the first.
        if !known.insert(number.clone()) {
            return;
        }
        let offers = self.offers(fields, usual);
        let options = self.choose(fields);
        if offers.is_empty() {
            self.unpriced.push(UnpricedSku { sku: number.into(), options });
            return;
        }
        self.skus.push(Sku {
            sku: number.into(),
            options,
            gtin: named("gtin").into(),
            mpn: named("mpn").into(),
            upc: named("upc").into(),
            // Those of a row are its product's.
            properties: if fields.get("title").is_some() { Vec::new() } else { fields.pairs("properties") },
            offers,
            is_complete: true,
        });
    }

    fn offers(&mut self, fields: &Fields<'_>, usual: &Said) -> Vec<Offer> {
        let said_here = said(fields, usual);
        match fields.get("offers") {
            Some(Value::Array(items)) => {
                let objects = items.iter().filter_map(Value::as_object);
                objects.filter_map(|object| self.offer(&Fields::of(object), &said_here)).collect()
            }
            _ => self.offer(fields, usual).into_iter().collect(),
        }
    }

    fn offer(&mut self, fields: &Fields<'_>, usual: &Said) -> Option<Offer> {
        let Said { price, compare_at, currency } = said(fields, usual);
        let currency = currency.to_ascii_uppercase();
        let is_currency = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
        let positive = |text: &str| Amount::parse(text, &currency).filter(|amount| amount.minor > 0);
        let amount = positive(&price);
        self.has_price |= amount.is_some();
        self.has_currency |= is_currency;
        let amount = amount.filter(|_| is_currency)?;
        let compare_at = positive(&compare_at).filter(|before| *before > amount);
        Some(Offer {
            price: Price { amount, compare_at, currency: currency.into() },
            availability: availability(fields),
            condition: fields.text("condition").into(),
            seller: fields.text("seller").into(),
            seller_type: fields.text("seller_type").into(),
        })
    }

    /// The value for each option, in the order of those that are known; a new one is added to them while there is room.
    fn choose(&mut self, fields: &Fields<'_>) -> Vec<Text> {
        let mut chosen: Vec<(Text, Text)> = fields.pairs("options");
        for (name, column) in [("Color", "color"), ("Size", "size")] {
            let value = fields.text(column);
            let is_named = chosen.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
            if !value.is_empty() && !is_named {
                chosen.push((name.into(), value.into()));
            }
        }
        let mut values = vec![Text::default(); self.options.len()];
        for (name, value) in chosen {
            let place = self.options.iter().position(|axis| axis.name == name);
            let place = match place {
                Some(place) => place,
                None if self.options.len() < OPTIONS_MAX => {
                    self.options.push(Axis { name, values: Vec::new() });
                    values.push(Text::default());
                    self.options.len() - 1
                }
                None => continue,
            };
            let axis = &mut self.options[place];
            if !axis.values.contains(&value) {
                axis.values.push(value.clone());
            }
            values[place] = value;
        }
        values
    }
}

/// The price that stands in these members, or in an object that is called so, as captures have it.
fn said(fields: &Fields<'_>, usual: &Said) -> Said {
    let object = fields.get("price").and_then(Value::as_object).map(Fields::of);
    let named = |name: &str, usual: &str| {
        let inner = object.as_ref().map(|object| object.text(name)).unwrap_or_default();
        [inner, fields.text(name)].into_iter().find(|text| !text.is_empty()).unwrap_or(usual.to_owned())
    };
    // A price of its own is not compared with what the product cost before.
    let compare_at = if fields.get("price").is_some() { "" } else { &usual.compare_at };
    Said {
        price: named("price", &usual.price),
        compare_at: named("compare_at_price", compare_at),
        currency: named("currency", &usual.currency),
    }
}

/// Whether something can be had, by the words that files have for it; other words are kept as they are.
fn availability(fields: &Fields<'_>) -> Availability {
    let inner = fields.get("availability").and_then(Value::as_object).map(Fields::of);
    let fields = inner.as_ref().unwrap_or(fields);
    let said = fields.text("availability");
    let word = said.rsplit('/').next().unwrap_or_default();
    let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
    let (known, status) = match plain.to_ascii_lowercase().as_str() {
        "instock" | "available" | "true" | "yes" => (Some(true), "InStock"),
        "outofstock" | "soldout" | "unavailable" | "false" | "no" => (Some(false), "OutOfStock"),
        "preorder" => (None, "PreOrder"),
        "backorder" => (None, "BackOrder"),
        _ => (None, said.as_str()),
    };
    let in_stock = match fields.text("in_stock").to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => known,
    };
    Availability { in_stock, quantity: fields.text("quantity").into(), status: status.to_owned().into() }
}
