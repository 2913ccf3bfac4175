//! Script blocks in the place of delegates: `[Predicate[int]]{ … }`.

use std::sync::Arc;

use crate::value::clr::ClrLike;
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::fold::equal_folded;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{ScriptBlock, Value};

/// A delegate type with the block that does its work.
#[derive(Debug)]
pub struct Delegate {
    ty: TypeRef,
    block: Arc<ScriptBlock>,
}

impl Delegate {
    /// A delegate of type `ty`.
    #[must_use]
    pub fn new(ty: TypeRef, block: Arc<ScriptBlock>) -> Self {
        Self { ty, block }
    }

    /// The block.
    #[must_use]
    pub fn block(&self) -> &Arc<ScriptBlock> {
        &self.block
    }

    /// Calls the block; arguments and result are converted to the delegate's types.
    ///
    /// # Errors
    /// Whatever ends the block, or a value that does not convert.
    pub fn call(&self, arguments: &[Value], cx: &mut dyn Context) -> Result<Value, Raise> {
        let types = self.ty.arguments();
        let (inputs, output) = match self.ty.definition_id() {
            Some(
                TypeId::Func1 | TypeId::Func2 | TypeId::Func3 | TypeId::Func4 | TypeId::Converter,
            ) => types
                .split_last()
                .map_or((types, None), |(last, rest)| (rest, Some(last.clone()))),
            Some(TypeId::Predicate) => (types, Some(TypeRef::of(TypeId::Boolean))),
            Some(TypeId::Comparison) => (&types[..0], Some(TypeRef::of(TypeId::Int32))),
            _ => (types, None),
        };
        let mut converted = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            converted.push(match inputs.get(index) {
                Some(ty) => convert::to(argument, ty, cx)?,
                None => argument.clone(),
            });
        }
        let result = cx.call_block(&self.block, &converted, converted.first(), None)?;
        match output {
            Some(ty) => convert::to(&result, &ty, cx),
            None => Ok(result),
        }
    }
}

impl ClrLike for Delegate {
    fn type_ref(&self) -> TypeRef {
        self.ty.clone()
    }

    fn methods(&self) -> &'static [&'static str] {
        &["Invoke", "DynamicInvoke"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        (equal_folded(name, "Invoke") || equal_folded(name, "DynamicInvoke"))
            .then(|| self.call(arguments, cx))
    }
}
