//! `[IO.Path]`.

use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

pub(super) fn path(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let name_of = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let extension = |path: &str| -> String {
        let name = name_of(path);
        match name.rfind('.') {
            Some(at) if at + 1 < name.len() => name[at..].to_owned(),
            _ => String::new(),
        }
    };
    Ok(Some(match lower {
        "combine" | "join" => {
            let parts: Vec<Text> = match call.arguments {
                [one] => elements_of(one)
                    .unwrap_or_else(|| vec![one.clone()])
                    .iter()
                    .map(convert::invariant_text)
                    .collect(),
                several => several.iter().map(convert::invariant_text).collect(),
            };
            let mut path = String::new();
            for part in parts {
                if part.is_empty() {
                    continue;
                }
                if part.starts_with('/') && lower == "combine" {
                    path.clear();
                } else if !path.is_empty() && !path.ends_with('/') && !part.starts_with('/') {
                    path.push('/');
                }
                path.push_str(&part);
            }
            path.into()
        }
        "getfilename" => name_of(&call.text(0)?).into(),
        "getextension" => extension(&call.text(0)?).into(),
        "hasextension" => Value::Bool(!extension(&call.text(0)?).is_empty()),
        "getfilenamewithoutextension" => {
            let name = name_of(&call.text(0)?);
            match name.rfind('.') {
                Some(at) => name[..at].into(),
                None => name.into(),
            }
        }
        "getdirectoryname" => {
            let path = call.text(0)?;
            match path.rfind('/') {
                Some(0) if path.len() > 1 => "/".into(),
                Some(0) => Value::Null,
                Some(at) => path[..at].into(),
                None => "".into(),
            }
        }
        "changeextension" => {
            let path = call.text(0)?;
            let by = call.text(1)?;
            let own = extension(&path);
            let stem = path
                .strip_suffix(own.as_str())
                .unwrap_or(&path)
                .trim_end_matches('.');
            if call.value(1).is_null() {
                stem.into()
            } else {
                format!("{stem}{}{by}", if by.starts_with('.') { "" } else { "." }).into()
            }
        }
        "ispathrooted" | "ispathfullyqualified" => Value::Bool(call.text(0)?.starts_with('/')),
        "getpathroot" => {
            if call.text(0)?.starts_with('/') {
                "/".into()
            } else {
                "".into()
            }
        }
        "getfullpath" => {
            let path = call.text(0)?;
            let full = if path.starts_with('/') {
                path.to_string()
            } else {
                format!("{}/{path}", call.cx.current_directory())
            };
            let mut parts: Vec<&str> = Vec::new();
            for part in full.split('/') {
                match part {
                    "" | "." => {}
                    ".." => {
                        parts.pop();
                    }
                    part => parts.push(part),
                }
            }
            format!("/{}", parts.join("/")).into()
        }
        "gettemppath" => {
            let temp = std::env::temp_dir();
            format!("{}/", temp.display().to_string().trim_end_matches('/')).into()
        }
        "getrandomfilename" => {
            let text = uuid::Uuid::new_v4().simple().to_string();
            format!("{}.{}", &text[..8], &text[8..11]).into()
        }
        "getinvalidfilenamechars" => Value::typed_array(
            TypeRef::of(TypeId::Char),
            vec![Value::Char(0), Value::Char(u16::from(b'/'))],
        ),
        "getinvalidpathchars" => {
            Value::typed_array(TypeRef::of(TypeId::Char), vec![Value::Char(0)])
        }
        "trimendingdirectoryseparator" => {
            let path = call.text(0)?;
            if path.len() > 1 {
                path.trim_end_matches('/').into()
            } else {
                Value::String(path)
            }
        }
        "endsindirectoryseparator" => Value::Bool(call.text(0)?.ends_with('/')),
        _ => return Ok(None),
    }))
}
