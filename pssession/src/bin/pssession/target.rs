//! From the options on the command line to the computers they mean.

use pssession::{
    Address, AuthenticationMechanism, Credential, Error, ErrorKind, SessionBuilder, WsManAddress,
    is_this_computer,
};

use crate::arguments::{Authentication, Login, Target};
use crate::password::credential;

impl Target {
    /// Whether a computer was named.
    pub(crate) fn names_a_computer(&self) -> bool {
        !self.computer_name.is_empty() || !self.connection_uri.is_empty() || self.process.is_some()
    }

    /// A builder for each computer; for this one when none was named.
    pub(crate) fn builders(&self) -> Result<Vec<SessionBuilder>, Error> {
        let credential = credential(&self.login)?;
        self.addresses()?
            .into_iter()
            .map(|address| self.builder(address, &credential))
            .collect()
    }

    fn addresses(&self) -> Result<Vec<Address>, Error> {
        if let Some(command) = &self.process {
            let mut words = command.split_whitespace().map(str::to_owned);
            let program = words
                .next()
                .ok_or_else(|| Error::new(ErrorKind::Usage, "--process names no program"))?;
            return Ok(vec![Address::Process {
                program,
                arguments: words.collect(),
            }]);
        }
        if !self.connection_uri.is_empty() {
            let parse = |uri: &String| WsManAddress::from_connection_uri(uri).map(Address::WsMan);
            return self.connection_uri.iter().map(parse).collect();
        }
        if self.computer_name.is_empty() {
            return Ok(vec![Address::local()]);
        }
        Ok(self
            .computer_name
            .iter()
            .map(|name| self.address_of(name))
            .collect())
    }

    /// `localhost` is the endpoint of this user, unless options speak of a network.
    fn address_of(&self, name: &str) -> Address {
        let over_network = self.port.is_some() || self.use_ssl || self.login.user.is_some();
        if is_this_computer(name) && !over_network {
            return Address::local();
        }
        let host = if name == "." { "localhost" } else { name };
        let mut address = WsManAddress::new(host)
            .use_ssl(self.use_ssl)
            .application_name(self.application_name.as_str());
        if let Some(port) = self.port {
            address = address.port(port);
        }
        Address::WsMan(address)
    }

    fn builder(
        &self,
        address: Address,
        credential: &Option<Credential>,
    ) -> Result<SessionBuilder, Error> {
        let builder = builder_at(address, &self.login, credential)?
            .configuration_name(self.configuration_name.as_str())
            .option(self.session.to_option(&self.login));
        Ok(builder)
    }
}

/// A builder with what the login options say, and the session options left as they are.
pub(crate) fn builder_at(
    address: Address,
    login: &Login,
    credential: &Option<Credential>,
) -> Result<SessionBuilder, Error> {
    let mut builder = SessionBuilder::new(address).authentication(match login.authentication {
        Authentication::Default => AuthenticationMechanism::Default,
        Authentication::Basic => AuthenticationMechanism::Basic,
    });
    if let Some(credential) = credential {
        builder = builder.credential(credential.clone());
    }
    if let Some(path) = &login.ca_cert {
        let pem = std::fs::read(path).map_err(|error| {
            Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).with_source(error)
        })?;
        builder = builder.root_certificates(pem);
    }
    Ok(builder)
}
