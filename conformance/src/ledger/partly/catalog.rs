//! What the checks of Catalog leave out.

use super::Partly;

/// In the order of the contract.
pub(super) const TABLE: &[Partly] = &[
    Partly {
        clause: "catalog.auth.api-key-accepted",
        leaves_out: "a server that takes a good key as a bearer token only: every other check is then out of reach, and the run is incomplete",
    },
    Partly {
        clause: "catalog.auth.before-lookup",
        leaves_out: "unknown keys; only requests without a key are looked at",
    },
    Partly {
        clause: "catalog.auth.before-validation",
        leaves_out: "unknown keys; only requests without a key are looked at",
    },
    Partly {
        clause: "catalog.errors.invalid-urls",
        leaves_out: "whether the code is VALIDATION_ERROR, and lists with several bad addresses",
    },
    Partly { clause: "catalog.execution.foreign-indistinct", leaves_out: "cancels; only reads are compared" },
    Partly {
        clause: "catalog.execution.terminal-stays",
        leaves_out: "the results themselves; only the rest of a read is compared",
    },
    Partly { clause: "catalog.crawl.get.duration", leaves_out: "whether it grows while the crawl runs" },
    Partly {
        clause: "catalog.crawl.list.filter-complete",
        leaves_out: "runs that are not over; the lists are compared once all are",
    },
    Partly { clause: "catalog.crawl.list.time-format", leaves_out: "how many digits follow the second" },
    Partly { clause: "catalog.extract.create.one-input", leaves_out: "a body with both" },
    Partly {
        clause: "catalog.extract.create.urls-limit",
        leaves_out: "whether a thousand addresses are accepted",
    },
    Partly { clause: "catalog.extract.create.url-count", leaves_out: "extractions by shop" },
    Partly { clause: "catalog.extract.create.urls-to-process", leaves_out: "extractions by shop" },
    Partly {
        clause: "catalog.extract.waiting.crawl-failed",
        leaves_out: "whether the error is the sentence about the crawl",
    },
    Partly {
        clause: "catalog.extract.list.filter-complete",
        leaves_out: "runs that are not over; the lists are compared once all are",
    },
    Partly {
        clause: "catalog.agentic-search.get.duration",
        leaves_out: "whether it grows while the search runs",
    },
    Partly {
        clause: "catalog.agentic-search.list.filter-complete",
        leaves_out: "runs that are not over; the lists are compared once all are",
    },
];
