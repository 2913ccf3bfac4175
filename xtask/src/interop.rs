//! Clients that others wrote, talking to our endpoint.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::run::{cargo, exists, run, target, workspace};

/// Installs the peers into a virtual environment of their own and lets each run its script.
pub(crate) fn interop() -> anyhow::Result<()> {
    let python = environment()?;
    run(&mut cargo(["build", "--release", "--package", "pssession"]))?;
    let binary = target().join("release").join("pssession");
    let folder = workspace().join("pssession/tests/interop");
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    scripts.retain(|path| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with("test_") && name.ends_with(".py")
        })
    });
    scripts.sort();
    if scripts.is_empty() {
        bail!("no interop script in {}", folder.display());
    }
    for script in scripts {
        run(Command::new(&python)
            .arg("-B")
            .arg(script)
            .env("PSSESSION", &binary))?;
    }
    Ok(())
}

/// A Python with the peers in it, made when it is missing or its list has changed.
fn environment() -> anyhow::Result<PathBuf> {
    let wanted = workspace().join("pssession/tests/interop/requirements.txt");
    let list = std::fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let folder = target().join("interop");
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|have| have == list) {
        return Ok(python);
    }
    if !exists("python3", "--version") || !exists("python3", "-mvenv") && !has_venv() {
        // A fresh Debian machine has neither; anywhere else the person installs Python.
        run(Command::new("apt-get").args(["update", "-qq"]))?;
        run(Command::new("apt-get").args(["install", "-y", "-qq", "python3", "python3-venv"]))?;
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(&wanted))?;
    std::fs::write(stamp, list)?;
    Ok(python)
}

fn has_venv() -> bool {
    let script = "import venv, ensurepip";
    Command::new("python3")
        .args(["-c", script])
        .status()
        .is_ok_and(|status| status.success())
}
