//! Who wrote a message that was recorded, and what others than PowerShell do in their own way.
//!
//! `DIFFERENCES.md` has a table of that, which is checked both ways.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use psrp_codec::clixml::{Kind, Node, Tape};
use psrp_codec::{Limits, Member, MessageKind, Object, RefId, Value};

use super::report::Report;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Writer {
    PowerShell,
    Psrpcore,
    Pypsrp,
}

impl Writer {
    const OTHERS: [Self; 2] = [Self::Psrpcore, Self::Pypsrp];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PowerShell => "PowerShell",
            Self::Psrpcore => "psrpcore",
            Self::Pypsrp => "pypsrp",
        }
    }
}

/// Where in a recording something is, and who wrote it.
pub(crate) struct Origin<'n> {
    pub(crate) name: &'n str,
    pub(crate) writer: Writer,
}

/// What was met of each writer's own ways, by the kind of message.
#[derive(Default)]
pub(crate) struct Ways(BTreeMap<(Writer, String), BTreeSet<&'static str>>);

impl Ways {
    /// Counts what makes `xml`, which was read as `value`, another text than `rewritten`, and the
    /// typed body's `back` another value.
    pub(crate) fn add(
        &mut self,
        writer: Writer,
        kind: MessageKind,
        (xml, rewritten): (&[u8], &[u8]),
        (value, back): (&Value, &Value),
    ) -> Result<(), String> {
        let met = self.0.entry((writer, kind.to_string())).or_default();
        form(xml, rewritten, met)?;
        let objects = HashMap::new();
        Comparison { objects, met }.values(value, back)
    }

    /// Holds what was met against the table. With `whole`, what is in the table for these writers
    /// must have been met.
    pub(crate) fn check(&self, whole: bool, report: &mut Report) {
        let table = table();
        for ((writer, kind), met) in &self.0 {
            let listed = table.get(&(writer.name(), kind.as_str()));
            let listed: BTreeSet<&str> = listed.into_iter().flatten().copied().collect();
            for way in met.symmetric_difference(&listed) {
                let wrong = if met.contains(way) {
                    "is not in"
                } else {
                    "was not met, but is in"
                };
                let name = format!("{} {kind}", writer.name());
                report.fail(name, format!("`{way}` {wrong} the table of DIFFERENCES.md"));
            }
        }
        let writers: BTreeSet<_> = self.0.keys().map(|(writer, _)| writer.name()).collect();
        for (writer, kind) in table.keys().filter(|_| whole) {
            let met = self
                .0
                .keys()
                .any(|(each, name)| (each.name(), name.as_str()) == (*writer, *kind));
            if writers.contains(writer) && !met {
                report.fail(
                    "DIFFERENCES.md",
                    format!("no {kind} of {writer} is written otherwise"),
                );
            }
        }
    }
}

/// The rows whose first cell is a writer: message, and the ways in it.
fn table() -> BTreeMap<(&'static str, &'static str), Vec<&'static str>> {
    let mut rows = BTreeMap::new();
    for row in include_str!("../../DIFFERENCES.md").lines() {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        if let ["", writer, kind, ways, ""] = cells[..]
            && Writer::OTHERS.iter().any(|each| each.name() == writer)
        {
            let kind = kind.trim_matches('`');
            rows.insert((writer, kind), ways.split("; ").collect());
        }
    }
    rows
}

const ATTRIBUTES: &str = "`RefId` before `N`";
const EMPTY: &str = "an empty string as `<S />`";
const PARTS: &str = "an object's value before its type";
const TYPES: &str = "types of objects";
const ORDER: &str = "order of properties";
const LEFT_OUT: &str = "properties left out";
const OF_ITS_OWN: &str = "properties of its own";
const REFERENCES: &str = "references to equal values";

/// In what two texts of one value differ.
fn form(xml: &[u8], rewritten: &[u8], met: &mut BTreeSet<&'static str>) -> Result<(), String> {
    let text = str::from_utf8(xml).map_err(|error| error.to_string())?;
    let in_order = with_names_first(text);
    if in_order != text {
        met.insert(ATTRIBUTES);
    }
    let full = in_order.replace("<S />", "<S></S>");
    if full != in_order {
        met.insert(EMPTY);
    }
    let mut tape = Tape::default();
    let root = tape
        .parse(xml, &Limits::default())
        .map_err(|error| error.to_string())?;
    if std::iter::once(root)
        .chain(root.descendants())
        .any(is_turned)
    {
        met.insert(PARTS);
        // The same in another order.
        let sorted = |text: &[u8]| {
            let mut bytes = text.to_vec();
            bytes.sort_unstable();
            bytes
        };
        return same(sorted(full.as_bytes()) == sorted(rewritten));
    }
    same(full.as_bytes() == rewritten)
}

