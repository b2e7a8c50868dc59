//! Extralt, both versions: our own server keeps what it serves.

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

#[tokio::test]
async fn our_own_server_conforms_to_v0_and_leaves_nothing_unobserved() {
    let report = judged("extralt/v0").await;
    for verdict in ["fail", "warn", "blocked", "unobserved", "error"] {
        assert_eq!(with_verdict(&report, verdict), Vec::<&str>::new(), "{verdict}: {report:#}");
    }
    assert_eq!(report["outcome"], "conformant");
    assert!(with_verdict(&report, "pass").len() >= 100);
}

/// What our server does not serve yet is refused as an unknown address, whatever the key.
const NOT_SERVED: [&str; 3] = ["extralt.webhooks.", "extralt.imports.", "extralt.v1.auth."];

#[tokio::test]
async fn our_own_server_keeps_what_it_serves_of_v1() {
    let report = judged("extralt/v1").await;
    let checks = report["checks"].as_array().expect("it has checks");
    for check in checks
        .iter()
        .filter(|check| ["fail", "warn", "error"].contains(&check["verdict"].as_str().unwrap_or("")))
    {
        let clauses = check["clauses"].as_array().expect("it has clauses").iter();
        let mut ids = clauses.filter_map(|clause| clause["id"].as_str());
        let about_missing = ids.all(|id| {
            NOT_SERVED.iter().any(|part| id.starts_with(part))
                || id.contains(".imports.")
                || id.contains("documented-status")
        });
        assert!(about_missing, "{check:#}");
    }
    assert!(with_verdict(&report, "pass").len() >= 110, "{report:#}");
}
