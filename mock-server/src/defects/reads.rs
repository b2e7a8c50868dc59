//! Defects of reads of a run: states that do not follow, values that drift.

use serde_json::{Map, Value, json};

use super::Layer;
use super::answer::{Answer, is_over};
use super::ask::{Ask, What};
use super::memory::Run;
use crate::shared::defects::Defect;

pub(super) fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    let What::Get { id, .. } = &ask.what else { return false };
    let Some(state) = answer.state() else { return false };
    let body = answer.json();
    let other = layer.remember(|memory| {
        let run = memory.run(id);
        let other = other(defect, run, &state, &body);
        if state == "running" {
            run.running = Some(body.clone());
        }
        run.last = Some(body.clone());
        other
    });
    let Some(other) = other.filter(|other| *other != body) else { return false };
    answer.set_json(&other);
    true
}

/// What is said instead of the truth.
fn other(defect: Defect, run: &mut Run, state: &str, body: &Value) -> Option<Value> {
    match defect {
        Defect::Sticky => run.running.clone().filter(|_| is_over(state)),
        Defect::SkipRunning => (state == "running").then(|| pending(body)),
        Defect::BackToPending => {
            let again = state == "running" && run.running.is_some() && !run.fell_back;
            again.then(|| {
                run.fell_back = true;
                pending(body)
            })
        }
        Defect::TerminalRewrites => {
            let duration = body.pointer("/meta/duration_ms")?.as_u64().filter(|_| is_over(state))?;
            let mut drifted = body.clone();
            drifted["meta"]["duration_ms"] = (duration + u64::from(run.reads_over)).into();
            run.reads_over = run.reads_over.saturating_add(1);
            Some(drifted)
        }
        Defect::ProgressFalls => {
            let before = run.running.as_ref()?.pointer("/meta/progress")?.as_object()?;
            let advanced = before.iter().any(|(name, count)| name != TOTAL && count.as_f64() > Some(0.0));
            let mut fallen = body.clone();
            let progress = fallen.pointer_mut("/meta/progress")?.as_object_mut();
            progress.filter(|_| advanced && state == "running").map(to_nothing)?;
            Some(fallen)
        }
        Defect::ReadOneBehind => run.last.clone(),
        Defect::CancelRevives => {
            let reads = run.since_cancel.as_mut()?;
            *reads = reads.saturating_add(1);
            let revived = *reads > 1;
            run.running.clone().filter(|_| revived)
        }
        _ => None,
    }
}

/// The amount of work, which does not grow.
const TOTAL: &str = "products_total";

fn to_nothing(progress: &mut Map<String, Value>) {
    progress.iter_mut().filter(|(name, _)| *name != TOTAL).for_each(|(_, count)| *count = json!(0));
}

/// A running run as if it had not begun.
pub(super) fn pending(running: &Value) -> Value {
    let mut body = running.clone();
    body["status"] = json!("pending");
    for name in ["start_date", "duration_ms", "progress"] {
        body["meta"][name] = Value::Null;
    }
    let steps = body.pointer_mut("/meta/steps").and_then(Value::as_array_mut);
    steps.into_iter().flatten().for_each(|step| step["status"] = json!("pending"));
    body
}
