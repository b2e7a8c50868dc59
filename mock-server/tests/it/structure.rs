//! The rules of the house, held by tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;
use syn::{Item, UseTree};

/// The modules in the order of their dependencies: each uses only those before it.
const ORDER: &[&str] = &[
    "clock",
    "seed",
    "lifecycle",
    "agenda",
    "blobs",
    "scenario",
    "window",
    "faults",
    "journal",
    "webhooks",
    "model",
    "idempotency",
    "world",
    "expectations",
    "validation",
    "intake",
    "shared",
    "apis",
    "outbound",
    "control",
    "defects",
    "server",
];
const LAST: &str = "embed";

/// The longest source file, in lines.
const LINES_MAX: usize = 400;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["src", "tests", "fixtures", "mock-server", "conformance"] {
        sources(&workspace().join(folder), &mut found);
    }
    assert!(found.len() > 100, "the sources are where this test looks for them");
    found
}

/// The crate's modules that a file names in its paths, in `use` items and in code.
#[derive(Default)]
struct Uses(BTreeSet<String>);

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, item: &'ast Item) {
        // Tests may look at everything.
        let tests = matches!(item, Item::Mod(module) if module.ident == "tests");
        if !tests {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if let UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.first_segments(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        if segments.next().as_deref() == Some("crate") {
            self.0.extend(segments.next());
        }
        syn::visit::visit_path(self, path);
    }
}

impl Uses {
    fn first_segments(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => drop(self.0.insert(path.ident.to_string())),
            UseTree::Name(name) => drop(self.0.insert(name.ident.to_string())),
            UseTree::Rename(rename) => drop(self.0.insert(rename.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.first_segments(tree)),
            UseTree::Glob(_) => panic!("`use crate::*` hides what a module depends on"),
        }
    }
}

fn uses(text: &str) -> BTreeSet<String> {
    let mut uses = Uses::default();
    uses.visit_file(&syn::parse_file(text).unwrap());
    uses.0
}

#[test]
fn a_module_uses_only_those_before_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let place = |name: &str| ORDER.iter().chain(&[LAST]).position(|module| *module == name);
    let mut checked = BTreeSet::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().to_str().unwrap();
        let module = relative.split(['/', '.']).next().unwrap().to_owned();
        if module == "lib" || relative.contains("tests") {
            continue;
        }
        let own = place(&module)
            .unwrap_or_else(|| panic!("{relative}: the module `{module}` has no place in ORDER"));
        for used in uses(&fs::read_to_string(&file).unwrap()) {
            let other =
                place(&used).unwrap_or_else(|| panic!("{relative} uses crate::{used}, which has no place"));
            assert!(other <= own, "{relative} uses crate::{used}, which comes after `{module}`");
        }
        checked.insert(module);
    }
    assert_eq!(checked.len(), ORDER.len() + 1, "every module was looked at");
}

#[test]
fn the_order_test_sees_every_form_of_a_path() {
    let text = "use crate::server::x; use crate::{apis::y, control}; fn f() -> crate::world::W { crate::seed::s() } \
                mod tests { use crate::shared; }";
    let expected = ["apis", "control", "seed", "server", "world"].map(str::to_owned);
    assert_eq!(uses(text), BTreeSet::from(expected));
}

#[test]
fn only_the_clocks_read_real_time() {
    // The compiler's own check (clippy.toml) can be waived in place; here the waivers are counted.
    let readers = ["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"];
    let allowed =
        ["mock-server/src/clock.rs", "conformance/src/clock.rs", "mock-server/tests/it/structure.rs"];
    for file in all_sources() {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.to_string_lossy().replace("mock-server/../", "");
        if !allowed.iter().any(|allowed| name.ends_with(allowed)) {
            for reader in readers {
                assert!(!text.contains(reader), "{name} reads real time with {reader}");
            }
        }
    }
}

#[test]
fn no_source_file_is_too_long_to_read() {
    for file in all_sources() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= LINES_MAX,
            "{} has {lines} lines; give its parts files of their own",
            file.display()
        );
    }
}

#[test]
fn engine_types_are_not_made_for_the_wire() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for module in ["clock", "seed", "lifecycle", "agenda", "model", "webhooks", "world"] {
        let mut files = vec![root.join(format!("{module}.rs"))];
        if root.join(module).is_dir() {
            sources(&root.join(module), &mut files);
        }
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("Serialize"), "{} holds a wire type", file.display());
        }
    }
}

#[test]
fn no_contract_has_a_path_of_the_control_plane() {
    for contract in fixtures::contract::Contract::all() {
        for operation in contract.operations() {
            assert!(!operation.path().starts_with(mock_server::control::PREFIX), "{}", operation.id());
        }
    }
}
