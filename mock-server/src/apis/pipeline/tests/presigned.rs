//! Requests that name their world by a token instead of a key.

use axum::Router;
use axum::routing::any;
use serde_json::json;
use tower::ServiceExt;

use super::*;
use crate::apis::presigned::{Grant, Purpose, TOKEN_LENGTH, address};
use crate::clock::VirtualTime;
use crate::world::keys::REFUSED;

const BLOB: Handler = Handler::Blob(1_000, told);

fn told(call: &Call<'_>, state: &mut WorldState) -> Reply {
    let blob = call.blob().map(|blob| blob.len());
    let told = json!({ "world": state.stream().name(), "blob": blob, "address": address(call.base, "t") });
    Reply::json(StatusCode::OK, &told)
}

fn grant(expires: VirtualTime) -> Grant {
    Grant { purpose: Purpose::Upload, file: 0, expires }
}

impl Stand {
    /// Sends a file to an address with this token.
    async fn put(&self, token: &str) -> Response {
        let shared = Arc::clone(&self.0);
        let serve = move |request: axum::extract::Request| {
            let dialect = catalog::dialect().unwrap();
            let operation = dialect.contract.operation(POST).unwrap();
            serve(Arc::clone(&shared), dialect, operation, Handler::Presigned(&BLOB), request)
        };
        let router = Router::new().route("/_presigned/{token}", any(serve));
        let request = http::Request::put(format!("/_presigned/{token}")).header("host", "a.example:4010");
        router.oneshot(request.body(Body::from("12345")).unwrap()).await.unwrap()
    }

    fn targets(world: &World) -> Vec<String> {
        let piece = world.journal().piece(0);
        piece.entries().map(|entry| entry.target.to_owned()).collect()
    }
}

#[tokio::test]
async fn a_token_opens_its_world_without_a_key() {
    let stand = Stand::new();
    let world = stand.world();
    let (real, _) = stand.0.now();
    let expires = VirtualTime::from_micros(1);
    let token = world.at(real, |state, _| grant(expires).token(state.stream()));
    let answer = stand.put(&token).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().keys().any(|name| name.as_str().starts_with("x-ratelimit")));
    let answer: Value = serde_json::from_str(&text(answer).await).unwrap();
    let expected = json!({ "world": KEY, "blob": 5, "address": "http://a.example:4010/_presigned/t" });
    assert_eq!(answer, expected);
    // Percent-encoded it is the same.
    let encoded = format!("%{:02X}{}", token.as_bytes()[0], &token[1..]);
    assert_eq!(stand.put(&encoded).await.status(), StatusCode::OK);
    assert_eq!(Stand::targets(&world), ["/_presigned/$KEY", "/_presigned/$KEY"]);
    assert_eq!(stand.kept(), 0, "its handler has kept nothing");
}

#[tokio::test]
async fn a_token_of_no_world_is_unknown_and_not_written_down() {
    let stand = Stand::new();
    let world = stand.world();
    for token in ["x", "x%2Fy", &"x".repeat(TOKEN_LENGTH), &"%FF".repeat(TOKEN_LENGTH), &"ä".repeat(22)] {
        let token = token.replace('ä', "%C3%A4");
        let answer = stand.put(&token).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{token}");
        assert!(text(answer).await.contains("no presigned address"), "{token}");
    }
    assert_eq!(Stand::targets(&world), [""; 0]);
    assert_eq!(stand.0.refused.id(), REFUSED);
    assert_eq!(Stand::targets(&stand.0.refused), ["/_presigned/$KEY"; 5]);
}

#[tokio::test]
async fn faults_of_its_account_meet_who_comes_with_a_token() {
    let stand = Stand::with("{ match: { account: test-a }, respond: { error: unavailable } }");
    let world = stand.world();
    let (real, _) = stand.0.now();
    let token = world.at(real, |state, now| grant(now).token(state.stream()));
    assert_eq!(stand.put(&token).await.status(), StatusCode::SERVICE_UNAVAILABLE);
}
