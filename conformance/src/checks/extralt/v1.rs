//! What v1 has beside runs: webhooks and imports.

use serde_json::Value;

use super::super::{Check, Cost};
use super::{asked, expect, expect_refusal, good, jobs, must, needs_acceptance, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "webhook.shape",
        "A webhook shows the members it is documented with",
        Cost::Write,
        &["extralt.v1.webhooks.members", "extralt.v1.webhooks.create.event-types"],
        "an answer that shows a webhook",
        |history| {
            super::shapes::fits(
                history,
                &["extralt.webhooks.create", "extralt.webhooks.get", "extralt.webhooks.list"],
            )
        },
    ),
    must(
        "webhook.secret-once",
        "The secret is in the answer to the create, and in no other",
        Cost::Write,
        &["extralt.v1.webhooks.secret-once", "extralt.v1.webhooks.create.secret"],
        "an accepted webhook",
        secret,
    ),
    must(
        "webhook.url",
        "A webhook without an address, or with one that is not public and https, is refused",
        Cost::Write,
        &[
            "extralt.v1.webhooks.create.url-required",
            "extralt.v1.webhooks.create.https-only",
            "extralt.v1.webhooks.create.public-only",
        ],
        "a webhook with an address that cannot be",
        url,
    ),
    must(
        "webhook.every-event",
        "A webhook that names no events shows null for them",
        Cost::Write,
        &["extralt.v1.webhooks.create.every-event"],
        "an accepted webhook that names no events",
        every_event,
    ),
    must(
        "webhook.list",
        "The list shows all webhooks, without pages",
        Cost::Write,
        &["extralt.v1.webhooks.list.whole"],
        "a list after a webhook was made",
        list,
    ),
    must(
        "webhook.deleted",
        "A webhook that was deleted is not found and not listed any more",
        Cost::Write,
        &["extralt.v1.webhooks.delete.gone"],
        "a webhook that was deleted",
        deleted,
    ),
    must(
        "webhook.test",
        "A test is answered with the id of its event",
        Cost::Write,
        &["extralt.v1.webhooks.test.event-id"],
        "a test of a webhook",
        test,
    ),
    must(
        "import.shape",
        "An import shows the members it is documented with",
        Cost::Job,
        &["extralt.v1.imports.members"],
        "an answer that shows an import",
        |history| super::shapes::fits(history, &["extralt.imports.create", "extralt.imports.get"]),
    ),
    must(
        "import.formats",
        "A file of CSV, JSON or JSON lines can be imported, as it is",
        Cost::Job,
        &["extralt.v1.imports.create.raw-file", "extralt.v1.imports.create.formats"],
        "an import",
        formats,
    ),
    should(
        "import.unsupported-415",
        "A file of another kind is answered with 415",
        Cost::Write,
        &["extralt.v1.imports.create.unsupported-415"],
        "an import of a picture",
        unsupported,
    ),
    must(
        "import.finished",
        "An import is finished exactly when it is over",
        Cost::Job,
        &["extralt.v1.imports.finished-iff-terminal"],
        "a read of an import",
        |history| super::ends::finished(history, "import"),
    ),
    must(
        "import.validation",
        "A file in which nothing could be used ends as validation_failed",
        Cost::Job,
        &["extralt.v1.imports.validation"],
        "an import of such a file that is over",
        validation,
    ),
    must(
        "import.captures",
        "What was taken from a file is there as captures",
        Cost::Job,
        &["extralt.v1.imports.captures"],
        "a count of the captures of an import that has completed",
        captures,
    ),
];

fn secret(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in good(history, "extralt.webhooks.create") {
        tally.saw(seen);
        if !seen.text("/secret").is_some_and(|secret| secret.starts_with("whsec_")) {
            tally.broke(
                seen,
                "no-secret",
                "a secret that begins with whsec_",
                seen.at("/secret").to_string(),
            );
        }
    }
    for seen in ["extralt.webhooks.get", "extralt.webhooks.list"].into_iter().flat_map(|it| good(history, it))
    {
        let items = std::iter::once(seen.body()).chain(seen.items());
        if items.into_iter().any(|it| it.get("secret").is_some()) {
            tally.broke(seen, "told-again", "no secret", "a secret");
        }
    }
    tally
}

