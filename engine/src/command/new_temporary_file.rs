//! New-TemporaryFile.

use std::fs::OpenOptions;

use super::{Command, CommandContext, CommandSpec};
use crate::eval::Run;
use crate::provider::{file_value, io_failure};
use crate::value::{ErrorCategory, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "New-TemporaryFile",
    "Microsoft.PowerShell.Commands.NewTemporaryFileCommand",
    || Box::new(NewTemporaryFile),
)
.should_process()
.output_types(&["System.IO.FileInfo"]);

struct NewTemporaryFile;

impl Command for NewTemporaryFile {
    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let folder = std::env::temp_dir();
        let shown = folder.to_string_lossy().into_owned();
        if !cx.should_process(&shown, "New-TemporaryFile")? {
            return Ok(());
        }
        // The name is random and the file must be new, so that nobody can put a link in its way.
        let name = uuid::Uuid::new_v4().simple().to_string();
        let path = folder.join(format!("tmp{}.tmp", &name[..6]));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let path = path.to_string_lossy().into_owned();
        match options.open(&path) {
            Ok(_) => {
                let item = file_value(cx, &path);
                cx.write(item)
            }
            Err(error) => {
                let (ty, message) = io_failure(&error, &path);
                cx.error(
                    ty,
                    message,
                    "NewTemporaryFileWriteError",
                    ErrorCategory::WriteError,
                    Value::from(path),
                )
            }
        }
    }
}
