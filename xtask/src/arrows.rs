//! The arrows between the crates: which may know which.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

/// What each crate may depend on, among our own.
const ALLOWED: &[(&str, &[&str])] = &[
    ("psrp-codec", &[]),
    ("wsman", &[]),
    ("runspace", &["psrp-codec"]),
    ("engine", &["psrp-codec"]),
    ("pssession", &["psrp-codec", "runspace", "wsman", "engine"]),
    ("xtask", &[]),
    (
        "benches",
        &["psrp-codec", "runspace", "wsman", "engine", "pssession"],
    ),
];

/// Crates without I/O, and what must not be anywhere below them.
const WITHOUT_IO: &[&str] = &["psrp-codec", "runspace", "engine"];
const IO: &[&str] = &["tokio", "hyper", "mio", "async-std", "smol"];

/// Fails when a manifest draws an arrow that the architecture does not have.
pub(crate) fn check() -> anyhow::Result<()> {
    let metadata = MetadataCommand::new().exec().context("cargo metadata")?;
    let ours: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let Some(allowed) = ours.get(name) else {
            wrong.push(format!(
                "{name} is a crate that the architecture does not know"
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let other = dependency.name.as_str();
            if ours.contains_key(other) && other != name && !allowed.contains(&other) {
                wrong.push(format!("{name} -> {other} points the wrong way"));
            }
        }
    }
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo metadata gave no graph")?;
    let names: BTreeMap<&PackageId, &str> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package.name.as_str()))
        .collect();
    for root in WITHOUT_IO {
        let mut queue: VecDeque<&PackageId> = names
            .iter()
            .filter(|(_, name)| *name == root)
            .map(|(id, _)| *id)
            .collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = queue.pop_front() {
            if !seen.insert(id) {
                continue;
            }
            let name = names.get(id).copied().unwrap_or_default();
            if IO.contains(&name) {
                wrong.push(format!("{root} has {name} below it"));
            }
            for node in resolve.nodes.iter().filter(|node| node.id == *id) {
                queue.extend(
                    node.deps
                        .iter()
                        .filter(|dep| {
                            dep.dep_kinds
                                .iter()
                                .any(|kind| kind.kind == DependencyKind::Normal)
                        })
                        .map(|dep| &dep.pkg),
                );
            }
        }
    }
    if !wrong.is_empty() {
        bail!("arrows:\n  {}", wrong.join("\n  "));
    }
    println!("arrows: {} crates, every arrow points down", ALLOWED.len());
    Ok(())
}
