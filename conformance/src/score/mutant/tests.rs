use super::*;
use crate::profile;

fn contract() -> &'static Contract {
    Contract::find("catalog", "v2").expect("it is known")
}

fn wrong(yaml: &str) -> String {
    let mistakes = files::read::<Mutant>([("some.yaml", yaml)], contract()).err().unwrap_or_default();
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

const GOOD: &str = "- id: some-name
  is: Something is wrong
  kills: { check: id.format, reasons: [id-form] }
  edits:
    - on: { operation: catalog.*.get, query: { page: '2' }, request: { /url: { a: null } } }
      status: 404
";

#[test]
fn an_entry_is_read_as_it_is_written() {
    assert_eq!(wrong(GOOD), "");
    assert_eq!(wrong("# nothing yet\n"), "");
}

#[test]
fn a_mistake_names_file_line_and_entry() {
    let other = GOOD.replace("status: 404", "statsu: 404");
    let text = wrong(&format!("{}{other}", GOOD.replace("some-name", "first")));
    assert!(wrong(&format!("{GOOD}{GOOD}")).contains("some.yaml:7: entry `some-name`: another entry"));
    assert!(text.starts_with("some.yaml:12: entry `some-name`: "), "{text}");
    assert!(text.contains("statsu"), "{text}");
}

#[test]
fn what_cannot_be_meant_is_a_mistake() {
    for (right, mistaken, says) in [
        ("some-name", "Some_name", "kebab case"),
        ("id.format", "id.fromat", "no check `id.fromat`"),
        ("[id-form]", "[]", "`reasons` has to name"),
        ("catalog.*.get", "catalog.*.got", "no operation `catalog.*.got`"),
        ("/url: {", "url: {", "begin with a slash"),
        ("status: 404", "status: 4040", "4040 is no HTTP status"),
        ("      status: 404", "", "the edit does nothing"),
        ("      status: 404", "      ask: {}", "`ask` changes nothing"),
        ("      status: 404", "      ask: { operation: catalog.crawl }", "no operation `catalog.crawl`"),
        ("      status: 404", "      replace: { '': x }", "which text it replaces"),
        ("      status: 404", "      headers: { 'a b': x }", "no name of a header"),
        ("query:", "only: 0, query:", "count from 1"),
    ] {
        let text = wrong(&GOOD.replace(right, mistaken));
        assert!(text.contains(says), "{mistaken}: {text}");
    }
    let nothing = GOOD.split("  edits:").next().expect("it has a beginning");
    assert!(wrong(nothing).contains("needs `edits` or `defects`"));
}

#[test]
fn every_check_has_a_broken_server_or_a_reason_to_have_none() {
    for profile in profile::ALL {
        let (api, version) = (profile.api, profile.version);
        let contract = Contract::find(api, version).expect("it has a contract");
        let entries = shipped(contract).expect("they are sound");
        let unproven = crate::score::unproven::shipped(contract).expect("they are sound");
        for (_, check) in crate::checks::of(contract) {
            let is_broken = entries.iter().any(|entry| entry.kills.check == check.id);
            let is_unproven = unproven.iter().any(|entry| entry.check == check.id);
            assert!(is_broken != is_unproven, "{api} {version}: {}", check.id);
        }
    }
}
