//! Answers drawn from a seed: nonsense, and what the contract's schemas allow with nonsense in places.

use bytes::Bytes;
use fixtures::contract::{Contract, Operation};
use http::{Request, Response};
use serde_json::{Map, Value, json};

/// Draws one after the other.
pub(super) struct Draw(u64);

/// How a server makes up its answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    /// Anything at all.
    Wild,
    /// As the contract's schemas have it, now and then with a mistake.
    Shaped,
    /// The same, always with success.
    Obliging,
}

/// Texts that somebody may take for an id, a time, a number or a word, and should not.
const TEXTS: &[&str] = &[
    "",
    "crawl-example-com-1a2b3c4d",
    "extract-1",
    "agentic-1",
    "a/b?c#d%",
    "..",
    "%00",
    "\u{0}",
    "\u{202e}",
    "ß",
    "pending",
    "running",
    "completed",
    "failed",
    "Pending",
    "2026-01-15T10:30:00.000Z",
    "2026-01-15T10:30:00+00:00",
    "9999-12-31T23:59:59.999Z",
    "-9999-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "2026-02-30T00:00:60Z",
    "2026-01-15",
    "18446744073709551616",
    "-1",
    "NaN",
    "https://example.com/",
    "http://[::1",
    "example.com",
    "NOT_FOUND",
    "INVALID_REQUEST",
    "VALIDATION_ERROR",
];

const STATUSES: &[u16] = &[
    200, 200, 200, 202, 202, 204, 206, 301, 400, 401, 402, 403, 404, 404, 405, 408, 409, 422, 429, 500, 503,
    599,
];

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Draw(seed)
    }

    fn bits(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.bits() % end.max(1) as u64).unwrap_or(0)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn text(&mut self) -> Value {
        match self.below(12) {
            0 => "é".repeat(5_000).into(),
            1 => format!("crawl-example-com-{:08x}", self.below(4)).into(),
            _ => self.pick(TEXTS).into(),
        }
    }

    fn number(&mut self) -> Value {
        let any = self.bits();
        self.pick(&[
            json!(0),
            json!(1),
            json!(2),
            json!(any % 100),
            json!(any),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(-1),
            json!(0.5),
            json!(1e300),
            json!(-1e-300),
            json!(f64::MAX),
        ])
    }

    fn anything(&mut self, depth: usize) -> Value {
        match self.below(if depth > 4 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.one_in(2)),
            2 => self.number(),
            3 | 4 => self.text(),
            5 => (0..self.below(4)).map(|_| self.anything(depth + 1)).collect(),
            _ => {
                const NAMES: &[&str] = &[
                    "execution_id",
                    "status",
                    "data",
                    "meta",
                    "error",
                    "pagination",
                    "total_items",
                    "page",
                    "page_size",
                    "code",
                    "message",
                    "request_id",
                    "start_date",
                    "stop_date",
                    "duration_ms",
                    "progress",
                    "apis",
                    "catalog",
                    "credits",
                    "name",
                    "rows",
                    "next_cursor",
                    "id",
                    "_id",
                    "robot_id",
                    "extracted",
                    "cadence",
                    "created_at",
                    "",
                ];
                let member = |draw: &mut Self| (draw.pick(NAMES).to_owned(), draw.anything(depth + 1));
                Value::Object((0..self.below(6)).map(|_| member(self)).collect())
            }
        }
    }

    /// A value that a schema allows, but for mistakes: one value in `mistakes`, none if that is zero.
    fn shaped(&mut self, root: &Value, schema: &Value, mistakes: usize, depth: usize) -> Value {
        if (mistakes > 0 && self.one_in(mistakes)) || depth > 24 {
            return self.anything(3);
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = root.pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null);
            return self.shaped(root, target, mistakes, depth + 1);
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return self.pick(values);
        }
        for part in ["oneOf", "anyOf", "allOf"] {
            if let Some(branches) = schema.get(part).and_then(Value::as_array)
                && schema.get("properties").is_none()
            {
                let branch = self.pick(branches);
                return self.shaped(root, &branch, mistakes, depth + 1);
            }
        }
        let word = match schema.get("type") {
            Some(Value::Array(several)) => self.pick(several),
            Some(one) => one.clone(),
            None if schema.get("properties").is_some() => json!("object"),
            None => return self.anything(3),
        };
        match word.as_str().unwrap_or_default() {
            "object" => {
                let properties = schema.get("properties").and_then(Value::as_object);
                let required = schema.get("required").and_then(Value::as_array);
                let mut object = Map::new();
                for (name, inner) in properties.into_iter().flatten() {
                    let needed = required.is_some_and(|names| names.iter().any(|it| it == name));
                    if needed || self.one_in(2) {
                        object.insert(name.clone(), self.shaped(root, inner, mistakes, depth + 1));
                    }
                }
                Value::Object(object)
            }
            "array" => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                (0..self.below(4)).map(|_| self.shaped(root, items, mistakes, depth + 1)).collect()
            }
            "integer" => json!(self.bits() % 50),
            "number" => json!(self.below(10_000) as f64 / 100.0),
            "boolean" => json!(self.one_in(2)),
            "null" => Value::Null,
            _ if schema.get("format").is_some_and(|format| format == "date-time") => {
                format!("2026-01-15T10:{:02}:{:02}.000Z", self.below(60), self.below(60)).into()
            }
            _ => self.text(),
        }
    }
}

