//! Which version of the protocol the two sides speak.

use std::fmt;

use psrp_codec::{Version, message::SessionCapability};

use crate::PeerError;

/// A version of the protocol: 2.0 to 2.4 are known.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProtocolVersion {
    major: u32,
    minor: u32,
}

impl ProtocolVersion {
    /// Windows 7 before its release.
    pub const V2_0: Self = Self::new(2, 0);
    /// PowerShell 2: command metadata.
    pub const V2_1: Self = Self::new(2, 1);
    /// PowerShell 3 and 4: disconnect and connect, several statements in a pipeline.
    pub const V2_2: Self = Self::new(2, 2);
    /// PowerShell 5 to 7.5: the information stream, reset.
    pub const V2_3: Self = Self::new(2, 3);
    /// PowerShell 7.6: no session key; secrets are as safe as the transport.
    pub const V2_4: Self = Self::new(2, 4);

    const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Whether a client can leave a pool and come back: from 2.2 on.
    #[must_use]
    pub fn can_disconnect(self) -> bool {
        self >= Self::V2_2
    }

    /// Whether secrets travel without a session key: from 2.4 on.
    #[must_use]
    pub fn has_plain_secrets(self) -> bool {
        self >= Self::V2_4
    }
}

impl From<Version> for ProtocolVersion {
    fn from(version: Version) -> Self {
        Self::new(version.major(), version.minor())
    }
}

impl From<ProtocolVersion> for Version {
    fn from(version: ProtocolVersion) -> Self {
        Self::new(version.major, version.minor)
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What a client makes of the server's SESSION_CAPABILITY: the version that both speak.
///
/// A server answers with the client's version or an older one. One that answers with a newer one
/// up to 2.3 is forgiven, as PowerShell does, and spoken to in our own.
pub(crate) fn client_agree(
    ours: ProtocolVersion,
    theirs: &SessionCapability,
) -> Result<ProtocolVersion, PeerError> {
    let mine = SessionCapability::new(ours.into());
    let version = ProtocolVersion::from(theirs.protocol_version);
    if version != ours && !is_classic(version) {
        return Err(unfit("protocolversion", ours, version));
    }
    if theirs.ps_version != mine.ps_version {
        return Err(unfit("PSVersion", mine.ps_version, theirs.ps_version));
    }
    if theirs.serialization_version != mine.serialization_version {
        return Err(unfit(
            "SerializationVersion",
            mine.serialization_version,
            theirs.serialization_version,
        ));
    }
    Ok(version.min(ours))
}

/// What a server makes of a client's SESSION_CAPABILITY: the version that it announces, which it
/// does even when it cannot go on, and the version that both speak.
///
/// It never announces more than the client did, nor more than `ours`.
pub(crate) fn server_agree(
    ours: ProtocolVersion,
    theirs: &SessionCapability,
) -> (ProtocolVersion, Result<ProtocolVersion, PeerError>) {
    let mine = SessionCapability::new(ours.into());
    let version = ProtocolVersion::from(theirs.protocol_version);
    let fits = is_classic(version) || covers(theirs.protocol_version, mine.protocol_version);
    let announced = if fits { version.min(ours) } else { ours };
    let agreed = if !fits {
        Err(unfit("protocolversion", ours, version))
    } else if !covers(theirs.ps_version, mine.ps_version) {
        Err(unfit("PSVersion", mine.ps_version, theirs.ps_version))
    } else if !covers(theirs.serialization_version, mine.serialization_version) {
        Err(unfit(
            "SerializationVersion",
            mine.serialization_version,
            theirs.serialization_version,
        ))
    } else {
        Ok(announced)
    };
    (announced, agreed)
}

/// A version that every peer knows.
fn is_classic(version: ProtocolVersion) -> bool {
    (ProtocolVersion::V2_0..=ProtocolVersion::V2_3).contains(&version)
}

fn covers(theirs: Version, ours: Version) -> bool {
    theirs.major() == ours.major() && theirs.minor() >= ours.minor()
}

fn unfit(what: &'static str, ours: impl fmt::Display, theirs: impl fmt::Display) -> PeerError {
    PeerError::Version {
        what,
        ours: ours.to_string(),
        theirs: theirs.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capability(major: u32, minor: u32) -> SessionCapability {
        SessionCapability::new(Version::new(major, minor))
    }

    #[test]
    fn a_server_never_announces_more_than_its_client() {
        let cases = [
            ((2, 0), "2.3", "2.0", true),
            ((2, 2), "2.3", "2.2", true),
            ((2, 3), "2.4", "2.3", true),
            ((2, 4), "2.3", "2.3", true),
            ((2, 4), "2.4", "2.4", true),
            ((2, 5), "2.4", "2.4", true),
            ((1, 0), "2.3", "2.3", false),
            ((3, 0), "2.4", "2.4", false),
        ];
        for ((major, minor), ours, announced, agrees) in cases {
            let ours = if ours == "2.3" {
                ProtocolVersion::V2_3
            } else {
                ProtocolVersion::V2_4
            };
            let (said, agreed) = server_agree(ours, &capability(major, minor));
            assert_eq!(
                (said.to_string().as_str(), agreed.is_ok()),
                (announced, agrees)
            );
        }
    }

    #[test]
    fn a_server_refuses_other_serializations_and_products() {
        let mut theirs = capability(2, 3);
        theirs.serialization_version = Version::new(1, 0);
        let (said, agreed) = server_agree(ProtocolVersion::V2_3, &theirs);
        assert_eq!(said, ProtocolVersion::V2_3);
        assert_eq!(
            agreed.unwrap_err().to_string(),
            "the peer has SerializationVersion 1.0, which does not go with 1.1.0.1"
        );
        let mut theirs = capability(2, 3);
        theirs.ps_version = Version::new(1, 0);
        assert!(server_agree(ProtocolVersion::V2_3, &theirs).1.is_err());
    }

    #[test]
    fn a_client_takes_older_servers_and_no_newer_ones() {
        let agree = |theirs| client_agree(ProtocolVersion::V2_3, &theirs);
        assert_eq!(agree(capability(2, 1)), Ok(ProtocolVersion::V2_1));
        assert_eq!(agree(capability(2, 3)), Ok(ProtocolVersion::V2_3));
        assert!(agree(capability(2, 4)).is_err());
        assert!(agree(capability(3, 0)).is_err());
        let mut theirs = capability(2, 3);
        theirs.ps_version = Version::new(2, 1);
        assert!(agree(theirs).is_err());
    }
}
