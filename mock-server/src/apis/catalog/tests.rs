use std::collections::BTreeSet;

use super::*;

#[test]
fn exactly_the_operations_of_the_contract_are_served() {
    let contract = dialect().unwrap().contract;
    let documented: BTreeSet<&str> = contract.operations().iter().map(|operation| operation.id()).collect();
    let served: BTreeSet<&str> = HANDLERS.iter().map(|(id, _)| *id).collect();
    assert_eq!(served, documented);
    assert!(contract.operations().iter().all(|operation| operation.path().starts_with(PREFIX)));
}
