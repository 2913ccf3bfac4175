//! Error records, which travel as messages of their own kind.

use std::sync::{Arc, PoisonError};

use psrp_codec as wire;
use wire::record::{ErrorDetails, ErrorRecord as WireRecord};

use super::from_wire::from_wire;
use super::scalar::{text_from_wire, text_to_wire};
use super::to_wire::{REMOTING_DEPTH, to_wire};
use crate::value::{
    Context, ErrorCategory, ErrorRecord, Exception, Text, TypeId, TypeRef, Value, convert,
};

/// The record as the body of an ERROR_RECORD message.
pub fn error_record_to_wire(record: &ErrorRecord, cx: &mut dyn Context) -> WireRecord {
    let [activity, reason, target_name, target_type] = record
        .category_texts
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let message = record.message();
    let category = wire::ErrorCategory::new(record.category as i32);
    let mut result = WireRecord::new(
        "System.Exception",
        "",
        text_to_wire(&record.fully_qualified_error_id),
        category,
    );
    result.text = Some(text_to_wire(&message));
    result.exception = to_wire(&record.exception, REMOTING_DEPTH, cx);
    result.target_object = to_wire(&record.target, REMOTING_DEPTH, cx);
    let info = record
        .invocation_info
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    result.invocation_info = Some(to_wire(&info, REMOTING_DEPTH, cx));
    let exception = record
        .exception
        .type_ref()
        .map(|ty| ty.name())
        .unwrap_or_default();
    let reason = if reason.as_str().is_empty() {
        exception
    } else {
        reason
    };
    result.category_message = Some(text_to_wire(&category_message(
        record.category,
        &activity,
        &reason,
        &target_name,
        &target_type,
    )));
    result.category_activity = Some(text_to_wire(&activity));
    result.category_reason = Some(text_to_wire(&reason));
    result.category_target_name = Some(text_to_wire(&target_name));
    result.category_target_type = Some(text_to_wire(&target_type));
    let details = record
        .details
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    if let Some(details) = details {
        let action = record
            .recommended_action
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        result.details = Some(ErrorDetails {
            message: Some(text_to_wire(&details)),
            recommended_action: (!action.as_str().is_empty()).then(|| text_to_wire(&action)),
        });
    }
    let trace = record
        .script_stack_trace
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    if let Value::String(trace) = trace {
        result.script_stack_trace = Some(text_to_wire(&trace));
    }
    result
}

/// `CategoryInfo.ToString()`: `ObjectNotFound: (x:String) [Get-Item], ItemNotFoundException`.
fn category_message(
    category: ErrorCategory,
    activity: &Text,
    reason: &Text,
    name: &Text,
    ty: &Text,
) -> Text {
    Text::from(format!(
        "{category:?}: ({name}:{ty}) [{activity}], {reason}"
    ))
}

/// A record that came over the wire, for scripts and for showing it.
#[must_use]
pub fn error_record_from_wire(record: &WireRecord) -> Arc<ErrorRecord> {
    let message = record.message().map(text_from_wire).unwrap_or_default();
    let exception_type = record
        .exception
        .as_object()
        .and_then(|object| object.type_names.as_ref()?.iter().next().cloned())
        .and_then(|name| TypeRef::find(name.to_string_lossy().trim_start_matches("Deserialized.")))
        .unwrap_or_else(|| TypeRef::of(TypeId::RuntimeException));
    let exception_message = record.exception.get("Message").map(from_wire);
    let exception_message =
        exception_message.map_or(message, |text| convert::invariant_text(&text));
    let exception = Value::clr(Exception::new(exception_type, exception_message));
    let category = ErrorCategory::from_number(i64::from(record.category.get()));
    let id = record
        .fully_qualified_error_id
        .as_ref()
        .map(text_from_wire)
        .unwrap_or_default();
    let result = ErrorRecord::new(exception, id, category, from_wire(&record.target_object));
    let text =
        |part: &Option<wire::PsString>| part.as_ref().map(text_from_wire).unwrap_or_default();
    *result
        .category_texts
        .write()
        .unwrap_or_else(PoisonError::into_inner) = [
        text(&record.category_activity),
        text(&record.category_reason),
        text(&record.category_target_name),
        text(&record.category_target_type),
    ];
    if let Some(details) = &record.details {
        *result
            .details
            .write()
            .unwrap_or_else(PoisonError::into_inner) = details.message.as_ref().map(text_from_wire);
    }
    if let Some(info) = &record.invocation_info {
        *result
            .invocation_info
            .write()
            .unwrap_or_else(PoisonError::into_inner) = from_wire(info);
    }
    if let Some(trace) = &record.script_stack_trace {
        *result
            .script_stack_trace
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Value::String(text_from_wire(trace));
    }
    Arc::new(result)
}
