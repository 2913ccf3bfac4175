//! Write-Error.

use std::sync::Arc;

use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{InvocationInfo, Preference, Run};
use crate::value::{ErrorCategory, ErrorRecord, Exception, Text, TypeId, TypeRef, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Write-Error",
    "Microsoft.PowerShell.Commands.WriteErrorCommand",
    || Box::new(WriteError),
)
.default_set(TEXT)
.parameters(&[
    Parameter::new("Exception", "System.Exception")
        .in_sets(&[InSet::of(EXCEPTION).position(0).mandatory()]),
    Parameter::new("Message", "string")
        .aliases(&["Msg"])
        .in_sets(&[
            InSet::of(TEXT).position(0).mandatory().pipeline(),
            InSet::of(EXCEPTION),
        ])
        .validate(&[Validate::AllowNull, Validate::AllowEmptyString]),
    Parameter::new("ErrorRecord", "System.Management.Automation.ErrorRecord")
        .in_sets(&[InSet::of(RECORD).position(0).mandatory()]),
    Parameter::new("Category", "System.Management.Automation.ErrorCategory")
        .in_sets(&[InSet::of(TEXT), InSet::of(EXCEPTION)]),
    Parameter::new("ErrorId", "string").in_sets(&[InSet::of(TEXT), InSet::of(EXCEPTION)]),
    Parameter::new("TargetObject", "object").in_sets(&[InSet::of(TEXT), InSet::of(EXCEPTION)]),
    Parameter::new("RecommendedAction", "string"),
    Parameter::new("CategoryActivity", "string").aliases(&["Activity"]),
    Parameter::new("CategoryReason", "string").aliases(&["Reason"]),
    Parameter::new("CategoryTargetName", "string").aliases(&["TargetName"]),
    Parameter::new("CategoryTargetType", "string").aliases(&["TargetType"]),
]);

const TEXT: &str = "NoException";
const EXCEPTION: &str = "WithException";
const RECORD: &str = "ErrorRecord";

struct WriteError;

impl Command for WriteError {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        // The function that complains is to blame, not Write-Error.
        let caller = caller(cx);
        let with_suffix = |id: Text| match &caller {
            Some(caller) if !caller.name.is_empty() => format!("{id},{}", caller.name).into(),
            _ => id,
        };
        let category = cx
            .integer("Category")
            .map(ErrorCategory::from_number)
            .unwrap_or_default();
        let given = cx
            .get("ErrorRecord")
            .and_then(|value| value.as_clr::<ErrorRecord>())
            .map(|record| {
                (
                    record.exception.clone(),
                    record.fully_qualified_error_id.clone(),
                    record.category,
                    record.target.clone(),
                    record
                        .details
                        .read()
                        .ok()
                        .and_then(|details| details.clone()),
                )
            });
        let (exception, fqid, category, target, details) =
            match (given, cx.get("Exception").cloned()) {
                (Some((exception, fqid, category, target, details)), _) => {
                    (exception, fqid, category, target, details)
                }
                (None, Some(exception)) => {
                    let id = cx
                        .text("ErrorId")
                        .filter(|id| !id.is_empty())
                        .unwrap_or_else(|| exception.type_name());
                    (
                        exception,
                        with_suffix(id),
                        category,
                        cx.value("TargetObject"),
                        cx.text("Message"),
                    )
                }
                (None, None) => {
                    let ty = TypeRef::find("Microsoft.PowerShell.Commands.WriteErrorException")
                        .unwrap_or_else(|| TypeRef::of(TypeId::Exception));
                    let exception =
                        Value::clr(Exception::new(ty, cx.text("Message").unwrap_or_default()));
                    let id = cx
                        .text("ErrorId")
                        .filter(|id| !id.is_empty())
                        .unwrap_or_else(|| {
                            "Microsoft.PowerShell.Commands.WriteErrorException".into()
                        });
                    (
                        exception,
                        with_suffix(id),
                        category,
                        cx.value("TargetObject"),
                        None,
                    )
                }
            };
        let record = ErrorRecord::new(exception, fqid, category, target);
        let stops = cx
            .common
            .error_action
            .unwrap_or_else(|| cx.machine.error_preference())
            == Preference::Stop;
        let info = match caller {
            Some(caller) => caller,
            // Only what ends the script is told where it stands.
            None if stops => Arc::clone(&cx.stage.invocation),
            None => Arc::new(cx.stage.invocation.at(None)),
        };
        let target_text = super::object::text_of(&record.target, cx.machine)?;
        cx.machine
            .fill_record(&record, "Write-Error".into(), target_text, info);
        if let Ok(mut texts) = record.category_texts.write() {
            for (slot, name) in texts.iter_mut().zip([
                "CategoryActivity",
                "CategoryReason",
                "CategoryTargetName",
                "CategoryTargetType",
            ]) {
                if let Some(text) = cx.text(name).filter(|text| !text.is_empty()) {
                    *slot = text;
                }
            }
        }
        if let (Some(details), Ok(mut slot)) = (details, record.details.write()) {
            *slot = Some(details);
        }
        if let (Some(action), Ok(mut slot)) = (
            cx.text("RecommendedAction"),
            record.recommended_action.write(),
        ) {
            *slot = action;
        }
        cx.write_error(Arc::new(record))
    }
}

/// The call of the function around, if there is one.
fn caller(cx: &CommandContext<'_, '_>) -> Option<Arc<InvocationInfo>> {
    let scopes = &cx.machine.session.scopes;
    scopes
        .chain(cx.machine.scope)
        .find_map(|id| {
            scopes
                .get(id)
                .frame
                .as_ref()
                .filter(|frame| !frame.invocation.name.is_empty())
        })
        .map(|frame| Arc::clone(&frame.invocation))
}
