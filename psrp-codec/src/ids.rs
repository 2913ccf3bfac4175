//! The names that things have on the wire, each a type of its own.

use std::fmt;

use uuid::Uuid;

macro_rules! guid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Uuid);

        impl $name {
            /// The id for `guid`; `None` for the GUID of zeros, which on the wire means "none".
            #[must_use]
            pub const fn new(guid: Uuid) -> Option<Self> {
                if guid.is_nil() { None } else { Some(Self(guid)) }
            }

            /// The GUID itself.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

guid_id! {
    /// Names a runspace pool (RPID): chosen by the client, never all zeros.
    ///
    /// Over WS-Management it is also the id of the shell.
    PoolId
}
guid_id! {
    /// Names a pipeline (PID): chosen by the client, never all zeros.
    ///
    /// Over WS-Management it is also the id of the command.
    PipelineId
}

/// Names one fragmented message on one side of a conversation: 1 to 2⁶³ − 1, counting up.
///
/// A receiver must not take it for unique: a connect response may use ids that collide with
/// earlier ones.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ObjectId(u64);

impl ObjectId {
    /// The id of the first message that a side sends.
    pub const FIRST: Self = Self(1);
    /// The largest id; the top bit of the field is never set.
    pub const LAST: Self = Self(i64::MAX as u64);

    /// The id with this number; `None` for zero and above 2⁶³ − 1.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        if number == 0 || number > Self::LAST.0 {
            None
        } else {
            Some(Self(number))
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The id that follows. After the last comes the first, which at a million messages a second
    /// takes 292,000 years.
    #[must_use]
    pub const fn next(self) -> Self {
        if self.0 >= Self::LAST.0 {
            Self::FIRST
        } else {
            Self(self.0.saturating_add(1))
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The `ci` of a call and its answer.
///
/// The client numbers its pool calls, the server its host calls, each from 1; host calls are
/// numbered for the pool and for each pipeline apart.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId(i64);

impl CallId {
    /// The id of the first call that is answered.
    pub const FIRST: Self = Self(1);
    /// What every host call has that gives no answer.
    pub const VOID: Self = Self(-100);

    /// The id with this number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The id that follows; after the largest number comes 1 again.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0.checked_add(1) {
            Some(number) => Self(number),
            None => Self::FIRST,
        }
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_zeros_is_no_id() {
        assert_eq!(PoolId::new(Uuid::nil()), None);
        assert_eq!(ObjectId::new(0), None);
        assert_eq!(ObjectId::new(1 << 63), None);
    }

    #[test]
    fn ids_count_up_and_begin_again_after_the_last() {
        assert_eq!(ObjectId::FIRST.next().get(), 2);
        assert_eq!(ObjectId::LAST.next(), ObjectId::FIRST);
        assert_eq!(CallId::new(i64::MAX).next(), CallId::FIRST);
    }
}
