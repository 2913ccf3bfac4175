//! How deep objects are written, which is up to the serializer.

use std::collections::HashSet;

use psrp_codec::{Content, Member, Object, PsString, RefId, TypeNames, Value};

use super::command::properties;
use super::convert::type_names;
use super::evaluate::Session;

const CUSTOM: &str = "System.Management.Automation.PSCustomObject";

impl Session {
    /// Puts every object where it is first met, and text in place of those that are too deep:
    /// what has properties of its own is written `depth` levels deep.
    pub(super) fn lay_out(&mut self, value: &mut Value, depth: u32) -> Option<()> {
        self.place(value, depth, &mut HashSet::new())
    }

    fn place(&mut self, value: &mut Value, depth: u32, seen: &mut HashSet<RefId>) -> Option<()> {
        if matches!(value, Value::Reference(_) | Value::Object(_)) {
            return match self.decide(value, depth, seen)? {
                Some(depth) => self.inside(value, depth, seen),
                None => Some(()),
            };
        }
        let Some(place) = self.shared.iter().position(|(own, _)| own == value) else {
            return Some(());
        };
        // What was added to it is there wherever it is, but not in that itself.
        let (own, id) = self.shared.swap_remove(place);
        *value = self.object(id)?.clone().into();
        self.place(value, depth, seen)?;
        self.shared.push((own, id));
        Some(())
    }

    /// Makes of a reference the object, or its text; how deep what is in it is written, if that is
    /// still to be seen. Apart from what goes deep itself, for the sake of the stack.
    #[inline(never)]
    fn decide(
        &mut self,
        value: &mut Value,
        depth: u32,
        seen: &mut HashSet<RefId>,
    ) -> Option<Option<u32>> {
        let (id, mut object) = match value {
            Value::Reference(id) => match self.object(*id) {
                Some(object) => (Some(*id), object.clone()),
                None => return Some(None),
            },
            Value::Object(object) => (None, (**object).clone()),
            _ => return Some(None),
        };
        if let Some(Content::Value(primitive)) = &object.content
            && let (Some(own), Some(known)) = (&object.type_names, type_names(primitive))
            && own.len() == known.len()
            && own
                .iter()
                .zip(known)
                .all(|(own, name)| own.eq_ignore_case(name))
        {
            object.type_names = None;
            if object.extended.is_none() {
                *value = primitive.clone();
                return Some(None);
            }
        }
        self.count_items(&mut object)?;
        let said = self.apply_type_data(&mut object, value)?;
        let depth = said.depth.unwrap_or_else(|| own_depth(&object, depth));
        if said.is_text || depth == 0 && has_text(&object) {
            let text = match &said.text {
                Some(text) => self.text_of(text),
                None => match object.to_string.take() {
                    Some(text) => Some(text),
                    None if object.is(CUSTOM) => self.text_of(value),
                    // It throws when it is asked.
                    None => None,
                },
            };
            let names = object.type_names.take();
            *value = shown(text, object.extended.take(), names.as_ref());
            if let (true, Value::Object(shown)) = (said.is_text, &mut *value) {
                // Its names are forgotten when it is too deep, and when .NET made it.
                shown.type_names = names.filter(|names| names.is(CUSTOM));
            }
        } else {
            if let Some(id) = id {
                if !seen.insert(id) {
                    return Some(None);
                }
                object = object.labelled(id);
            }
            *value = object.into();
        }
        Some(Some(depth))
    }

    fn inside(&mut self, value: &mut Value, depth: u32, seen: &mut HashSet<RefId>) -> Option<()> {
        let Value::Object(object) = value else {
            return Some(());
        };
        match &mut object.content {
            None => {}
            Some(Content::Value(value)) => self.place(value, depth, seen)?,
            Some(Content::Items(_, items)) => {
                for item in items {
                    self.place(item, depth, seen)?;
                }
            }
            Some(Content::Dictionary(entries)) => {
                for (key, value) in entries {
                    self.place(key, depth, seen)?;
                    self.place(value, depth, seen)?;
                }
            }
        }
        for property in object.adapted.iter_mut().flatten() {
            self.place(&mut property.value, depth.saturating_sub(1), seen)?;
        }
        let mut outcome = Some(());
        super::each_member(
            object.extended.as_deref_mut().unwrap_or_default(),
            &mut |value| outcome = outcome.and_then(|()| self.place(value, depth, seen)),
        );
        outcome
    }

    /// What collections for many threads say about themselves.
    fn count_items(&self, object: &mut Object) -> Option<()> {
        let names = object.type_names.iter().flat_map(|names| names.iter());
        let mut concurrent = names.filter_map(|name| {
            name.as_str()?
                .strip_prefix("System.Collections.Concurrent.")
        });
        let Some(name) = concurrent.next() else {
            return Some(());
        };
        let count = i32::try_from(object.items()?.len()).ok()?;
        let mut own = vec![
            ("IsEmpty", Value::Bool(count == 0)),
            ("Count", Value::Int32(count)),
        ];
        if name.starts_with("ConcurrentBag") {
            own.reverse();
        }
        own.push(("IsSynchronized", Value::Bool(false)));
        object.adapted = Some(properties(own));
        Some(())
    }
}

/// How deep an object is written that nobody has said anything about.
fn own_depth(object: &Object, depth: u32) -> u32 {
    let is_always_whole = object.is("System.Exception")
        || object.is("System.Management.Automation.SwitchParameter")
        || object.is("System.Management.Automation.PSCredential");
    if is_always_whole { 1 } else { depth }
}

/// Whether text can stand for the object: it is no collection and no value with notes.
fn has_text(object: &Object) -> bool {
    let is_deserialized = object.type_names.as_ref().is_some_and(|names| {
        let first = names.iter().next();
        first.is_some_and(|name| name.to_string_lossy().starts_with("Deserialized."))
    });
    match object.content {
        Some(Content::Items(..) | Content::Dictionary(_)) => false,
        Some(Content::Value(_)) => object.is("System.Enum"),
        None => !is_deserialized,
    }
}

/// What stands for an object that is too deep: its text, with what a script added to it.
fn shown(
    text: Option<PsString>,
    extended: Option<Vec<Member>>,
    names: Option<&TypeNames>,
) -> Value {
    let text = text.map_or(Value::Null, Value::String);
    let is = |name: &str| names.is_some_and(|names| names.is(name));
    let is_record = is("System.Management.Automation.ErrorRecord")
        || is("System.Management.Automation.InformationalRecord");
    let is_custom = is(CUSTOM);
    if is_record || extended.is_none() && !is_custom {
        return text;
    }
    let mut object = Object::wrapping(Content::Value(text));
    object.extended = extended;
    object.into()
}
