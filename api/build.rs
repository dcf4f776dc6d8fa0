//! Makes the folders of the web application exist, so that a fresh clone compiles before the web is built,
//! and rebuilds this crate when a board or a web file is added.

use std::path::Path;

fn main() -> std::io::Result<()> {
    for folder in ["../dashboards/dist", "../dashboards/boards"] {
        std::fs::create_dir_all(Path::new(folder))?;
        println!("cargo::rerun-if-changed={folder}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
