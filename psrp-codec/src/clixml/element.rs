//! One element after the other: tags, labels and texts, without a view of what they are part of.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "elements are no deeper than the options allow"
)]

use std::collections::HashMap;
use std::fmt;
use std::io::Write;

use bytes::BytesMut;

use super::escape::{write_attribute, write_text};
use super::output::{Output, Piece};
use super::type_lists::TypeLists;
use super::{Kind, WriteOptions};
use crate::digits::{LONGEST, integer, signed};
use crate::{PsString, RefId};

/// The attribute by which a value is known where it stands.
#[derive(Clone, Copy)]
pub(super) enum Label<'v> {
    None,
    Name(&'v PsString),
    Stream(&'v PsString),
    Key,
    Value,
}

pub(super) struct Writer<'v, 'o> {
    pub(super) out: Output<'o>,
    pub(super) options: WriteOptions,
    /// How many elements are open around what is written next.
    pub(super) indent: usize,
    pub(super) next_object: u32,
    /// What the objects that have a label are called on the wire, once there is one.
    pub(super) numbers: Option<HashMap<RefId, u32>>,
    pub(super) lists: TypeLists<'v>,
}

pub(super) const QUOTE_END: Piece = Piece::of("\">");
pub(super) const QUOTE_EMPTY: Piece = Piece::of("\" />");
const QUOTE_REF_ID: Piece = Piece::of("\" RefId=\"");
const STREAM: Piece = Piece::of(" S=\"");
const KEY: Piece = Piece::of("Key");
const VALUE: Piece = Piece::of("Value");

impl<'v, 'o> Writer<'v, 'o> {
    pub(super) fn new(options: &WriteOptions, out: &'o mut BytesMut) -> Self {
        Self {
            out: Output::new(out),
            options: WriteOptions {
                nesting: options.nesting.clamp(1, 128),
                ..*options
            },
            indent: 0,
            next_object: 0,
            numbers: None,
            lists: TypeLists::default(),
        }
    }

    #[inline]
    pub(super) fn string(&mut self, kind: Kind, text: &PsString, label: Label<'v>) {
        self.open(kind, label);
        write_text(text, &kind.tags().close, &mut self.out);
    }

    pub(super) fn signed(&mut self, kind: Kind, number: impl Into<i64>, label: Label<'v>) {
        let number = number.into();
        self.integer(kind, number < 0, number.unsigned_abs(), label);
    }

    pub(super) fn unsigned(&mut self, kind: Kind, number: impl Into<u64>, label: Label<'v>) {
        self.integer(kind, false, number.into(), label);
    }

    fn integer(&mut self, kind: Kind, negative: bool, magnitude: u64, label: Label<'v>) {
        self.open(kind, label);
        let room = self.out.room(LONGEST);
        let end = signed(room, 0, negative, magnitude);
        let end = kind.tags().close.store(room, end);
        self.out.keep(end);
    }

    pub(super) fn boolean(&mut self, truth: bool, label: Label<'v>) {
        const TRUE: Piece = Piece::of("true</B>");
        const FALSE: Piece = Piece::of("false</B>");
        self.open(Kind::Bool, label);
        self.out.piece(if truth { &TRUE } else { &FALSE });
    }

    #[cold]
    pub(super) fn display(&mut self, kind: Kind, value: &dyn fmt::Display, label: Label<'v>) {
        self.element(kind, label, |out| {
            out.short(|room| {
                let mut rest = &mut room[..];
                // There is room for the longest.
                let written = write!(rest, "{value}");
                debug_assert!(written.is_ok());
                LONGEST - rest.len()
            });
        });
    }

    /// An element with text in it.
    #[inline(always)]
    pub(super) fn element(
        &mut self,
        kind: Kind,
        label: Label<'v>,
        text: impl FnOnce(&mut Output<'o>),
    ) {
        self.open(kind, label);
        text(&mut self.out);
        self.out.piece(&kind.tags().close);
    }

    /// An element with others in it.
    pub(super) fn container(
        &mut self,
        kind: Kind,
        label: Label<'v>,
        empty: bool,
        inside: impl FnOnce(&mut Self),
    ) {
        if empty {
            return self.empty(kind, label);
        }
        self.open(kind, label);
        self.indent += 1;
        inside(self);
        self.indent -= 1;
        self.close(kind);
    }

    /// `<I32>` or `<I32 N="Id">`.
    #[inline]
    pub(super) fn open(&mut self, kind: Kind, label: Label<'v>) {
        self.new_line();
        match label {
            Label::None => self.out.piece(&kind.tags().open),
            label => self.label(kind, label, &QUOTE_END),
        }
    }

    /// `<Nil />` or `<Nil N="Site" />`.
    pub(super) fn empty(&mut self, kind: Kind, label: Label<'v>) {
        self.new_line();
        match label {
            Label::None => self.out.piece(&kind.tags().empty),
            label => self.label(kind, label, &QUOTE_EMPTY),
        }
    }

    /// `<Obj RefId="3` or `<Obj N="Name" RefId="3`.
    pub(super) fn open_with_id(&mut self, kind: Kind, bare: &Piece, label: Label<'v>, number: u32) {
        self.new_line();
        match label {
            Label::None => self.out.piece(bare),
            label => self.label(kind, label, &QUOTE_REF_ID),
        }
        self.out.short(|room| integer(room, 0, number.into()));
    }

    /// `<I32 N="Id` and what comes after it.
    #[inline]
    fn label(&mut self, kind: Kind, label: Label<'v>, after: &Piece) {
        let named = &kind.tags().named;
        if let Label::Name(name) = label {
            return write_attribute(named, name, after, &mut self.out);
        }
        self.other_label(kind, label, after);
    }

    #[inline(never)]
    fn other_label(&mut self, kind: Kind, label: Label<'v>, after: &Piece) {
        let word = match label {
            Label::Stream(name) => {
                self.out.byte(b'<');
                self.out.bytes(kind.tag().as_bytes());
                return write_attribute(&STREAM, name, after, &mut self.out);
            }
            Label::Key => &KEY,
            Label::Value => &VALUE,
            Label::None | Label::Name(_) => &Piece::EMPTY,
        };
        self.out.piece(&kind.tags().named);
        self.out.piece(word);
        self.out.piece(after);
    }

    /// `</Obj>`, after elements.
    pub(super) fn close(&mut self, kind: Kind) {
        self.new_line();
        self.out.piece(&kind.tags().close);
    }

    #[inline]
    pub(super) fn new_line(&mut self) {
        if self.options.indented {
            self.indented_line();
        }
    }

    #[cold]
    fn indented_line(&mut self) {
        // The root of the bare form has nothing before it; that of a document is never here.
        if !self.out.is_empty() {
            self.out.byte(b'\n');
            self.out.blanks(2 * self.indent);
        }
    }
}
