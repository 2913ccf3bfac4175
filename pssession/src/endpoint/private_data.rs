//! What the endpoint says of itself when a pool opens.

use psrp_codec::message::ApplicationPrivateData;
use psrp_codec::{Value, Version};

use super::engine::Engine;

/// The type names of a dictionary of primitives, as PowerShell writes them.
const DICTIONARY: [&str; 3] = [
    "System.Management.Automation.PSPrimitiveDictionary",
    "System.Collections.Hashtable",
    "System.Object",
];

/// The engine's version table with the version of the protocol that was agreed on: clients decide
/// by it what they may ask for.
pub(super) fn private_data(engine: &dyn Engine, protocol: Version) -> ApplicationPrivateData {
    let mut table = engine.version_table();
    table.push((
        "PSRemotingProtocolVersion".to_owned(),
        Value::Version(protocol),
    ));
    let serialization = Version::new(1, 1).with_build(0).with_revision(1);
    table.push((
        "SerializationVersion".to_owned(),
        Value::Version(serialization),
    ));
    table.push((
        "WSManStackVersion".to_owned(),
        Value::Version(Version::new(3, 0)),
    ));
    let table = Value::dictionary(
        DICTIONARY,
        table
            .into_iter()
            .map(|(name, value)| (Value::from(name), value)),
    );
    ApplicationPrivateData {
        data: Value::dictionary(DICTIONARY, [(Value::from("PSVersionTable"), table)]),
    }
}
