//! Get-FileHash.

use std::fs::File;
use std::io::{ErrorKind, Read};

use sha2::Digest;

use super::item_parameters::LITERAL_PATH_ALIASES;
use super::net_object::NetObject;
use super::target::{exists, resolve};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Paths, io_failure, locate};
use crate::value::{ErrorCategory, TypeId, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Get-FileHash",
    "Microsoft.PowerShell.Commands.GetFileHashCommand",
    || Box::new(GetFileHash),
)
.default_set("Path")
.output_types(&["Microsoft.PowerShell.Commands.FileHashInfo"])
.parameters(&[
    Parameter::new("Path", "string[]").in_sets(&[InSet::of("Path")
        .position(0)
        .mandatory()
        .pipeline()
        .by_property()]),
    Parameter::new("LiteralPath", "string[]")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("LiteralPath")
            .position(0)
            .mandatory()
            .by_property()]),
    Parameter::new("Algorithm", "string")
        .position(1)
        .validate(&[Validate::Set(&[
            "SHA1", "SHA256", "SHA384", "SHA512", "MD5",
        ])]),
]);

struct GetFileHash;

impl Command for GetFileHash {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let algorithm = cx
            .text("Algorithm")
            .map_or_else(|| "SHA256".to_owned(), |text| text.to_ascii_uppercase());
        for (text, expands) in Paths::of(cx, None).given {
            let found = match locate(cx, &text)? {
                place if crate::value::pattern::Wildcard::has_wildcards(&text) && expands => {
                    drop(place);
                    resolve(cx, &text, true, false)?
                }
                place if exists(cx, &place) => vec![place],
                place => {
                    let message = format!(
                        "Cannot find path '{}' because it does not exist.",
                        place.shown()
                    );
                    cx.error(
                        TypeId::ItemNotFoundException,
                        message,
                        "FileNotFound",
                        ErrorCategory::ObjectNotFound,
                        Value::String(text),
                    )?;
                    continue;
                }
            };
            for place in found {
                // A folder has no content to hash.
                if std::fs::metadata(&place.path).is_ok_and(|metadata| metadata.is_dir()) {
                    continue;
                }
                match hash(cx, &place, &algorithm) {
                    Ok(hash) => cx.write(
                        NetObject::new(
                            "Microsoft.PowerShell.Commands.FileHashInfo",
                            vec![
                                ("Algorithm", algorithm.as_str().into()),
                                ("Hash", hash.into()),
                                ("Path", place.path.into()),
                            ],
                        )
                        .into_value(),
                    )?,
                    Err(Failed::Flow(flow)) => return Err(flow),
                    Err(Failed::File(error)) => {
                        let (ty, _) = io_failure(&error, &place.path);
                        let message = format!("The file '{}' cannot be read: {error}", place.path);
                        let (id, category) = match error.kind() {
                            ErrorKind::PermissionDenied => {
                                ("UnauthorizedAccessError", ErrorCategory::PermissionDenied)
                            }
                            _ => ("FileReadError", ErrorCategory::ReadError),
                        };
                        cx.error(ty, message, id, category, Value::from(place.path))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Why a file has no hash.
enum Failed {
    File(std::io::Error),
    Flow(Flow),
}

fn hash(
    cx: &mut CommandContext<'_, '_>,
    place: &ItemPath,
    algorithm: &str,
) -> Result<String, Failed> {
    match algorithm {
        "MD5" => digest::<md5::Md5>(cx, place),
        "SHA1" => digest::<sha1::Sha1>(cx, place),
        "SHA384" => digest::<sha2::Sha384>(cx, place),
        "SHA512" => digest::<sha2::Sha512>(cx, place),
        _ => digest::<sha2::Sha256>(cx, place),
    }
}

fn digest<D: Digest>(cx: &mut CommandContext<'_, '_>, place: &ItemPath) -> Result<String, Failed> {
    let mut file = File::open(&place.path).map_err(Failed::File)?;
    let mut digest = D::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        cx.checkpoint().map_err(Failed::Flow)?;
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => digest.update(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Failed::File(error)),
        }
    }
    Ok(digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect())
}
