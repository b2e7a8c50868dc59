//! Where what a world begins with stands, and what must be right of all of it.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;

use super::input::Ago;
use crate::scenario::contents::MAX_EARLIER_RUNS;
use crate::scenario::language::fields::{Fields, Object};
use crate::scenario::language::list::{Item, List};
use crate::scenario::language::reader::{Mistake, Step, shortened};

/// What `id` is for.
pub(super) const ID: &str = "The id that its client knows it by; drawn unless given.";

/// The places that later mistakes point at.
pub(super) struct Place {
    /// The list it stands in, and where.
    pub(super) list: &'static str,
    pub(super) index: usize,
    /// The key of what it is about, and where that stands.
    pub(super) key: &'static str,
    pub(super) subject: Range<usize>,
    /// Empty if it is not given.
    pub(super) created: Range<usize>,
    /// Empty if it is not given.
    pub(super) id: Range<usize>,
}

impl Place {
    /// That of the map that is being read, which is about what stands under `key`. Its list is not known yet.
    pub(super) fn read(fields: &Fields<'_, '_>, key: &'static str) -> Option<Self> {
        Some(Self {
            list: "",
            index: 0,
            key,
            subject: fields.span(key)?,
            created: fields.span("created").unwrap_or_default(),
            id: fields.span("id").unwrap_or_default(),
        })
    }

    pub(super) fn path(&self, key: &str) -> Vec<Step> {
        vec![Step::key(self.list), Step::Index(self.index), Step::key(key)]
    }

    /// Reports what is wrong with what it is about.
    pub(super) fn report(&self, fields: &mut Fields<'_, '_>, mistake: Mistake) {
        fields.report_at(self.path(self.key), &self.subject, mistake);
    }
}

/// Something that a world begins with, as it is written; `I` is what its id is.
pub(super) struct Placed<T, I> {
    pub(super) value: T,
    pub(super) created: Duration,
    pub(super) id: Option<I>,
    pub(super) place: Place,
}

/// Reads a list of such things.
pub(super) fn list<T, I>(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    doc: &str,
    what: &'static str,
    read: fn(&mut Fields<'_, '_>) -> Option<Placed<T, I>>,
) -> Vec<Placed<T, I>> {
    let of = Object { what, read };
    let items = fields.optional(name, doc, &List { of, max_items: MAX_EARLIER_RUNS }).unwrap_or_default();
    let placed = |Item { value, index, .. }: Item<Placed<T, I>>| Placed {
        place: Place { list: name, index, ..value.place },
        ..value
    };
    items.into_iter().map(placed).collect()
}

/// Reads `created`.
pub(super) fn created(fields: &mut Fields<'_, '_>, doc: &str) -> Option<Duration> {
    fields.optional("created", doc, &Ago)
}

/// A world begins with so many of `what` at an API.
pub(super) fn check_number(fields: &mut Fields<'_, '_>, what: &str, number: usize) {
    if number > MAX_EARLIER_RUNS {
        let mistake =
            Mistake::new(format!("a world begins with at most {MAX_EARLIER_RUNS} {what}, not {number}"));
        fields.report_whole(mistake);
    }
}

/// No two have one id.
pub(super) fn check_ids<'a>(fields: &mut Fields<'_, '_>, all: impl Iterator<Item = (&'a str, &'a Place)>) {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for (id, place) in all {
        if let Some(first) = seen.get(id) {
            let mistake = Mistake::new(format!("the id `{}` is given twice", shortened(id)))
                .related(&first.id, "first here");
            fields.report_at(place.path("id"), &place.id, mistake);
        } else {
            seen.insert(id, place);
        }
    }
}

/// Nothing is older than time.
pub(super) fn check_start<'a>(
    fields: &mut Fields<'_, '_>,
    all: impl Iterator<Item = (Duration, &'a Place)>,
    start: Option<Timestamp>,
) {
    let Some(start) = start else { return };
    let oldest = Duration::try_from(start.duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default();
    for (_, place) in all.filter(|(created, _)| *created > oldest) {
        let mistake = Mistake::new("this would be created before 1970")
            .help("let `created` be shorter, or the `start` of the clock later");
        if place.created.is_empty() {
            place.report(fields, mistake);
        } else {
            fields.report_at(place.path("created"), &place.created, mistake);
        }
    }
}
