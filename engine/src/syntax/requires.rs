//! `#requires` lines.

use super::ast::ScriptRequirements;
use super::error::ParseError;
use super::source::Extent;

/// What the lines at `comments` ask for, and what is wrong with them.
pub(super) fn requirements(
    text: &str,
    comments: &[Extent],
) -> (Option<Box<ScriptRequirements>>, Vec<ParseError>) {
    let mut found = ScriptRequirements::default();
    let mut errors = Vec::new();
    for comment in comments {
        let line = text
            .get(comment.start as usize..comment.end as usize)
            .unwrap_or("");
        read_line(line, comment.start, &mut found, &mut errors);
    }
    let found = (!comments.is_empty()).then(|| Box::new(found));
    (found, errors)
}

fn read_line(line: &str, start: u32, found: &mut ScriptRequirements, errors: &mut Vec<ParseError>) {
    let mut words = words(line, start).skip(1).peekable();
    while let Some((extent, word)) = words.next() {
        let Some(name) = word.strip_prefix('-') else {
            continue;
        };
        let is = |full: &str| {
            !name.is_empty()
                && full.len() >= name.len()
                && full.as_bytes()[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        };
        let mut error = |extent, error_id, message: String| {
            errors.push(ParseError {
                error_id,
                message,
                incomplete_input: false,
                extent,
            });
        };
        if is("runasadministrator") {
            found.run_as_administrator = true;
            if words.next().is_some() {
                error(
                    extent,
                    "ParameterCannotHaveArgument",
                    format!("Parameter {name} cannot have an argument."),
                );
            }
            continue;
        }
        let Some((value_extent, value)) = words.next() else {
            error(
                extent,
                "ParameterRequiresArgument",
                format!("Parameter {name} requires an argument."),
            );
            continue;
        };
        let mut values = value.to_owned();
        while values.ends_with(',') || words.peek().is_some_and(|(_, next)| next.starts_with(',')) {
            let Some((_, next)) = words.next() else { break };
            values.push_str(next);
        }
        let list = || {
            values
                .split(',')
                .map(|value| value.trim_matches(['\'', '"', ' ']))
                .filter(|value| !value.is_empty())
                .map(Box::from)
        };
        if is("version") {
            if is_version(value) {
                found.version = Some(value.into());
            } else {
                error(
                    value_extent,
                    "RequiresVersionInvalid",
                    "The argument for the Version parameter is not valid. Specify a valid PowerShell version, in the format major.minor version.".to_owned(),
                );
            }
        } else if is("psedition") {
            found.editions.extend(list());
        } else if is("modules") {
            found.modules.extend(list());
        }
    }
}

fn words(line: &str, start: u32) -> impl Iterator<Item = (Extent, &str)> {
    line.split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .map(move |word| {
            let at = start + (word.as_ptr() as usize - line.as_ptr() as usize) as u32;
            (Extent::new(at, at + word.len() as u32), word)
        })
}

fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    (1..=4).contains(&parts.len())
        && parts.iter().all(|part| {
            !part.is_empty() && part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}
