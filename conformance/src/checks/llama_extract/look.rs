//! What the rows of tables look for in a record.

use fixtures::samples::llama_extract::DataSchema;
use serde_json::Value;

use super::rows::Case;
use crate::history::History;
use crate::history::facts::Fault;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// What became of what an id names, by the time of a request and for the key it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was shown to this key, and not deleted since.
    There,
    /// It was deleted.
    Gone,
    /// It was shown to another key only.
    Foreign,
    /// Nobody was shown it.
    Unknown,
}

/// The members that name things.
const NAMING: [&str; 4] = ["extraction_agent_id", "file_id", "file_input", "configuration_id"];

/// The members that hold a schema, wherever they stand.
const SCHEMAS: [&str; 5] = [
    "/data_schema",
    "/data_schema_override",
    "/configuration/data_schema",
    "/parameters/data_schema",
    "/config/data_schema",
];

/// The operation's name without its API.
pub(super) fn name(seen: &Seen) -> &'static str {
    seen.operation().and_then(|id| id.strip_prefix("llama-extract.")).unwrap_or_default()
}

/// The entries of a list, whatever is around them.
pub(super) fn entries(seen: &Seen) -> &[Value] {
    let items = seen.body().as_array().or_else(|| seen.at("/items").as_array());
    items.map(Vec::as_slice).unwrap_or_default()
}

/// The text at a pointer.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The id of an entry.
pub(super) fn id(entry: &Value) -> Option<&str> {
    text(entry, "/id")
}

/// A member of a value, null where it is not there.
pub(super) fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A file is named with and without a prefix.
pub(super) fn bare(id: &str) -> &str {
    id.strip_prefix("dfl-").unwrap_or(id)
}

/// What a body says of a schema, as a value: the text of one is read.
pub(super) fn schema_of(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null => None,
        other => Some(other.clone()),
    }
}

/// Whether a schema is one that has to be taken: within the documented limits, and of the plainest keywords.
pub(super) fn is_usable(schema: &Value) -> bool {
    schema_of(schema).is_some_and(|schema| {
        schema.as_object().is_some_and(|members| !members.is_empty()) && DataSchema::read(&schema).is_ok()
    })
}

impl<'h> Case<'h> {
    /// The exchanges of an operation that say something of it: with a good key, and answered.
    pub(super) fn asked(
        &self,
        operation: &'static str,
    ) -> impl DoubleEndedIterator<Item = &'h Seen> + use<'h> {
        let history = self.history;
        history
            .judged()
            .filter(move |seen| name(seen) == operation && is_answered(seen) && !history.is_turned_away(seen))
    }

    /// The exchanges of every operation that say something of it.
    pub(super) fn all_asked(&self) -> impl DoubleEndedIterator<Item = &'h Seen> + use<'h> {
        let history = self.history;
        let known = history.judged().filter(|seen| seen.operation().is_some() && is_answered(seen));
        known.filter(move |seen| !history.is_turned_away(seen))
    }

    /// The successes of an operation.
    pub(super) fn good(
        &self,
        operation: &'static str,
    ) -> impl DoubleEndedIterator<Item = &'h Seen> + use<'h> {
        self.asked(operation).filter(|seen| seen.is_success())
    }

    /// What became of what an id names, when `seen` was asked.
    pub(super) fn fate(&self, seen: &Seen, id: &str) -> Fate {
        let id = bare(id);
        let before = || self.history.all().iter().take_while(|earlier| earlier.id() < seen.id());
        let own = |earlier: &&Seen| earlier.credential() == seen.credential();
        let gone = |earlier: &Seen| {
            let request = earlier.exchange().request();
            request.method == "DELETE" && earlier.is_success() && request.path().contains(id)
        };
        let prefixed = format!("dfl-{id}");
        let shows =
            |earlier: &Seen| earlier.has_good_key() && (earlier.shows_id(id) || earlier.shows_id(&prefixed));
        if before().filter(own).any(gone) {
            Fate::Gone
        } else if before().filter(own).any(shows) {
            Fate::There
        } else if before().any(shows) {
            Fate::Foreign
        } else {
            Fate::Unknown
        }
    }

