//! Which items `-Path`, `-LiteralPath`, `-Include`, `-Exclude` and `-Filter` mean.

use std::path::Path;

use super::CommandContext;
use super::session_item::report;
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Paths, Provider, expand, list, locate, not_found, read};
use crate::value::pattern::Wildcard;

/// `-Include`, `-Exclude` and `-Filter`, on the last part of a path.
pub(crate) struct NameFilter {
    include: Vec<Wildcard>,
    exclude: Vec<Wildcard>,
    filter: Option<Wildcard>,
}

impl NameFilter {
    pub(crate) fn of(cx: &CommandContext<'_, '_>) -> Self {
        let patterns = |name: &str| {
            cx.texts(name)
                .iter()
                .filter_map(|text| Wildcard::new(text, true))
                .collect()
        };
        let filter = cx
            .text("Filter")
            .filter(|text| !text.is_empty())
            .and_then(|text| Wildcard::new(&text, !cfg!(unix)));
        Self {
            include: patterns("Include"),
            exclude: patterns("Exclude"),
            filter,
        }
    }

    pub(crate) fn has_include(&self) -> bool {
        !self.include.is_empty()
    }

    pub(crate) fn add_include(&mut self, pattern: &str) {
        self.include.extend(Wildcard::new(pattern, true));
    }

    pub(crate) fn keep(&self, name: &str) -> bool {
        (self.include.is_empty() || self.include.iter().any(|pattern| pattern.is_match(name)))
            && !self.exclude.iter().any(|pattern| pattern.is_match(name))
            && self
                .filter
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(name))
    }
}

/// Whether there is something at a place.
pub(crate) fn exists(cx: &mut CommandContext<'_, '_>, path: &ItemPath) -> bool {
    match path.provider {
        Provider::FileSystem => Path::new(&path.path).symlink_metadata().is_ok(),
        _ => path.path.is_empty() || read(cx, path).is_some(),
    }
}

/// The places that match one path; nothing if it has wildcards and none do.
///
/// # Errors
/// When nothing is there, or there is no such drive.
pub(crate) fn resolve(
    cx: &mut CommandContext<'_, '_>,
    text: &str,
    expands: bool,
    hidden: bool,
) -> Run<Vec<ItemPath>> {
    let place = locate(cx, text)?;
    if expands && Wildcard::has_wildcards(text) {
        return match place.provider {
            Provider::FileSystem => expand(cx, &place.path, hidden),
            provider => {
                let found = list(cx, provider, &place.path)?;
                Ok(found
                    .into_iter()
                    .map(|(name, _)| ItemPath {
                        provider,
                        path: name.as_str().to_owned(),
                    })
                    .collect())
            }
        };
    }
    if exists(cx, &place) {
        Ok(vec![place])
    } else {
        Err(not_found(cx, &place))
    }
}

/// The places that a command means; those that are missing are reported.
///
/// # Errors
/// Control that leaves the pipeline.
pub(crate) fn existing(
    cx: &mut CommandContext<'_, '_>,
    paths: &Paths,
    hidden: bool,
) -> Run<Vec<ItemPath>> {
    let filter = NameFilter::of(cx);
    let mut found = Vec::new();
    for (text, expands) in &paths.given {
        match resolve(cx, text, *expands, hidden) {
            Ok(places) => {
                found.extend(places.into_iter().filter(|place| filter.keep(place.leaf())))
            }
            Err(error @ Flow::Error(_)) => report(cx, Err(error))?,
            Err(flow) => return Err(flow),
        }
    }
    Ok(found)
}
