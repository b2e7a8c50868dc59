//! Turns the document of the control plane into JSON, so that a faulty one never becomes a program.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

const DOCUMENT: &str = "src/control/openapi.yaml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let text = fs::read_to_string(DOCUMENT).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let options = serde_saphyr::options! { strict_booleans: true };
    let document: Value = match serde_saphyr::from_str_with_options(&text, options) {
        Ok(document) => document,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error=mock-server/{DOCUMENT}: {line}");
            }
            return Ok(());
        }
    };
    fs::write(Path::new(&env::var("OUT_DIR")?).join("openapi.json"), document.to_string())?;
    Ok(())
}