    /// The ids that a request names, in its path, its body or its form.
    pub(super) fn named(&self, seen: &'h Seen) -> Vec<&'h str> {
        let in_path = !name(seen).starts_with("extraction-agents-by-name");
        let mut ids: Vec<&str> = seen.subject().filter(|_| in_path).into_iter().collect();
        for member in NAMING {
            ids.extend(seen.request().get(member).and_then(Value::as_str));
            ids.extend(seen.field(member));
        }
        let list = seen.request().get("file_ids").and_then(Value::as_array);
        ids.extend(list.into_iter().flatten().filter_map(Value::as_str));
        ids.extend(seen.query("extraction_agent_id"));
        ids
    }

    /// Whether a request is one that has to be let through: it fits its contract, names what is there, and has a schema
    /// that can be used, if it has one.
    pub(super) fn is_sound(&self, seen: &'h Seen) -> bool {
        self.fits(seen) && self.named(seen).iter().all(|id| self.fate(seen, id) == Fate::There)
    }

    /// Whether a request fits its contract and has a schema that can be used, if it has one.
    pub(super) fn fits(&self, seen: &Seen) -> bool {
        seen.asked_wrong().is_empty()
            && !is_malformed(seen)
            && !lacks_body(self.history, seen)
            && seen.found_once(has_usable_schemas)
    }

    /// Expects a status of every sound request to an operation.
    pub(super) fn accepts(&self, tally: &mut Tally, operation: &'static str, status: u16) {
        self.accepts_if(tally, operation, status, |_| true);
    }

    /// The same of those of which something else holds.
    pub(super) fn accepts_if(
        &self,
        tally: &mut Tally,
        operation: &'static str,
        status: u16,
        counts: impl Fn(&Seen) -> bool,
    ) {
        let sound = self.asked(operation).filter(|seen| self.is_sound(seen) && counts(seen));
        expect(tally, sound, "other-status", &[status]);
    }

    /// Expects 404 of requests to an operation that name something that is not there.
    pub(super) fn misses(&self, tally: &mut Tally, operation: &'static str) {
        let probes = self.asked(operation).filter(|seen| {
            let is_lost = |id: &&str| matches!(self.fate(seen, id), Fate::Unknown | Fate::Gone);
            self.fits(seen) && self.named(seen).iter().any(is_lost)
        });
        expect(tally, probes, "not-404", &[404]);
    }

    /// Expects 422 of requests that break the schema that this clause stands in.
    pub(super) fn refuses(&self, tally: &mut Tally) {
        let id = self.clause.id.as_str();
        let wrong = |fault: &Fault| fault.clauses.contains(&id);
        self.refuses_if(tally, |seen| seen.asked_wrong().iter().any(wrong));
    }

    /// Expects 422 of all requests of which something holds.
    pub(super) fn refuses_if(&self, tally: &mut Tally, counts: impl Fn(&Seen) -> bool) {
        expect(tally, self.all_asked().filter(|seen| counts(seen)), "not-422", &[422]);
    }

    /// Expects requests to an operation of which something holds to be refused, with whatever status.
    pub(super) fn turns_away(
        &self,
        tally: &mut Tally,
        operation: &'static str,
        counts: impl Fn(&Seen) -> bool,
    ) {
        for seen in self.asked(operation).filter(|seen| counts(seen)) {
            declined(tally, seen);
        }
    }

    /// Holds every answer that meets the schema that this clause stands in against it.
    pub(super) fn shown(&self, tally: &mut Tally) {
        let id = self.clause.id.as_str();
        for seen in self.history.judged() {
            let wrong = seen.shown_wrong().iter().find(|fault| fault.clauses.contains(&id));
            if seen.meets(id) || wrong.is_some() {
                tally.saw(seen);
            }
            if let Some(Fault { violation, .. }) = wrong {
                tally
                    .broke(seen, "shape", violation.expected.clone(), observed(&violation.value))
                    .at(violation.pointer.clone())
                    .schema(violation.schema_pointer.clone());
            }
        }
    }

    /// Holds two values against each other, of which the second should be as the first is.
    pub(super) fn same(
        &self,
        tally: &mut Tally,
        (before, expected): (&Seen, &Value),
        (seen, pointer): (&Seen, &str),
    ) {
        tally.saw(seen);
        let shown = seen.at(pointer);
        if shown != expected {
            tally.broke(seen, "differs", expected.to_string(), shown.to_string()).at(pointer).after(before);
        }
    }

    /// The last success of one of these operations about a thing, before an exchange.
    pub(super) fn last_of(&self, seen: &Seen, operations: &[&str], id: &str) -> Option<&'h Seen> {
        let earlier = self.history.judged().take_while(|earlier| earlier.id() < seen.id());
        earlier
            .filter(|it| it.is_success() && it.credential() == seen.credential())
            .filter(|it| operations.contains(&name(it)) && it.own_id().map(bare) == Some(bare(id)))
            .last()
    }
}

/// Whether a request says something of its operation: it has a good key, and the server did not fail.
fn is_answered(seen: &Seen) -> bool {
    seen.has_good_key() && !seen.is_server_failure()
}

/// Whether the schemas of a request can be used, and the texts of a form that should be JSON are.
fn has_usable_schemas(seen: &Seen) -> bool {
    let schemas = SCHEMAS.iter().filter_map(|at| seen.request().pointer(at));
    let said = seen.field("data_schema_override").map(Value::from);
    let overridden = seen.field("config_override").filter(|text| !text.is_empty());
    schemas.filter(|schema| !schema.is_null()).all(is_usable)
        && said.is_none_or(|said| said == "" || is_usable(&said))
        && overridden.is_none_or(|text| serde_json::from_str::<Value>(text).is_ok())
}