/// Whether an address is https and of a host that everybody can reach. No pattern of the contract says so: a server for
/// tests may take addresses of its own machine, which are not asked for.
fn is_public(url: &str) -> bool {
    let Ok(url) = url.parse::<http::Uri>() else { return false };
    let host = url.host().unwrap_or_default();
    let is_ip = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let is_local = !host.contains('.') || host.ends_with(".local") || host.ends_with(".localhost");
    url.scheme_str() == Some("https") && !is_ip && !is_local
}

fn url(history: &History) -> Tally {
    let mut tally = Tally::default();
    let bad = asked(history, "extralt.webhooks.create")
        .filter(|seen| !seen.request().get("url").and_then(Value::as_str).is_some_and(is_public));
    expect_refusal(&mut tally, bad, "accepted");
    needs_acceptance(history, &mut tally, "extralt.webhooks.create");
    tally
}

fn every_event(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in
        good(history, "extralt.webhooks.create").filter(|it| it.request().get("event_types").is_none())
    {
        tally.saw(seen);
        if !seen.at("/event_types").is_null() {
            tally.broke(seen, "some", "null", seen.at("/event_types").to_string()).at("/event_types");
        }
    }
    tally
}

fn list(history: &History) -> Tally {
    let mut tally = Tally::default();
    for create in good(history, "extralt.webhooks.create") {
        let Some(id) = create.own_id() else { continue };
        let own =
            good(history, "extralt.webhooks.list").filter(|list| list.credential() == create.credential());
        let Some(list) = own.into_iter().find(|list| list.id() > create.id()) else { continue };
        tally.saw(list);
        if list.item(id).is_none() {
            tally.broke(list, "not-listed", id, "a list without it").after(create);
        }
    }
    tally
}

fn deleted(history: &History) -> Tally {
    let mut tally = Tally::default();
    super::schedules::gone(history, &mut tally, "extralt.webhooks");
    tally
}

fn test(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in good(history, "extralt.webhooks.test") {
        tally.saw(seen);
        if seen.text("/event_id").is_none_or(str::is_empty) {
            tally.broke(seen, "no-event", "the id of an event", seen.body().to_string()).at("/event_id");
        }
    }
    tally
}

/// What an import was asked with.
fn media(seen: &Seen) -> &str {
    seen.exchange().request().header("content-type").unwrap_or_default()
}

fn formats(history: &History) -> Tally {
    let mut tally = Tally::default();
    let known = ["text/csv", "application/json", "application/x-ndjson"];
    let fair = asked(history, "extralt.imports.create").filter(|seen| known.contains(&media(seen)));
    expect(&mut tally, fair, "refused", &[202]);
    tally
}

fn unsupported(history: &History) -> Tally {
    let mut tally = Tally::default();
    let pictures = asked(history, "extralt.imports.create").filter(|seen| media(seen).starts_with("image/"));
    expect(&mut tally, pictures, "not-415", &[415]);
    needs_acceptance(history, &mut tally, "extralt.imports.create");
    tally
}

fn validation(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "import") {
        let create = history.create(job);
        let useless = create.exchange().request().body.text().is_some_and(|text| text.starts_with("colour"));
        let Some(read) = super::end(history, job).filter(|_| useless) else { continue };
        tally.saw(read);
        if read.state() != Some("validation_failed") {
            let observed = read.state().unwrap_or("none");
            tally.broke(read, "taken", "validation_failed", observed).at("/status").after(create);
        }
    }
    tally
}

fn captures(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "import") {
        let Some(read) = super::end(history, job).filter(|read| read.state() == Some("completed")) else {
            continue;
        };
        let expected = read.at("/success_count");
        let of_import = |seen: &&Seen| seen.query("import_id") == Some(&job.id);
        if let Some(count) = good(history, "extralt.captures.count").find(of_import) {
            tally.saw(count);
            if count.at("/count") != expected {
                let observed = count.at("/count").to_string();
                tally.broke(count, "differs", expected.to_string(), observed).at("/count").after(read);
            }
        }
        let mut lists = good(history, "extralt.captures.list").filter(of_import);
        let whole = |list: &&Seen| list.query("cursor").is_none() && list.at("/next_cursor").is_null();
        if let Some(list) = lists.find(whole) {
            tally.saw(list);
            if *expected != list.items().len() {
                let observed = format!("{} in the list", list.items().len());
                tally.broke(list, "differs", expected.to_string(), observed).at("/data").after(read);
            }
        }
    }
    tally
}
