//! Authentication schemes of the HTTP binding, without I/O.