fn same(is_same: bool) -> Result<(), String> {
    if is_same {
        Ok(())
    } else {
        Err("it is written in a way that has no name".to_owned())
    }
}

/// Whether what an object wraps comes before its type.
fn is_turned(node: Node<'_>) -> bool {
    let place = |kind| match kind {
        Kind::TypeNames | Kind::TypeNamesReference => 0,
        Kind::ToString => 1,
        Kind::Properties => 3,
        Kind::Members => 4,
        _ => 2,
    };
    node.kind() == Kind::Object && !node.children().map(|child| place(child.kind())).is_sorted()
}

/// Puts `N` before `RefId`.
fn with_names_first(xml: &str) -> String {
    const ID: &str = " RefId=\"";
    let mut out = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once(ID) {
        out.push_str(before);
        let (id, behind) = after.split_once('"').unwrap_or((after, ""));
        let name = behind
            .strip_prefix(" N=\"")
            .and_then(|name| name.split_once('"'));
        rest = match name {
            Some((name, behind)) => {
                out.push_str(&format!(" N=\"{name}\"{ID}{id}\""));
                behind
            }
            None => {
                out.push_str(&format!("{ID}{id}\""));
                behind
            }
        };
    }
    out + rest
}

/// In what a value and the value of its typed body differ.
struct Comparison<'v, 'm> {
    /// What is referred to in the value.
    objects: HashMap<RefId, &'v Object>,
    met: &'m mut BTreeSet<&'static str>,
}

impl<'v> Comparison<'v, '_> {
    fn values(&mut self, value: &'v Value, back: &Value) -> Result<(), String> {
        match (value, back) {
            (Value::Object(theirs), Value::Object(ours)) => self.objects(theirs, ours),
            (Value::Reference(id), Value::Object(ours)) => {
                self.met.insert(REFERENCES);
                let theirs = self.objects.get(id).copied();
                self.objects(theirs.ok_or("a reference goes astray")?, ours)
            }
            (theirs, ours) if theirs == ours => Ok(()),
            (theirs, ours) => Err(format!("{theirs:?} becomes {ours:?}")),
        }
    }

    fn objects(&mut self, theirs: &'v Object, ours: &Object) -> Result<(), String> {
        if let Some(id) = theirs.ref_id {
            self.objects.insert(id, theirs);
        }
        if ours.type_names != theirs.type_names || ours.to_string != theirs.to_string {
            self.met.insert(TYPES);
        }
        match (theirs.wrapped(), ours.wrapped()) {
            (None, None) => {}
            (Some(theirs), Some(ours)) => self.values(theirs, ours)?,
            (theirs, ours) => return Err(format!("{theirs:?} becomes {ours:?}")),
        }
        let items = |object: &'v Object| object.items().unwrap_or_default();
        let (our_items, their_items) = (ours.items().unwrap_or_default(), items(theirs));
        if our_items.len() != their_items.len() || ours.entries() != theirs.entries() {
            return Err("a container changes".to_owned());
        }
        for (theirs, ours) in their_items.iter().zip(our_items) {
            self.values(theirs, ours)?;
        }
        self.properties(theirs, ours)
    }

    fn properties(&mut self, theirs: &'v Object, ours: &Object) -> Result<(), String> {
        let is_set = |member: &Member| matches!(member, Member::Set(..));
        if theirs.extended.iter().flatten().any(is_set) {
            return Err("it has a set of members".to_owned());
        }
        let our_names: Vec<_> = ours.properties().map(|(name, _)| name).collect();
        let their_names: Vec<_> = theirs.properties().map(|(name, _)| name).collect();
        let kept = their_names.iter().filter(|name| our_names.contains(name));
        let known = our_names.iter().filter(|name| their_names.contains(name));
        if !kept.eq(known) {
            self.met.insert(ORDER);
        }
        if our_names.iter().any(|name| !their_names.contains(name)) {
            self.met.insert(LEFT_OUT);
        }
        for (name, value) in theirs.properties() {
            match ours.properties().find(|(each, _)| *each == name) {
                None => drop(self.met.insert(OF_ITS_OWN)),
                Some((_, ours)) => {
                    let same = self.values(value, ours);
                    same.map_err(|reason| format!("{name}: {reason}"))?;
                }
            }
        }
        Ok(())
    }
}
