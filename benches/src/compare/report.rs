//! The tables that a person reads.

use super::goals::{GOALS, GROWTH, Goal, TOLD, name, race};
use super::races::Growth;
use super::{Corpus, Times};

/// Prints what is promised beside what was measured, and gives what fell short of its floor.
pub(super) fn goals(judged: &[(&'static str, Times)]) -> Vec<String> {
    let mut missed = Vec::new();
    println!(
        "{:<42} {:<22} {:<28} {:>8} {:>8} {:>9}",
        "race", "path", "measured against", "floor", "goal", "measured"
    );
    for goal in GOALS {
        let measured = measured(goal, judged);
        let verdict = match measured {
            None => "not measured",
            Some(measured) if goal.holds(measured, goal.goal) => "goal",
            Some(measured) if goal.holds(measured, goal.floor) => "floor",
            Some(measured) => {
                let against = goal.against.unwrap_or("nanoseconds");
                missed.push(format!(
                    "{}, {}: {} against {against}, floor {}",
                    goal.race,
                    goal.ours,
                    figure(goal, measured),
                    figure(goal, goal.floor)
                ));
                "MISSED"
            }
        };
        println!(
            "{:<42} {:<22} {:<28} {:>8} {:>8} {:>9}  {verdict}",
            goal.race,
            goal.ours,
            goal.against.unwrap_or("nanoseconds, in cache"),
            figure(goal, goal.floor),
            figure(goal, goal.goal),
            measured.map_or("-".to_owned(), |measured| figure(goal, measured)),
        );
    }
    for (race, ours, against) in TOLD {
        let measured = times_of(race, judged).and_then(|times| times.ratio(ours, against));
        let measured = measured.map_or("-".to_owned(), times_as_fast);
        println!(
            "{race:<42} {ours:<22} {against:<28} {:>8} {:>8} {measured:>9}",
            "", ""
        );
    }
    missed
}

/// Prints what each contestant took. Headers have no bytes to speak of, and were told already.
pub(super) fn times(races: &[(&'static str, Times)]) {
    for (race, times) in races.iter().filter(|(race, _)| *race != race::HEADER) {
        println!("\n{race}: {} bytes", times.bytes());
        for name in times.names() {
            let nanoseconds = times.nanoseconds(name).unwrap_or(f64::NAN);
            let speed = times.bytes() as f64 * 1e3 / nanoseconds;
            println!(
                "  {name:<28} {:>12.1} us {speed:>10.1} MB/s",
                nanoseconds / 1e3
            );
        }
    }
}

/// Prints the ratios of every kind of objects.
pub(super) fn corpora(corpora: &[(Corpus, [(&'static str, Times); 4])]) {
    for who in [name::PSRP_RS, name::PSRPCORE] {
        let measured = |(_, races): &(Corpus, [(_, Times); 4])| {
            races
                .iter()
                .any(|(_, times)| times.nanoseconds(who).is_some())
        };
        if !corpora.iter().any(measured) {
            println!("{who}: not measured");
        }
    }
    print!("{:<48}", "");
    for (corpus, _) in corpora {
        print!("{:>11}", corpus.name());
    }
    println!();
    let ratios = [
        (0, name::STRUCTURE, name::MEMCHR),
        (0, name::STRUCTURE, name::QUICK_XML),
        (0, name::STRUCTURE, name::PSRP_RS),
        (0, name::STRUCTURE, name::PSRPCORE),
        (0, name::EVERY_VALUE, name::MEMCHR),
        (0, name::EVERY_VALUE, name::PSRP_RS),
        (0, name::COMPACT, name::QUICK_XML),
        (0, name::COMPACT, name::PSRP_RS),
        (0, name::TREE, name::QUICK_XML),
        (0, name::TREE, name::PSRP_RS),
        (0, name::TREE, name::PSRPCORE),
        (1, name::OURS, name::QUICK_XML_WRITER),
        (1, name::OURS, name::PSRP_RS),
        (1, name::OURS, name::PSRPCORE),
        (2, name::OURS, name::SUM),
        (2, name::OURS, name::WINRM_RS),
        (3, name::OURS, name::SUM),
        (3, name::OURS, name::WINRM_RS),
    ];
    for (race, ours, against) in ratios {
        let of = |races: &[(&'static str, Times); 4]| races[race].1.ratio(ours, against);
        if corpora.iter().all(|(_, races)| of(races).is_none()) {
            continue;
        }
        let ours = ["", "encode", "receive 32 KiB", "receive 150 KiB"]
            .get(race)
            .filter(|name| !name.is_empty())
            .unwrap_or(&ours);
        print!("{:<48}", format!("{ours} / {against}"));
        for (_, races) in corpora {
            match of(races) {
                Some(ratio) => print!("{ratio:>10.2}x"),
                None => print!("{:>11}", "-"),
            }
        }
        println!();
    }
}

/// Prints how cost grows with size, and gives what grew too much.
pub(super) fn growth(grown: &[Growth]) -> Vec<String> {
    let mut missed = Vec::new();
    for Growth {
        path,
        fresh,
        cached,
    } in grown
    {
        let is_limit = *path == name::MEMCHR;
        let holds = is_limit || *fresh <= GROWTH;
        let verdict = match (is_limit, holds) {
            (true, _) => "limit",
            (false, true) => "holds",
            (false, false) => "MISSED",
        };
        println!("  {path:<42} {fresh:>6.2}x  {verdict:<8} {cached:>6.2}x");
        if !holds {
            missed.push(format!(
                "{path}: a byte of 20 MB costs {fresh:.2} times as much as a byte of 1 MB, at most {GROWTH}"
            ));
        }
    }
    missed
}

fn measured(goal: &Goal, judged: &[(&'static str, Times)]) -> Option<f64> {
    let times = times_of(goal.race, judged)?;
    match goal.against {
        None => Some(times.nanoseconds(goal.ours)? / times.bytes() as f64),
        Some(other) => times.ratio(goal.ours, other),
    }
}

fn times_of<'t>(race: &str, judged: &'t [(&'static str, Times)]) -> Option<&'t Times> {
    let (_, times) = judged.iter().find(|(name, _)| *name == race)?;
    Some(times)
}

fn figure(goal: &Goal, number: f64) -> String {
    match goal.against {
        None => format!("{number:.1} ns"),
        Some(_) => times_as_fast(number),
    }
}

fn times_as_fast(ratio: f64) -> String {
    if ratio < 10.0 {
        format!("{ratio:.2}x")
    } else {
        format!("{ratio:.0}x")
    }
}
