//! Host calls: the server's script talks to the person in front of the client.

mod answer;
mod info;
mod method;
mod parameters;
mod prompt;
mod raw_ui;
mod request;

pub use answer::HostAnswer;
pub use info::{HostDefaultData, HostInfo};
pub use method::HostMethod;
pub use prompt::{ChoiceDescription, Credential, FieldDescription};
pub(crate) use raw_ui::array_list;
pub use raw_ui::{BufferCell, BufferContents, Coordinates, KeyInfo, Rectangle, Size};
pub use request::HostRequest;
