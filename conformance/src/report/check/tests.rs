use super::*;

fn finding(reason: &'static str, exchange: u64) -> Finding {
    Finding {
        reason,
        expected: String::new(),
        observed: String::new(),
        pointer: None,
        schema_pointer: None,
        exchanges: vec![exchange],
    }
}

fn chosen(findings: Vec<Finding>) -> Vec<(&'static str, u64)> {
    selection(findings).into_iter().map(|it| (it.reason, it.exchanges[0])).collect()
}

#[test]
fn every_reason_is_shown_before_a_reason_is_shown_twice() {
    let many = (1..100).map(|exchange| finding("common", exchange));
    let findings = many.chain([finding("rare", 100)]).collect();
    assert_eq!(chosen(findings), [("common", 1), ("common", 2), ("rare", 100)]);
    let reasons = ["a", "b", "c", "d"];
    let findings = reasons.iter().zip(1..).map(|(reason, at)| finding(reason, at)).collect();
    assert_eq!(chosen(findings), [("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
    assert_eq!(chosen(vec![finding("a", 1)]), [("a", 1)]);
}

#[test]
fn what_differs_is_shown_before_what_is_the_same_again() {
    let at =
        |pointer: &str, exchange| Finding { pointer: Some(pointer.into()), ..finding("shape", exchange) };
    let items = (1..50).map(|item| at(&format!("/data/{item}/status"), item));
    let findings: Vec<_> = items.chain([at("/meta", 50), at("/pagination", 51)]).collect();
    assert_eq!(chosen(findings), [("shape", 1), ("shape", 50), ("shape", 51)]);
    let many = (1..50).map(|member| at(&"/x".repeat(member), member as u64));
    assert_eq!(chosen(many.collect()).len(), KINDS);
}