impl Manner {
    pub(super) const ALL: &[Self] = &[Manner::Wild, Manner::Shaped, Manner::Obliging];

    /// The answer to a request, by a server of the API of a contract.
    pub(super) fn answer(
        self,
        contract: &Contract,
        request: &Request<Bytes>,
        draw: &mut Draw,
    ) -> Response<Bytes> {
        if request.uri().path() == "/_rehearsal/health" {
            let health = json!({ "name": "rehearsal", "version": "0", "seed": draw.bits() });
            return sent(200, &health.to_string().into(), draw, false);
        }
        let is_control = request.uri().path().starts_with("/_rehearsal");
        if is_control && !draw.one_in(40) {
            let status = if request.method() == http::Method::DELETE { 204 } else { 200 };
            return sent(status, &draw.anything(0).to_string().into(), draw, false);
        }
        let operation =
            contract.route(request.method(), request.uri().path()).map(|(operation, _)| operation);
        match (self, operation) {
            (Manner::Shaped | Manner::Obliging, Some(operation)) if !draw.one_in(20) => {
                self.shaped(contract, operation, draw)
            }
            _ => wild(draw),
        }
    }

    fn shaped(self, contract: &Contract, operation: &Operation, draw: &mut Draw) -> Response<Bytes> {
        let is_good = |status: &u16| (200..300).contains(status);
        let statuses: Vec<u16> = operation.statuses().collect();
        let good: Vec<u16> = statuses.iter().copied().filter(is_good).collect();
        let picky = matches!(self, Manner::Shaped) && draw.one_in(3);
        let status = draw.pick(if picky || good.is_empty() { &statuses } else { &good });
        let method = operation.method().as_str().to_ascii_lowercase();
        let answers = &contract.document()["paths"][operation.path()][method]["responses"];
        let mut answer = &answers[status.to_string()];
        if let Some(target) = answer.get("$ref").and_then(Value::as_str) {
            answer = contract.document().pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null);
        }
        let mistakes = draw.pick(&[0, 10, 40]);
        let schema = &answer["content"]["application/json"]["schema"];
        let body = draw.shaped(contract.document(), schema, mistakes, 0);
        let odd = draw.one_in(10);
        sent(status, &body.to_string().into(), draw, odd)
    }
}

fn wild(draw: &mut Draw) -> Response<Bytes> {
    let body: Bytes = match draw.below(10) {
        0 => Bytes::new(),
        1 => Bytes::from_static(b"\xff\xfe\x00{"),
        2 => "[".repeat(10_000).into(),
        3 => format!("{}1{}", "[".repeat(100), "]".repeat(100)).into(),
        4 => r#"{"a":1e999,"a":-0,"data":[1e400]}"#.into(),
        5 => "<!doctype html>".into(),
        _ => draw.anything(0).to_string().into(),
    };
    let status = draw.pick(STATUSES);
    sent(status, &body, draw, true)
}

fn sent(status: u16, body: &Bytes, draw: &mut Draw, odd: bool) -> Response<Bytes> {
    const VALUES: &[&str] = &[
        "",
        "0",
        "1",
        "-1",
        "18446744073709551615",
        "99999999999999999999",
        "1e9",
        "text/html",
        "application/json",
        "application/json; charset=\"",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "2026-01-15T10:30:00.000Z",
        "$KEY_A",
    ];
    let mut answer = Response::builder().status(status);
    if odd {
        const NAMES: &[&str] = &[
            "content-type",
            "request-id",
            "retry-after",
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
            "location",
            "x-request-id",
        ];
        for name in NAMES {
            if draw.one_in(2) {
                answer = answer.header(*name, draw.pick(VALUES));
            }
        }
        if draw.one_in(4) {
            answer = answer.header("request-id", &b"\xff\xfe"[..]);
        }
    } else {
        answer = answer
            .header("content-type", "application/json")
            .header("request-id", format!("r{}", draw.bits()));
    }
    answer.body(body.clone()).expect("it is an answer")
}
