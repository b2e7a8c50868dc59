//! Defects of cancels.

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Layer;
use super::answer::{Answer, is_over};
use super::ask::{Ask, What};
use crate::clock::VirtualTime;
use crate::shared::defects::Defect;

/// An answer to a cancel that is not carried out.
pub(super) async fn instead(layer: &Layer, defect: Defect, ask: &Ask) -> Option<Answer> {
    let What::Cancel { kind, id } = &ask.what else { return None };
    if !matches!(defect, Defect::CancelNoOp | Defect::CancelRevives) {
        return None;
    }
    let mut read = layer.ask(&ask.reading(kind, id)).await;
    if read.state()? != "running" {
        return None;
    }
    let body = read.json();
    if defect == Defect::CancelRevives {
        // It is carried out; what the run looked like is needed later.
        layer.remember(|memory| memory.run(id).running = Some(body));
        return None;
    }
    let started: Timestamp = body.pointer("/meta/start_date")?.as_str()?.parse().ok()?;
    let lasted = Duration::from_millis(body.pointer("/meta/duration_ms")?.as_u64()?);
    let stopped = VirtualTime::from(started).after(lasted).iso_millis();
    read.set_json(&json!({ "status": "canceled", "execution_id": id, "stop_date": stopped }));
    layer.shared.defects.fired(defect);
    Some(read)
}

pub(super) async fn change(layer: &Layer, defect: Defect, ask: &Ask, answer: &mut Answer) -> bool {
    let What::Cancel { kind, id } = &ask.what else { return false };
    if answer.is_good() {
        layer.remember(|memory| memory.run(id).since_cancel = Some(0));
        return false;
    }
    if answer.status() != StatusCode::BAD_REQUEST {
        return false;
    }
    match defect {
        Defect::CancelTwice500 => {
            let again = layer.remember(|memory| memory.run(id).since_cancel.is_some());
            if again {
                answer.fail();
            }
            again
        }
        Defect::CancelTerminalAccepted => {
            let read = layer.ask(&ask.reading(kind, id)).await;
            let over = read.state().is_some_and(|state| is_over(&state));
            if over {
                let stopped = read.json().pointer("/meta/stop_date").cloned().unwrap_or(Value::Null);
                let body = json!({ "status": "canceled", "execution_id": id, "stop_date": stopped });
                answer.replace(StatusCode::OK, &body);
            }
            over
        }
        _ => false,
    }
}
