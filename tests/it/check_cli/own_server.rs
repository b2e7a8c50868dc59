//! Our own server keeps what it serves of Extralt and of LlamaExtract, each in all its versions.

use std::time::Duration;

use conformance::profile;
use conformance::run::{Options, run};
use conformance::target::Target;
use serde_json::Value;

use super::with_verdict;
use crate::program::Server;

/// Judges our own server as one version.
async fn judged(api: &str) -> Value {
    let server = Server::start(&[]);
    let options = Options {
        timeout: Duration::from_secs(120),
        ..Options::new(
            Target::parse(&format!("http://{}", server.address)).expect("it is an address"),
            profile::find(api).expect("it is known"),
        )
    };
    let report = run(&options, std::future::pending()).await.expect("it reports");
    serde_json::to_value(&report).expect("a report is JSON")
}

/// That our own server keeps this version, and is asked for all of it.
async fn conforms(api: &str, passes: usize) {
    let report = judged(api).await;
    for verdict in ["fail", "warn", "blocked", "unobserved", "error"] {
        assert_eq!(with_verdict(&report, verdict), Vec::<&str>::new(), "{verdict}: {report:#}");
    }
    assert_eq!(report["outcome"], "conformant");
    assert!(with_verdict(&report, "pass").len() >= passes);
}

#[tokio::test]
async fn extralt_v0_is_kept_and_nothing_of_it_is_unobserved() {
    conforms("extralt/v0", 100).await;
}

#[tokio::test]
async fn extralt_v1_is_kept_and_nothing_of_it_is_unobserved() {
    conforms("extralt/v1", 130).await;
}

#[tokio::test]
async fn llama_extract_of_the_page_is_kept_and_nothing_of_it_is_unobserved() {
    conforms("llama-extract", 60).await;
}

#[tokio::test]
async fn llama_extract_v1_is_kept_and_nothing_of_it_is_unobserved() {
    conforms("llama-extract/v1", 80).await;
}

#[tokio::test]
async fn llama_extract_v2_is_kept_and_nothing_of_it_is_unobserved() {
    conforms("llama-extract/v2", 80).await;
}
