//! The tree as a newcomer wants it: every source file with its length and its first sentence.

use std::path::Path;

use anyhow::Context;

use crate::run::workspace;

const CRATES: &[&str] = &[
    "psrp-codec",
    "runspace",
    "wsman",
    "engine",
    "pssession",
    "xtask",
    "benches",
];

/// Prints the tree.
pub(crate) fn tree() -> anyhow::Result<()> {
    for name in CRATES {
        println!("{name}");
        list(&workspace().join(name).join("src"), 1)?;
    }
    Ok(())
}

fn list(folder: &Path, depth: usize) -> anyhow::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .collect::<Result<_, _>>()?;
    entries.sort_by_key(|entry| (entry.path().is_dir(), entry.file_name()));
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let indent = "  ".repeat(depth);
        if entry.path().is_dir() {
            println!("{indent}{name}/");
            list(&entry.path(), depth + 1)?;
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(entry.path())?;
            let lines = text.lines().count();
            let first = text.lines().next().unwrap_or_default();
            let about = first.strip_prefix("//! ").unwrap_or_default();
            println!("{:<44}{lines:>6}  {about}", format!("{indent}{name}"));
        }
    }
    Ok(())
}
