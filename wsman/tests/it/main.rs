//! The crate from outside, one module for each subject.

mod http;
