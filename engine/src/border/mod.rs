//! Where the engine's values meet those of the wire.
//!
//! A value of the wire is a tree that ends at some depth; a value of the engine has identity, and methods, and may hold
//! itself. [`to_wire`] writes as PowerShell's remoting serializer does, with its depth rules; [`from_wire`] reads as
//! PowerShell does: what it has no type for becomes a bag of properties whose type names begin with `Deserialized.`.

mod deserialized;
mod from_wire;
mod record;
mod scalar;
mod to_wire;

pub use deserialized::Deserialized;
pub use from_wire::from_wire;
pub use record::{error_record_from_wire, error_record_to_wire};
pub use to_wire::{REMOTING_DEPTH, to_wire};
