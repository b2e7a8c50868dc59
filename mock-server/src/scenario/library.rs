//! The scenarios that come with the program.

use super::suggest::nearest;

/// A scenario that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// The name by which it is chosen.
    pub name: &'static str,
    /// The file, comments included.
    pub text: &'static str,
}

const SHIPPED: &[Shipped] = &[
    Shipped { name: "happy", text: include_str!("../../../scenarios/happy.yaml") },
    Shipped { name: "slow-crawl", text: include_str!("../../../scenarios/slow-crawl.yaml") },
    Shipped {
        name: "crawl-fails-analyzing",
        text: include_str!("../../../scenarios/crawl-fails-analyzing.yaml"),
    },
    Shipped { name: "late-failure", text: include_str!("../../../scenarios/late-failure.yaml") },
    Shipped { name: "stuck-crawl", text: include_str!("../../../scenarios/stuck-crawl.yaml") },
    Shipped { name: "partial-extract", text: include_str!("../../../scenarios/partial-extract.yaml") },
    Shipped {
        name: "search-finds-nothing",
        text: include_str!("../../../scenarios/search-finds-nothing.yaml"),
    },
    Shipped { name: "yesterdays-jobs", text: include_str!("../../../scenarios/yesterdays-jobs.yaml") },
    Shipped { name: "rate-limited", text: include_str!("../../../scenarios/rate-limited.yaml") },
    Shipped { name: "out-of-credits", text: include_str!("../../../scenarios/out-of-credits.yaml") },
    Shipped { name: "flaky-503", text: include_str!("../../../scenarios/flaky-503.yaml") },
    Shipped {
        name: "outage-for-a-minute",
        text: include_str!("../../../scenarios/outage-for-a-minute.yaml"),
    },
    Shipped { name: "gateway-page", text: include_str!("../../../scenarios/gateway-page.yaml") },
    Shipped { name: "slow-answers", text: include_str!("../../../scenarios/slow-answers.yaml") },
    Shipped { name: "lost-create", text: include_str!("../../../scenarios/lost-create.yaml") },
    Shipped {
        name: "hidden-after-create",
        text: include_str!("../../../scenarios/hidden-after-create.yaml"),
    },
    Shipped { name: "stale-list", text: include_str!("../../../scenarios/stale-list.yaml") },
    Shipped { name: "new-status", text: include_str!("../../../scenarios/new-status.yaml") },
    Shipped { name: "extralt-page", text: include_str!("../../../scenarios/extralt-page.yaml") },
    Shipped { name: "extralt-start-plan", text: include_str!("../../../scenarios/extralt-start-plan.yaml") },
    Shipped {
        name: "extralt-refused-robots",
        text: include_str!("../../../scenarios/extralt-refused-robots.yaml"),
    },
    Shipped {
        name: "extralt-failing-runs",
        text: include_str!("../../../scenarios/extralt-failing-runs.yaml"),
    },
    Shipped { name: "extralt-schedules", text: include_str!("../../../scenarios/extralt-schedules.yaml") },
    Shipped {
        name: "llama-failing-extraction",
        text: include_str!("../../../scenarios/llama-failing-extraction.yaml"),
    },
    Shipped {
        name: "llama-partial-extraction",
        text: include_str!("../../../scenarios/llama-partial-extraction.yaml"),
    },
    Shipped { name: "llama-throttled", text: include_str!("../../../scenarios/llama-throttled.yaml") },
    Shipped {
        name: "llama-slow-extraction",
        text: include_str!("../../../scenarios/llama-slow-extraction.yaml"),
    },
    Shipped { name: "llama-pinned-data", text: include_str!("../../../scenarios/llama-pinned-data.yaml") },
];

/// All of them, in the order in which they are best read.
pub fn shipped() -> &'static [Shipped] {
    SHIPPED
}

/// The one of this name.
pub fn find(name: &str) -> Option<Shipped> {
    SHIPPED.iter().copied().find(|shipped| shipped.name == name)
}

/// The name that was probably meant by one that no scenario has.
pub fn nearest_name(name: &str) -> Option<&'static str> {
    nearest(name, SHIPPED.iter().map(|shipped| shipped.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, parse};

    #[test]
    fn every_shipped_scenario_is_good_and_described() {
        for shipped in shipped() {
            let scenario = parse(shipped.name, shipped.text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            assert_eq!(scenario.name, shipped.name);
            assert!(!scenario.description.is_empty(), "{} says what it is", shipped.name);
            let for_editors = "# yaml-language-server: $schema=scenario.schema.json\n";
            assert!(shipped.text.starts_with(for_editors), "{} names its schema", shipped.name);
            let plain = Scenario { name: scenario.name.clone(), ..Scenario::default() };
            assert_ne!(scenario, plain, "{} does something", shipped.name);
        }
    }

    #[test]
    fn every_file_of_the_library_is_shipped() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the library is a folder")
            .map(|entry| entry.expect("its entries can be read").file_name().to_string_lossy().into_owned())
            .filter(|file| file.ends_with(".yaml"))
            .collect();
        files.sort();
        let mut names: Vec<String> =
            shipped().iter().map(|shipped| format!("{}.yaml", shipped.name)).collect();
        names.sort();
        assert_eq!(names, files);
    }

    #[test]
    fn a_name_is_found_and_a_slip_is_recognized() {
        assert_eq!(find("slow-crawl").map(|shipped| shipped.name), Some("slow-crawl"));
        assert_eq!(find("slow-craw"), None);
        assert_eq!(nearest_name("slow-craw"), Some("slow-crawl"));
    }
}
