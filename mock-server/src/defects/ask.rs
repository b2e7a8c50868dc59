//! A request as defects look at it.

use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Uri};
use serde_json::Value;

use crate::apis::catalog;
use crate::intake::{NoBody, read};
use crate::shared::BODY_MAX;
use crate::validation::pairs;
use crate::world::keys::welcome;

/// A request that can be sent again, and otherwise.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    parts: Parts,
    body: Bytes,
    /// What it is for.
    pub(super) what: What,
}

/// What a request is for; a kind is a path segment like `crawl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Create { kind: String },
    List { kind: String },
    Get { kind: String, id: String },
    Cancel { kind: String, id: String },
    Other,
}

impl Ask {
    pub(super) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let body = match read(body, BODY_MAX).await {
            Ok(body) => body,
            // The server behind has to refuse it for the same reason.
            Err(NoBody::TooLarge(most)) => vec![b' '; most + 1].into(),
            Err(NoBody::Incomplete) => Bytes::new(),
        };
        let what = what(&parts.method, parts.uri.path());
        Self { parts, body, what }
    }

    pub(super) fn request(&self) -> Request {
        Request::from_parts(self.parts.clone(), Body::from(self.body.clone()))
    }

    /// The key it carries, if it may have a world.
    pub(super) fn key(&self) -> Option<&str> {
        self.offered().filter(|key| welcome(key).is_ok())
    }

    /// The key it carries, good or bad.
    pub(super) fn offered(&self) -> Option<&str> {
        catalog::credential(&self.parts.headers).ok().and_then(|key| std::str::from_utf8(key).ok())
    }

    pub(super) fn with_key(&self, key: &str) -> Self {
        let mut other = self.clone();
        other.parts.headers.remove("authorization");
        if let Ok(key) = HeaderValue::from_str(key) {
            other.parts.headers.insert("x-api-key", key);
        }
        other
    }

    /// Whether its key is a bearer token.
    pub(super) fn is_bearer(&self) -> bool {
        !self.parts.headers.contains_key("x-api-key") && self.parts.headers.contains_key("authorization")
    }

    pub(super) fn without_bearer(&self) -> Self {
        let mut other = self.clone();
        other.parts.headers.remove("authorization");
        other
    }

    /// A query parameter; the last of several.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let pairs = pairs(self.parts.uri.query());
        pairs.into_iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A whole number in the query.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.query(name).and_then(|value| value.parse().ok())
    }

    /// The same with another query parameter, or without it.
    pub(super) fn with_query(&self, name: &str, value: Option<&str>) -> Self {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = pairs(self.parts.uri.query()).into_iter().filter(|(known, _)| known != name);
        query.extend_pairs(kept);
        query.extend_pairs(value.map(|value| (name, value)));
        self.at(self.parts.method.clone(), &format!("{}?{}", self.parts.uri.path(), query.finish()))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn with_json(&self, body: &Value) -> Self {
        self.with_text(&body.to_string())
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    pub(super) fn with_text(&self, body: &str) -> Self {
        let mut other = Self { body: body.as_bytes().to_vec().into(), ..self.clone() };
        other.parts.headers.remove("content-length");
        other
    }

    /// The same client asks for something else; without a body unless the method is POST.
    pub(super) fn at(&self, method: Method, target: &str) -> Self {
        let mut other = self.clone();
        other.what = what(&method, target.split('?').next().unwrap_or_default());
        if method != Method::POST {
            other.body = Bytes::new();
            other.parts.headers.remove("content-length");
        }
        other.parts.method = method;
        if let Ok(uri) = target.parse::<Uri>() {
            other.parts.uri = uri;
            // The journal would tell what the client asked for.
            other.parts.extensions.remove::<OriginalUri>();
        }
        other
    }

    /// The same client reads a run.
    pub(super) fn reading(&self, kind: &str, id: &str) -> Self {
        self.at(Method::GET, &format!("{}/{kind}/{id}", catalog::PREFIX))
    }

    /// The same client asks for a new run.
    pub(super) fn creating(&self, kind: &str, body: &Value) -> Self {
        self.at(Method::POST, &format!("{}/{kind}", catalog::PREFIX)).with_json(body)
    }

    /// The same request for another run.
    pub(super) fn for_run(&self, id: &str) -> Self {
        let (What::Get { kind, .. } | What::Cancel { kind, .. }) = &self.what else { return self.clone() };
        let query = self.parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        self.at(self.parts.method.clone(), &format!("{}/{kind}/{id}{query}", catalog::PREFIX))
    }
}

fn what(method: &Method, path: &str) -> What {
    let path = path.strip_prefix(catalog::ALIAS).unwrap_or(path);
    let Some(path) = path.strip_prefix(catalog::PREFIX).and_then(|path| path.strip_prefix('/')) else {
        return What::Other;
    };
    let mut segments = path.split('/').map(str::to_owned);
    let kind = segments.next().filter(|kind| matches!(kind.as_str(), "crawl" | "extract" | "agentic-search"));
    let Some(kind) = kind else { return What::Other };
    match (method.as_str(), segments.next(), segments.next()) {
        ("POST", None, _) => What::Create { kind },
        ("GET", None, _) => What::List { kind },
        ("GET", Some(id), None) => What::Get { kind, id },
        ("DELETE", Some(id), None) => What::Cancel { kind, id },
        _ => What::Other,
    }
}
