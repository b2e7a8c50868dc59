//! `account` and `accounts`: what keys may do, and which are welcome.

pub(super) mod limit;

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::Shape;
use super::fields::{Fields, Object};
use super::list::{Item, List};
use super::quantity::Count;
use super::reader::{Mistake, Reader, Step, shortened};
use super::text::{Choice, Flag, LINE, plain_text};
use crate::scenario::account::{
    Account, CatalogAccount, DeclaredAccount, ExtraltAccount, LlamaExtractAccount, MAX_ACCOUNTS,
    MAX_KEY_BYTES, Plan, REFUSED_PREFIXES,
};
use crate::scenario::node::{Content, Node};

/// `account`, the template.
pub(super) fn template(fields: &mut Fields<'_, '_>) -> Option<Account> {
    Some(apis(fields, &Account::default()))
}

/// `accounts`. What an account leaves open is as in the template.
pub(super) fn accounts(fields: &mut Fields<'_, '_>, template: &Account) -> Vec<DeclaredAccount> {
    let account =
        Object { what: "an account", read: |fields: &mut Fields<'_, '_>| declared(fields, template) };
    let doc = "The keys that are welcome, each with its own settings; without any, every key is welcome.";
    let before = fields.mistakes();
    let placed =
        fields.optional("accounts", doc, &List { of: account, max_items: MAX_ACCOUNTS }).unwrap_or_default();
    check_keys(fields, &placed);
    // A setting that could not be read is as in the template, and so looks different from what was meant.
    if fields.mistakes() == before {
        check_organizations(fields, &placed);
    }
    placed.into_iter().map(|item| item.value.account).collect()
}

/// An account, with the places that later mistakes point at.
struct Placed {
    account: DeclaredAccount,
    key: Range<usize>,
    organization: Range<usize>,
}

fn declared(fields: &mut Fields<'_, '_>, template: &Account) -> Option<Placed> {
    let key = fields.required("key", "The key that a client sends.", &Key);
    let organization = fields.optional("organization", "Keys of one organization share a world.", &LINE);
    let account = apis(fields, template);
    Some(Placed {
        account: DeclaredAccount { key: key?, organization, account },
        key: fields.span("key")?,
        organization: fields.span("organization").unwrap_or_default(),
    })
}

fn apis(fields: &mut Fields<'_, '_>, base: &Account) -> Account {
    let apis = Object {
        what: "`apis`",
        read: |fields: &mut Fields<'_, '_>| {
            let catalog = Object {
                what: "a Catalog account",
                read: |fields: &mut Fields<'_, '_>| Some(catalog(fields, &base.catalog)),
            };
            let catalog = fields.optional("catalog", "The settings at Catalog.", &catalog);
            let extralt = Object {
                what: "an Extralt account",
                read: |fields: &mut Fields<'_, '_>| Some(extralt(fields, &base.extralt)),
            };
            let extralt = fields.optional("extralt", "The settings at Extralt.", &extralt);
            let llama_extract = Object {
                what: "a LlamaExtract account",
                read: |fields: &mut Fields<'_, '_>| Some(llama_extract(fields, &base.llama_extract)),
            };
            let llama_extract =
                fields.optional("llama-extract", "The settings at LlamaExtract.", &llama_extract);
            Some(Account {
                catalog: catalog.unwrap_or_else(|| base.catalog.clone()),
                extralt: extralt.unwrap_or_else(|| base.extralt.clone()),
                llama_extract: llama_extract.unwrap_or_else(|| base.llama_extract.clone()),
            })
        },
    };
    fields.optional("apis", "The settings, by API.", &apis).unwrap_or_else(|| base.clone())
}

fn catalog(fields: &mut Fields<'_, '_>, base: &CatalogAccount) -> CatalogAccount {
    let credits = fields.optional("credits", CREDITS, &Credits);
    let auto_top_up =
        fields.optional("auto-top-up", "Whether automatic top-up is enabled, which a crawl requires.", &Flag);
    let rate_limit = fields.optional("rate-limit", RATE_LIMIT, &limit::CATALOG);
    CatalogAccount {
        rate_limit: rate_limit.unwrap_or(base.rate_limit),
        credits: credits.unwrap_or(base.credits),
        auto_top_up: auto_top_up.unwrap_or(base.auto_top_up),
    }
}

