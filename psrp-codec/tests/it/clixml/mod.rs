//! CLIXML: what PowerShell wrote comes back byte for byte, and nothing that a peer sends does harm.

mod cost;
mod differential;
mod generated;
mod hostile;
mod limits;
mod round_trip;
mod vectors;
