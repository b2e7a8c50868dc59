use serde_json::{Value, json};

use crate::checks::record::Record;
use crate::verdict::Verdict;

const ONE: &str = "/v1/extract/schedules/sched1";

fn shown(enabled: bool, reason: &Value) -> Value {
    json!({"id": "sched1", "enabled": enabled, "pause_reason": reason, "name": "Daily", "budget": 2})
}

fn asked(record: Record, call: &str) -> Record {
    record.answered(&format!("POST {ONE}/{call}"), "", 200, &json!({"id": "sched1"}))
}

fn read(record: Record, shown: &Value) -> Record {
    record.answered(&format!("GET {ONE}"), "", 200, shown)
}

#[test]
fn a_read_after_a_later_change_says_nothing_of_the_call_before() {
    let record = asked(asked(Record::of("extralt/v1"), "pause"), "resume");
    let record = read(record, &shown(true, &Value::Null));
    assert_eq!(record.judged("schedule.resumed").0, Verdict::Pass);
    assert!(!record.judged("schedule.paused").0.is_exercised());

    let record = asked(asked(Record::of("extralt/v1"), "resume"), "pause");
    let record = read(record, &shown(false, &json!("user")));
    assert_eq!(record.judged("schedule.paused").0, Verdict::Pass);
    assert!(!record.judged("schedule.resumed").0.is_exercised());
}

#[test]
fn what_was_paused_between_two_reads_was_not_changed_by_the_change_after() {
    let record = read(Record::of("extralt/v1"), &shown(true, &Value::Null));
    let record = asked(record, "pause");
    let change = json!({"name": "Weekly"});
    let record = record.answered(&format!("PATCH {ONE}"), &change.to_string(), 200, &json!({"id": "sched1"}));
    let mut after = shown(false, &json!("user"));
    after["name"] = json!("Weekly");
    let record = read(record, &after);
    assert!(!record.judged("schedule.update-kept").0.is_exercised());
}

#[test]
fn a_read_right_after_the_call_is_judged() {
    let record = read(asked(Record::of("extralt/v1"), "pause"), &shown(true, &Value::Null));
    assert_eq!(record.judged("schedule.paused").1, ["enabled"]);
    let record = read(asked(Record::of("extralt/v1"), "resume"), &shown(false, &json!("user")));
    assert_eq!(record.judged("schedule.resumed").1, ["still-paused"]);
}
