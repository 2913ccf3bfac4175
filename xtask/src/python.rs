//! A Python of our own for what others wrote in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::run::{exists, run, target, workspace};

/// A Python with what `requirements` lists, a path from the root of the workspace. It is made in
/// `folder` of the target when it is missing or the list has changed.
pub(crate) fn environment(folder: &str, requirements: &str) -> anyhow::Result<PathBuf> {
    let wanted = workspace().join(requirements);
    let list = std::fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let folder = target().join(folder);
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|have| have == list) {
        return Ok(python);
    }
    make(&folder, &python, &wanted)?;
    std::fs::write(stamp, list)?;
    Ok(python)
}

fn make(folder: &Path, python: &Path, requirements: &Path) -> anyhow::Result<()> {
    if !exists("python3", "--version") || !exists("python3", "-mvenv") && !has_venv() {
        // A fresh Debian machine has neither; anywhere else the person installs Python.
        run(Command::new("apt-get").args(["update", "-qq"]))?;
        run(Command::new("apt-get").args(["install", "-y", "-qq", "python3", "python3-venv"]))?;
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(folder))?;
    run(Command::new(python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(requirements))
}

fn has_venv() -> bool {
    let script = "import venv, ensurepip";
    Command::new("python3")
        .args(["-c", script])
        .status()
        .is_ok_and(|status| status.success())
}
