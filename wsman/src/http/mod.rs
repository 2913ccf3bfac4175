//! SOAP envelopes over HTTP/1.1, client and server.
