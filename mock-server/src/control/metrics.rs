//! `GET /_rehearsal/metrics`: what the server counts, in the text format that Prometheus scrapes.

use std::fmt;
use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use crate::control::Outcome;
use crate::control::body::{Nothing, StrictQuery};
use crate::control::error::ControlError;
use crate::shared::Shared;

/// As the crate that writes it documents.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictQuery(Nothing {}): StrictQuery<Nothing>,
) -> Outcome {
    // There is nothing to keep between two scrapes, so each has a registry of its own.
    let mut registry = Registry::with_prefix("rehearsal");
    registry.register_collector(Box::new(Scrape(shared)));
    let mut written = String::new();
    text::encode(&mut written, &registry).map_err(|error| {
        let message = format!("the metrics could not be written: {error}");
        ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, "metrics_failed", message)
    })?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], written).into_response())
}

/// A server, read when it is asked about.
#[derive(Debug)]
struct Scrape(Arc<Shared>);

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Shared { counters, registry, refused, .. } = &*self.0;
        let mut family = encoder.encode_descriptor(
            "requests",
            "Requests to the emulated APIs by how they were answered; status none is a client that had left",
            None,
            MetricType::Counter,
        )?;
        for answers in counters.answers() {
            let status = answers.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
            let operation = answers.operation.unwrap_or("(unknown)");
            let labels = [("api", answers.api), ("operation", operation), ("status", &status)];
            ConstCounter::new(answers.count).encode(family.encode_family(&labels)?)?;
        }
        let mut family = encoder.encode_descriptor(
            "faults_fired",
            "Answers on which a fault took effect, by effect",
            None,
            MetricType::Counter,
        )?;
        for (effect, count) in counters.effects() {
            ConstCounter::new(count).encode(family.encode_family(&[("effect", effect)])?)?;
        }
        let mut family =
            encoder.encode_descriptor("runs_created", "Runs that were created", None, MetricType::Counter)?;
        for (kind, count) in counters.runs() {
            let labels = [("api", kind.api().name()), ("kind", kind.name())];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
        let mut gauge = |name, help, unit, value: u64| {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?)
        };
        let worlds = registry.all();
        // One world after the other, each for as long as it takes to count the blocks of its journal.
        let dropped = worlds.iter().chain([refused]).map(|world| world.journal().dropped()).sum();
        gauge("connections", "Connections that are open", None, counters.connections())?;
        gauge("worlds", "Worlds there are", None, worlds.len() as u64)?;
        let bytes = registry.journals().bytes() as u64;
        gauge("journal", "What the journals of all worlds hold", Some(&Unit::Bytes), bytes)?;
        gauge(
            "journal_entries_dropped",
            "Requests that the journals of the worlds there are had to drop for want of room",
            None,
            dropped,
        )
    }
}
