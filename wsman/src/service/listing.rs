//! Enumerate: which items, and in which form.

use bytes::Bytes;

use super::dispatcher::encode;
use super::enumeration::PageSize;
use super::operation::Resource;
use super::{Call, Dispatcher, ShellService};
use crate::namespaces::{self, RESOURCE_SHELLS};
use crate::shell::{
    EndpointReference, Enumerate, EnumerateResponse, EnumerationFilter, EnumerationItem,
    EnumerationMode, ShellDescription, ShellId,
};
use crate::soap::{ErrorCode, Fault, SelectorSet, parse_duration};

impl<S: ShellService> Dispatcher<S> {
    pub(super) async fn enumerate(
        &self,
        call: &Call,
        enumerate: Enumerate,
    ) -> Result<Bytes, Box<Fault>> {
        check_expiration(&enumerate)?;
        let items = if Resource::of(call.resource_uri()) == Resource::Commands {
            let shell = shell_of_filter(&enumerate)?;
            let commands = self.service.enumerate_commands(call, &shell).await?;
            commands.into_iter().map(EnumerationItem::Command).collect()
        } else {
            let wanted = enumerate.filter.as_ref().map(selector_filter).transpose()?;
            let mut shells = self.service.enumerate_shells(call).await?;
            if let Some(wanted) = wanted {
                let id = wanted.get("ShellId").unwrap_or_default();
                shells.retain(|shell| shell.shell_id.as_str() == id);
            }
            shells
                .into_iter()
                .map(|shell| shell_item(call, enumerate.mode, shell))
                .collect()
        };
        let elements = match (enumerate.optimize, enumerate.max_elements) {
            (false, _) => 0,
            // The default of the specification is 1, which no client means when it asks for an optimised answer.
            (true, max) => max
                .map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX))
                .max(1),
        };
        let size = PageSize {
            elements,
            bytes: page_bytes(call),
        };
        let page = self
            .enumerations
            .begin(&call.caller.user, call.resource_uri(), items, size)?;
        let (context, items, end_of_sequence) = (page.context, page.items, page.is_last);
        Ok(encode(
            call,
            EnumerateResponse {
                context,
                items,
                end_of_sequence,
            },
        ))
    }
}

fn check_expiration(enumerate: &Enumerate) -> Result<(), Box<Fault>> {
    let Some(expires) = &enumerate.expires else {
        return Ok(());
    };
    let is_duration = || parse_duration(expires).is_some_and(|duration| !duration.is_zero());
    let is_time =
        || expires.contains('T') && expires.starts_with(|first: char| first.is_ascii_digit());
    if is_duration() || is_time() {
        return Ok(());
    }
    let reason = "The expiration time is neither a duration nor a time. ";
    Err(Box::new(Fault::new(
        ErrorCode::INVALID_EXPIRATION_TIME,
        reason,
    )))
}

fn selector_filter(filter: &EnumerationFilter) -> Result<&SelectorSet, Box<Fault>> {
    let is_selectors = filter.dialect.as_deref() == Some(namespaces::SELECTOR_FILTER);
    if is_selectors && filter.selectors.len() == 1 && filter.selectors.get("ShellId").is_some() {
        return Ok(&filter.selectors);
    }
    let reason = "The only filter is a set of selectors with a ShellId. ";
    Err(Box::new(Fault::new(
        ErrorCode::CANNOT_PROCESS_FILTER,
        reason,
    )))
}

fn shell_of_filter(enumerate: &Enumerate) -> Result<ShellId, Box<Fault>> {
    if enumerate.mode != EnumerationMode::Objects {
        let reason = "Commands have no endpoint references. ";
        return Err(Box::new(Fault::new(
            ErrorCode::ENUMERATE_SHELL_COMMANDS_EPRS_NOT_SUPPORTED,
            reason,
        )));
    }
    let filter = enumerate.filter.as_ref().ok_or_else(|| {
        let reason = "Commands are enumerated with a filter that names the shell. ";
        Box::new(Fault::new(
            ErrorCode::ENUMERATE_SHELL_COMMANDS_FILTER_EXPECTED,
            reason,
        ))
    })?;
    Ok(ShellId::from(
        selector_filter(filter)?.get("ShellId").unwrap_or_default(),
    ))
}

fn shell_item(call: &Call, mode: EnumerationMode, shell: ShellDescription) -> EnumerationItem {
    let reference = |shell: &ShellDescription| EndpointReference {
        address: call.headers.to.clone(),
        resource_uri: shell
            .resource_uri
            .clone()
            .unwrap_or_else(|| RESOURCE_SHELLS.to_owned()),
        selectors: SelectorSet::shell(shell.shell_id.as_str()),
    };
    match mode {
        EnumerationMode::Objects => EnumerationItem::Shell(Box::new(shell)),
        EnumerationMode::References => EnumerationItem::Reference(reference(&shell)),
        EnumerationMode::ObjectsAndReferences => {
            let reference = reference(&shell);
            EnumerationItem::ShellAndReference(Box::new(shell), reference)
        }
    }
}

pub(super) fn page_bytes(call: &Call) -> usize {
    call.max_envelope_size.saturating_sub(3072)
}
