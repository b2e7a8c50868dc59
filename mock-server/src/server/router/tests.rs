use axum::body::Body;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::apis::catalog;
use crate::apis::dialect::Handler;
use crate::apis::directory::Version;
use crate::clock::Mode;
use crate::scenario::Scenario;
use crate::seed::Seed;
use crate::world::registry::{SeedChoice, Template};

/// An API of two versions: what both of Catalog's paths would be if there were another.
const TWO: &[Api] = &[Api {
    name: "Twofold",
    alias: "/twofold",
    versions: &[
        Version { prefixes: &["/v1"], dialect: || None, handlers: &[] },
        Version { prefixes: &["/v2"], dialect: catalog::dialect, handlers: catalog::HANDLERS },
    ],
}];

fn shared() -> Arc<Shared> {
    let template = Template {
        seed: SeedChoice::Given(Seed(7)),
        mode: Some(Mode::Manual),
        start: None,
        scenario: Scenario::default().into(),
    };
    Arc::new(Shared::new(template, 10, false, &[]))
}

async fn asked(table: &'static [Api], target: &str) -> (StatusCode, String) {
    let request = http::Request::get(target).header("x-api-key", "test-a").body(Body::empty());
    let answer = emulated(&shared(), table).oneshot(request.unwrap()).await.unwrap();
    let status = answer.status();
    (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().into()).unwrap())
}

#[tokio::test]
async fn each_version_of_an_api_has_its_paths_behind_one_alias() {
    for target in ["/v2/crawl", "/twofold/v2/crawl"] {
        assert_eq!(asked(TWO, target).await.0, StatusCode::OK, "{target}");
    }
    for target in ["/v2/none", "/v2", "/twofold/v2/none", "/twofold/v2"] {
        let (status, text) = asked(TWO, target).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(text.contains(&format!("No endpoint for GET {target}\"")), "{text}");
    }
}

#[tokio::test]
async fn what_belongs_to_no_version_is_told_the_versions() {
    for target in ["/twofold", "/twofold/", "/twofold/crawl", "/twofold/v22/crawl", "/twofold/twofold/v2"] {
        let (status, text) = asked(TWO, target).await;
        let expected = format!(
            "No version of Twofold is served under {target}.\nIts versions are /twofold/v1 and /twofold/v2.\n"
        );
        assert_eq!((status, text), (StatusCode::NOT_FOUND, expected));
    }
    let (status, text) = asked(TWO, "/v3/crawl").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(
        text.contains("/v1 is Twofold (also /twofold/v1), /v2 is Twofold (also /twofold/v2), /_rehearsal is"),
        "{text}"
    );
}

#[test]
fn no_two_versions_share_a_prefix() {
    let mut taken: Vec<&str> = APIS
        .iter()
        .flat_map(|api| api.versions.iter().flat_map(|it| it.prefixes).copied().chain([api.alias]))
        .collect();
    taken.push(control::PREFIX);
    let all = taken.len();
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), all, "{taken:?}");
}

#[tokio::test]
async fn health_names_what_was_asked_for_and_is_not_stood_in_for() {
    const GAPS: &[Api] = &[Api {
        name: "Gaps",
        alias: "/gaps",
        versions: &[Version {
            prefixes: &["/v2"],
            dialect: catalog::dialect,
            handlers: &[
                ("catalog.vendors.list", Handler::NotStoodIn),
                ("catalog.crawl.create", Handler::NotStoodIn),
                ("catalog.crawl.get", Handler::NotStoodIn),
            ],
        }],
    }];
    let shared = shared();
    let send = async |router: Router, method: &str, target: &str| {
        let request = http::Request::builder().method(method).uri(target);
        let request = request.header("x-api-key", "test-a").header("host", "localhost");
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        (answer.status(), answer.into_body().collect().await.unwrap().to_bytes())
    };
    for (method, target) in [("GET", "/v2/vendors"), ("GET", "/gaps/v2/vendors"), ("POST", "/v2/crawl")] {
        assert_eq!(send(emulated(&shared, GAPS), method, target).await.0, StatusCode::NOT_IMPLEMENTED);
    }
    let (_, health) = send(build(&shared), "GET", "/_rehearsal/health").await;
    let health: serde_json::Value = serde_json::from_slice(&health).unwrap();
    let expected = serde_json::json!({
        "count": 3, "operations": { "catalog.crawl.create": 1, "catalog.vendors.list": 2 }
    });
    assert_eq!(health["not_stood_in"], expected);
}