fn extralt(fields: &mut Fields<'_, '_>, base: &ExtraltAccount) -> ExtraltAccount {
    let doc = "What it has subscribed to: with `start` one run works at a time; `scale` unless given.";
    let plan = Choice { what: "a plan", all: Plan::ALL, name: Plan::name, later: &[] };
    let plan = fields.optional("plan", doc, &plan);
    let credits = fields.optional("credits", CREDITS, &Credits);
    let rate_limit = fields.optional("rate-limit", RATE_LIMIT, &limit::EXTRALT);
    ExtraltAccount {
        plan: plan.unwrap_or(base.plan),
        credits: credits.unwrap_or(base.credits),
        rate_limit: rate_limit.unwrap_or(base.rate_limit),
    }
}

fn llama_extract(fields: &mut Fields<'_, '_>, base: &LlamaExtractAccount) -> LlamaExtractAccount {
    let rate_limit = fields.optional("rate-limit", RATE_LIMIT, &limit::LLAMA_EXTRACT);
    LlamaExtractAccount { rate_limit: rate_limit.unwrap_or(base.rate_limit) }
}

const CREDITS: &str = "The credits to begin with, or `unlimited`.";
const RATE_LIMIT: &str = "How many requests it may make; `off` unless given.";

/// A number of credits, or `unlimited`, which is `None`.
struct Credits;

impl Credits {
    const COUNT: Count = Count { min: 0, max: 1_000_000_000_000 };
}

impl Shape for Credits {
    type Value = Option<u64>;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Option<u64>> {
        match &node.content {
            Content::Text(text) if text == "unlimited" => Some(None),
            Content::Int(_) => Self::COUNT.read(node, reader).map(Some),
            _ => {
                let help = "write a whole number, or `unlimited`".to_owned();
                reader.mismatch(node, "a number of credits", Some(help));
                None
            }
        }
    }

    fn schema(&self) -> Value {
        json!({ "anyOf": [Self::COUNT.schema(), { "const": "unlimited" }] })
    }
}

/// A key that can be welcome.
struct Key;

impl Shape for Key {
    type Value = String;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let key = plain_text(node, "a key", reader)?;
        let mistake = if key.is_empty() || key.len() > MAX_KEY_BYTES {
            Mistake::new(format!("a key has 1 to {MAX_KEY_BYTES} bytes, and this one has {}", key.len()))
        } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            Mistake::new("a key is printable ASCII without spaces")
        } else if let Some(prefix) = REFUSED_PREFIXES.iter().find(|prefix| key.starts_with(**prefix)) {
            Mistake::new(format!("a key that begins with `{prefix}` is always refused")).help(
                "such keys are for trying a client's handling of refusals; call this one something else",
            )
        } else {
            return Some(key.to_owned());
        };
        reader.report(&node.span, mistake);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": format!("^[!-~]{{1,{MAX_KEY_BYTES}}}$") })
    }
}

fn check_keys(fields: &mut Fields<'_, '_>, accounts: &[Item<Placed>]) {
    let mut seen: HashMap<&str, &Placed> = HashMap::new();
    for Item { value: placed, index, .. } in accounts {
        let key = placed.account.key.as_str();
        if let Some(first) = seen.get(key) {
            let mistake = Mistake::new(format!("the key `{}` is declared twice", shortened(key)))
                .related(&first.key, "first here");
            fields.report_at(path(*index, "key"), &placed.key, mistake);
        } else {
            seen.insert(key, placed);
        }
    }
}

/// Keys of one organization share a world, so they cannot differ in its settings; and a key without an organization
/// has a world that is called like the key.
fn check_organizations(fields: &mut Fields<'_, '_>, accounts: &[Item<Placed>]) {
    let mut first_of: HashMap<&str, &Placed> = HashMap::new();
    for Item { value: placed, index, .. } in accounts {
        let Some(organization) = placed.account.organization.as_deref() else { continue };
        let first = *first_of.entry(organization).or_insert(placed);
        if first.account.account != placed.account.account {
            let mistake = Mistake::new(format!(
                "the accounts of `{}` have different settings",
                shortened(organization)
            ))
            .expected("shares a world with the other")
            .help("give both the same `apis`")
            .related(&first.organization, "the first account of this organization");
            fields.report_at(path(*index, "organization"), &placed.organization, mistake);
        }
    }
    let alone = accounts.iter().filter(|item| item.value.account.organization.is_none());
    for Item { value: placed, index, .. } in alone {
        if let Some(first) = first_of.get(placed.account.key.as_str()) {
            let mistake =
                Mistake::new("this key is called like an organization, and their worlds would be one")
                    .help("rename either, or put the key into the organization")
                    .related(&first.organization, "the organization");
            fields.report_at(path(*index, "key"), &placed.key, mistake);
        }
    }
}

fn path(index: usize, key: &str) -> Vec<Step> {
    vec![Step::key("accounts"), Step::Index(index), Step::key(key)]
}
