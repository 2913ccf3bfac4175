//! Methods that only the evaluator can run: of script blocks, of `$PSCmdlet`, of `$Host`.

use std::sync::Arc;

use super::cmdlet_object::CmdletObject;
use super::flow::{Failure, Flow, Run};
use super::machine::Machine;
use super::ops;
use crate::value::{ErrorRecord, Raise, Text, TypeId, Value, members};

impl Machine<'_> {
    pub(crate) fn method(
        &mut self,
        target: &Value,
        name: &Text,
        arguments: &[Value],
    ) -> Run<Value> {
        match target.base() {
            Value::ScriptBlock(block) => match name.to_ascii_lowercase().as_str() {
                "getnewclosure" => return self.closure_of(block),
                "invoke" => {
                    let result = self.call_for_value(block, arguments, None, None)?;
                    let items = match result {
                        Value::Nothing => Vec::new(),
                        other => ops::items(&other).unwrap_or_else(|| vec![other]),
                    };
                    return Ok(Value::List(Arc::new(crate::value::List::new(
                        crate::value::ListKind::Collection(crate::value::TypeRef::of(
                            TypeId::PSObject,
                        )),
                        items,
                    ))));
                }
                "invokereturnasis" => return self.call_for_value(block, arguments, None, None),
                _ => {}
            },
            Value::Clr(object) => {
                if let Some(cmdlet) = object.downcast::<CmdletObject>() {
                    return self.cmdlet_method(cmdlet, name, arguments);
                }
            }
            _ => {}
        }
        Ok(members::invoke(target, name, arguments, self)?)
    }

    fn cmdlet_method(
        &mut self,
        cmdlet: &CmdletObject,
        name: &str,
        arguments: &[Value],
    ) -> Run<Value> {
        let common = &cmdlet.common;
        let argument = |index: usize| arguments.get(index).cloned().unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "throwterminatingerror" => {
                let record = self.record_argument(&argument(0), cmdlet)?;
                return Err(Failure::record(record).flow());
            }
            "writeerror" => {
                let record = self.record_argument(&argument(0), cmdlet)?;
                self.succeeded = false;
                self.write_error(record, common, None)?;
            }
            "writeverbose" => {
                let text = ops::text(self, &argument(0))?;
                self.write_verbose(text, common, None)?;
            }
            "writewarning" => {
                let text = ops::text(self, &argument(0))?;
                self.write_warning(text, common, None)?;
            }
            "writedebug" => {
                let text = ops::text(self, &argument(0))?;
                self.write_debug(text, common, None)?;
            }
            "writeinformation" => {
                let tags = ops::items(&argument(1))
                    .unwrap_or_default()
                    .iter()
                    .map(ops::plain_text)
                    .collect();
                self.write_information(argument(0), tags, common, None)?;
            }
            "shouldprocess" => {
                let first = ops::text(self, &argument(0))?;
                let action = if arguments.len() > 1 {
                    ops::text(self, &argument(1))?
                } else {
                    cmdlet.name.clone()
                };
                return Ok(Value::Bool(
                    self.should_process_as(&first, &action, common)?,
                ));
            }
            "shouldcontinue" => return Ok(Value::Bool(true)),
            "getvariablevalue" => {
                let name = ops::text(self, &argument(0))?;
                return Ok(self.variable(&name).unwrap_or_default());
            }
            _ => {
                return Err(Raise::runtime(
                    format!("Method invocation failed because [System.Management.Automation.PSScriptCmdlet] does not contain a method named '{name}'."),
                    "MethodNotFound",
                )
                .into());
            }
        }
        Ok(Value::Nothing)
    }

    /// An error record given to a method of `$PSCmdlet`, as one of this command.
    fn record_argument(&mut self, value: &Value, cmdlet: &CmdletObject) -> Run<Arc<ErrorRecord>> {
        let Value::Clr(object) = value.base() else {
            return Err(Raise::runtime(
                "Cannot convert the argument to an error record.",
                "MethodException",
            )
            .into());
        };
        let Some(given) = object.downcast::<ErrorRecord>() else {
            return Err(Raise::runtime(
                "Cannot convert the argument to an error record.",
                "MethodException",
            )
            .into());
        };
        let id = format!("{},{}", given.fully_qualified_error_id, cmdlet.name);
        let record = ErrorRecord::new(
            given.exception.clone(),
            id,
            given.category,
            given.target.clone(),
        );
        let target = ops::plain_text(&given.target);
        *record
            .details
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = given
            .details
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        self.fill_record(
            &record,
            cmdlet.name.clone(),
            target,
            Arc::clone(&cmdlet.invocation),
        );
        Ok(Arc::new(record))
    }

    /// Members of objects that are views of the evaluator's own state.
    pub(crate) fn special_property(&mut self, target: &Value, name: &str) -> Option<Value> {
        let Value::ScriptBlock(block) = target.base() else {
            return None;
        };
        match name.to_ascii_lowercase().as_str() {
            "file" => Some(Value::Null),
            "isfilter" => Some(Value::Bool(false)),
            "ast" => Some(super::engine_objects::with_text(
                "System.Management.Automation.Language.ScriptBlockAst",
                Default::default(),
                format!("{{{}}}", block.text()).into(),
            )),
            _ => None,
        }
    }

    /// `-WhatIf` and `-Confirm`.
    pub(crate) fn should_process(
        &mut self,
        target: &str,
        action: &str,
        common: &super::records::CommonParameters,
        _stage: &super::pipeline::StageInfo,
    ) -> Run<bool> {
        self.should_process_as(target, action, common)
    }

    fn should_process_as(
        &mut self,
        target: &str,
        action: &str,
        common: &super::records::CommonParameters,
    ) -> Run<bool> {
        let what_if = common.what_if.unwrap_or_else(|| {
            self.lookup(super::symbol::known::what_if())
                .is_some_and(|value| ops::truth(&value))
        });
        if what_if {
            let text: Value =
                format!("What if: Performing the operation \"{action}\" on target \"{target}\".")
                    .into();
            self.sink
                .host_call(crate::runspace::HostCall {
                    method: "WriteLine",
                    arguments: vec![text],
                })
                .map_err(|_| Flow::Stopped)?;
            return Ok(false);
        }
        self.write_verbose(
            format!("Performing the operation \"{action}\" on target \"{target}\".").into(),
            common,
            None,
        )?;
        Ok(true)
    }

    /// A default value that does not fit its parameter.
    pub(crate) fn default_error(
        &self,
        parameter: &str,
        raise: Raise,
        position: super::source::Position,
    ) -> Flow {
        let Raise::Error(error) = raise else {
            return raise.into();
        };
        let exception = crate::value::Exception::new(
            crate::value::TypeRef::of(TypeId::ParameterBindingArgumentTransformationException),
            format!(
                "Cannot process argument transformation on parameter '{parameter}'. {}",
                error.exception.message()
            ),
        )
        .caused_by(Arc::clone(&error.exception));
        let name = self
            .calls
            .last()
            .map_or_else(Text::default, |call| call.name.clone());
        let record = ErrorRecord::new(
            Value::clr(exception),
            format!("ParameterArgumentTransformationError,{name}"),
            crate::value::ErrorCategory::InvalidData,
            Value::Null,
        );
        self.fill_record(
            &record,
            name,
            Text::default(),
            Arc::new(super::frame::InvocationInfo {
                position: Some(position),
                ..Default::default()
            }),
        );
        Flow::record(Arc::new(record))
    }

    /// The lines of a file, for `switch -file`.
    pub(crate) fn lines_of_file(&mut self, path: &str) -> Run<Vec<Value>> {
        let full = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{}/{path}", self.session.location)
        };
        match std::fs::read(&full) {
            Ok(bytes) => {
                self.charge_bytes(bytes.len())?;
                let text = String::from_utf8_lossy(&bytes);
                Ok(text.lines().map(Value::from).collect())
            }
            Err(error) => {
                let message = format!("Could not find file '{full}'.");
                tracing::debug!(%error, "A file of a switch statement could not be read");
                Err(
                    Raise::of(TypeId::FileNotFoundException, message, "FileReadError")
                        .category(crate::value::ErrorCategory::ReadError)
                        .into(),
                )
            }
        }
    }
}

impl Failure {
    fn flow(self) -> Flow {
        Flow::Error(Box::new(self))
    }
}
