//! What a client is told of the server once it has logged in.

use std::collections::HashMap;

use pgwire::api::ClientInfo;
use pgwire::api::auth::ServerParameterProvider;

use super::link::Link;

/// The settings of one connection, as the protocol library asks for them.
pub struct Greeting<'a>(pub &'a Link);

impl ServerParameterProvider for Greeting<'_> {
    fn server_parameters<C>(&self, _client: &C) -> Option<HashMap<String, String>>
    where
        C: ClientInfo,
    {
        Some(self.0.settings().reported().into_iter().collect())
    }
}
