//! Embeds broken servers (`broken/<api>/*.yaml`), lawful ones and the checks without proof (`lawful/<api>.yaml`,
//! `unproven/<api>.yaml`), so that a new file needs no other line anywhere. A version that the API's name alone does not
//! mean has files of its own, `<api>-<version>`.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    for kind in ["broken", "lawful", "unproven"] {
        println!("cargo::rerun-if-changed={kind}");
        let mut table = String::from("[\n");
        for path in sorted(&root.join(kind))? {
            let api = path.file_stem().ok_or("an entry has a name")?.to_string_lossy().into_owned();
            let files = if path.is_dir() { sorted(&path)? } else { vec![path] };
            for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "yaml")) {
                let shown = Path::new("conformance").join(file.strip_prefix(&root)?);
                writeln!(table, "File {{ api: {api:?}, path: {shown:?}, text: include_str!({file:?}) }},")?;
            }
        }
        table.push(']');
        fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{kind}.rs")), table)?;
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
