//! Clients that others wrote, talking to our endpoint.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::python::environment;
use crate::run::{cargo, run, target, workspace};

/// Installs the peers into a virtual environment of their own and lets each run its script.
pub(crate) fn interop() -> anyhow::Result<()> {
    let python = environment("interop", "pssession/tests/interop/requirements.txt")?;
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