/// Whether an operation that takes JSON was asked without any.
fn lacks_body(history: &History, seen: &Seen) -> bool {
    let operation = seen.operation().and_then(|id| history.contract.operation(id));
    let takes = operation.is_some_and(|it| it.request_schema().is_some());
    takes && seen.exchange().request().body.is_empty()
}

/// Whether a body that should be JSON is none.
pub(super) fn is_malformed(seen: &Seen) -> bool {
    let media = seen.exchange().request().header("content-type").unwrap_or_default();
    seen.is_malformed() && media == "application/json"
}

fn observed(value: &str) -> String {
    if value.is_empty() { "nothing".into() } else { value.to_owned() }
}

/// Notes whether something holds of an exchange.
pub(super) fn hold(
    tally: &mut Tally,
    seen: &Seen,
    holds: bool,
    reason: &'static str,
    expected: &str,
    got: &str,
) {
    tally.saw(seen);
    if !holds {
        tally.broke(seen, reason, expected, got);
    }
}

/// Expects a request to be refused, with whatever status.
pub(super) fn declined(tally: &mut Tally, seen: &Seen) {
    hold(tally, seen, seen.is_refusal(), "accepted", "a status between 400 and 499", &seen.status_text());
}

/// Expects a status of every probe.
pub(super) fn expect<'a>(
    tally: &mut Tally,
    probes: impl Iterator<Item = &'a Seen>,
    reason: &'static str,
    good: &[u16],
) {
    for seen in probes {
        if !good.contains(&403) && !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if !seen.status().is_some_and(|status| good.contains(&status)) {
            let words: Vec<_> = good.iter().map(u16::to_string).collect();
            tally.broke(seen, reason, words.join(" or "), seen.status_text());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::record::Record;
    use crate::verdict::Verdict;

    const AGENT: &str = "5f0c3b1e-7d42-4a86-9c1b-2f6e8d07a314";
    const AGENTS: &str = "/api/v1/extraction/extraction-agents";

    fn schema() -> Value {
        json!({ "type": "object", "properties": { "b": {} } })
    }

    fn agent() -> Value {
        json!({ "id": AGENT, "name": "a", "project_id": AGENT, "data_schema": schema(), "config": {} })
    }

    /// A record in which an agent is made, another key looks at it, and it is deleted and looked at again.
    fn deleted() -> Record {
        let body = json!({ "name": "a", "data_schema": schema(), "config": {} });
        let look = format!("GET {AGENTS}/{AGENT}");
        Record::of("llama-extract/v1")
            .answered(&look, "", 404, &json!({ "detail": "No." }))
            .answered(&format!("POST {AGENTS}"), &body.to_string(), 200, &agent())
            .answered(&look, "", 200, &agent())
            .answered_to("$KEY_B", &look, 404, &json!({ "detail": "No." }))
            .answered(&format!("DELETE {AGENTS}/{AGENT}"), "", 200, &json!({}))
            .answered(&look, "", 404, &json!({ "detail": "No." }))
    }

    #[test]
    fn what_becomes_of_an_id_is_told_by_what_was_shown_and_deleted_before() {
        let record = deleted();
        let history = record.history();
        let clause = history.clause("llama-extract.v1.extraction-agents.get.ok").expect("it is one");
        let case = Case { history, clause };
        let fates: Vec<Fate> = history.all().iter().map(|seen| case.fate(seen, AGENT)).collect();
        assert_eq!(
            fates,
            [Fate::Unknown, Fate::Unknown, Fate::There, Fate::Foreign, Fate::There, Fate::Gone]
        );
        let looks: Vec<u64> =
            case.asked("extraction-agents.get").filter(|it| case.is_sound(it)).map(Seen::id).collect();
        assert_eq!(looks, [3], "the others ask for what is not theirs, or not there");
    }

    #[test]
    fn a_table_passes_only_if_every_row_had_its_occasion() {
        let (verdict, reasons) = deleted().judged("llama.agents");
        assert!(reasons.is_empty(), "{reasons:?}");
        match verdict {
            Verdict::Blocked(why) => assert!(why.contains("extraction-agents.update.ok"), "{why}"),
            other => panic!("nobody changed an agent, and yet: {other:?}"),
        }
        let unseen = Record::of("llama-extract/v1").judged("llama.agents").0;
        assert!(matches!(unseen, Verdict::Unobserved(_)), "{unseen:?}");
    }

    #[test]
    fn a_breach_outweighs_rows_without_an_occasion() {
        let look = format!("GET {AGENTS}/{AGENT}");
        let (verdict, reasons) = deleted().answered(&look, "", 200, &agent()).judged("llama.agents");
        assert_eq!((verdict, reasons), (Verdict::Fail, vec!["still-there"]));
    }
}
