//! What binding says when it fails.

use std::sync::Arc;

use super::Callee;
use crate::eval::flow::Flow;
use crate::eval::machine::Machine;
use crate::eval::ops;
use crate::eval::source::Position;
use crate::value::{ErrorCategory, ErrorRecord, Exception, Raise, TypeId, TypeRef, Value};

impl Machine<'_> {
    pub(super) fn conversion_error(
        &self,
        callee: &Callee,
        cmdlet: bool,
        parameter: &str,
        raise: Raise,
        position: Option<Position>,
    ) -> Flow {
        let Raise::Error(error) = raise else {
            return raise.into();
        };
        let (lead, ty, id, category) = if cmdlet {
            (
                format!("Cannot bind parameter '{parameter}'."),
                TypeId::ParameterBindingException,
                "CannotConvertArgumentNoMessage",
                ErrorCategory::InvalidArgument,
            )
        } else {
            (
                format!("Cannot process argument transformation on parameter '{parameter}'."),
                TypeId::ParameterBindingArgumentTransformationException,
                "ParameterArgumentTransformationError",
                ErrorCategory::InvalidData,
            )
        };
        let inner = Arc::clone(&error.exception);
        let exception = Exception::new(
            TypeRef::of(ty),
            format!("{lead} {}", error.exception.message()),
        )
        .caused_by(inner)
        .detail("ParameterName", parameter);
        self.bind_record(callee, exception, id, category, position)
    }

    pub(super) fn bind_error(
        &self,
        callee: &Callee,
        message: String,
        id: &str,
        position: Option<Position>,
    ) -> Flow {
        let exception = Exception::new(TypeRef::of(TypeId::ParameterBindingException), message)
            .detail("ErrorId", id);
        self.bind_record(
            callee,
            exception,
            id,
            ErrorCategory::InvalidArgument,
            position,
        )
    }

    pub(super) fn bind_record(
        &self,
        callee: &Callee,
        exception: Exception,
        id: &str,
        category: ErrorCategory,
        position: Option<Position>,
    ) -> Flow {
        Flow::record(self.binding_record(callee, exception, id, category, position, Value::Null))
    }

    pub(super) fn binding_record(
        &self,
        callee: &Callee,
        exception: Exception,
        id: &str,
        category: ErrorCategory,
        position: Option<Position>,
        target: Value,
    ) -> Arc<ErrorRecord> {
        let id = if callee.id.is_empty() {
            id.to_owned()
        } else {
            format!("{id},{}", callee.id)
        };
        let info = callee
            .invocation
            .at(position.or_else(|| callee.position.clone()));
        let target_text = ops::plain_text(&target);
        let record = ErrorRecord::new(Value::clr(exception), id, category, target);
        self.fill_record(&record, callee.name.clone(), target_text, Arc::new(info));
        Arc::new(record)
    }
}
