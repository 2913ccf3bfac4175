//! Messages whose parts are references to one another: small on the wire, and as large as somebody
//! likes to whoever makes a copy at each of them.

use super::shapes::Make;

/// Shapes of values whose objects share what is long.
pub(super) const SHARED: &[(&str, Make)] = &[
    ("objects of one type with a long name", |n| {
        let name = "n".repeat(n / 2);
        let list = format!(
            "<Obj><LST>{}</LST></Obj>",
            "<Obj><TNRef RefId=\"0\"/></Obj>".repeat(90)
        );
        let lists = list.repeat(n / 2 / list.len());
        format!("<Obj><TN RefId=\"0\"><T>{name}</T></TN><LST>{lists}</LST></Obj>").into()
    }),
    ("objects of one type with a long torn name", |n| {
        let name = "_xD83D_".repeat(n / 14);
        let objects = "<Obj><TNRef RefId=\"0\"/></Obj>".repeat(n / 56);
        format!("<Obj><TN RefId=\"0\"><T>{name}</T></TN><LST>{objects}</LST></Obj>").into()
    }),
    ("texts of one long list of types", |n| {
        let names = "<T>A name of a type that is rather long</T>".repeat(n / 80);
        let first = format!("<Obj><TN RefId=\"0\">{names}</TN><S>a</S></Obj>");
        let more = "<Obj><TNRef RefId=\"0\"/><S>a</S></Obj>".repeat(n / 72);
        format!("<Obj><LST>{first}{more}</LST></Obj>").into()
    }),
];

/// Shapes of the value of a message.
pub(super) const MESSAGES: &[(&str, Make)] = &[
    ("statements that are one statement", |n| {
        let command = command(11, &argument(12, "<Nil N=\"V\"/>"));
        let statement = statement(10, &many(&command, 11, n / 2));
        pipeline(&many(&statement, 10, n / 2))
    }),
    ("commands that are one command", |n| {
        let command = command(11, &many(&argument(12, "<Nil N=\"V\"/>"), 12, n / 2));
        pipeline(&statement(10, &many(&command, 11, n / 2)))
    }),
    ("statements of commands of arguments", |n| {
        let command = command(11, &many(&argument(12, "<Nil N=\"V\"/>"), 12, n / 3));
        let statement = statement(10, &many(&command, 11, n / 3));
        pipeline(&many(&statement, 10, n / 3))
    }),
    ("commands with one list of arguments", |n| {
        let list = format!(
            "<Obj N=\"Args\" RefId=\"13\"><LST>{}</LST></Obj>",
            many(&argument(12, "<Nil N=\"V\"/>"), 12, n / 2)
        );
        let first = command_with(11, &list);
        let more: String = (0..n / 800)
            .map(|i| command_with(100 + i, "<Ref N=\"Args\" RefId=\"13\"/>"))
            .collect();
        pipeline(&statement(10, &(first + &more)))
    }),
    ("arguments that are one long list", |n| {
        let list = format!(
            "<Obj N=\"V\"><LST>{}</LST></Obj>",
            "<Nil/>".repeat(n / 2 / 6)
        );
        let arguments = many(&argument(12, &list), 12, n / 2);
        pipeline(&statement(10, &command(11, &arguments)))
    }),
    ("arguments that are one secret", |n| {
        let secret = format!("<SS N=\"V\">{}</SS>", "61".repeat(n / 4));
        let arguments = many(&argument(12, &secret), 12, n / 2);
        pipeline(&statement(10, &command(11, &arguments)))
    }),
    ("fields that are one field", |n| {
        let field = format!(
            "<Obj RefId=\"7\"><MS><S N=\"name\">a</S><Obj N=\"defaultValue\"><LST>{}</LST></Obj></MS></Obj>",
            "<Nil/>".repeat(n / 2 / 6)
        );
        prompt(&many(&field, 7, n / 2))
    }),
    ("fields with one default", |n| {
        let list = format!(
            "<Obj N=\"defaultValue\" RefId=\"8\"><LST>{}</LST></Obj>",
            "<Nil/>".repeat(n / 2 / 6)
        );
        let field = |value: &str| format!("<Obj><MS><S N=\"name\">a</S>{value}</MS></Obj>");
        let more = field("<Ref N=\"defaultValue\" RefId=\"8\"/>");
        prompt(&(field(&list) + &more.repeat(n / 2 / more.len())))
    }),
    ("cells that are one cell", |n| {
        let cell = "<Obj RefId=\"7\"><MS><C N=\"character\">65</C></MS></Obj>";
        let cells = many(cell, 7, n);
        let count = cells.matches("RefId").count();
        format!(
            "<Obj RefId=\"0\"><MS><I64 N=\"ci\">-100</I64><I32 N=\"mi\">49</I32><Obj N=\"mp\" RefId=\"1\"><LST>\
             <Obj RefId=\"2\"><MS><I32 N=\"x\">0</I32><I32 N=\"y\">0</I32></MS></Obj>\
             <Obj RefId=\"3\"><MS><Obj N=\"mae\" RefId=\"4\"><LST>{cells}</LST></Obj>\
             <Obj N=\"mal\" RefId=\"5\"><LST><I32>1</I32><I32>{count}</I32></LST></Obj></MS></Obj></LST></Obj></MS></Obj>"
        )
        .into()
    }),
    ("parameters that are one parameter", |n| {
        let parameter = format!(
            "<Obj N=\"Value\" RefId=\"7\"><Props><S N=\"Name\">a</S><Nil N=\"ParameterType\"/>\
             <Obj N=\"Aliases\"><LST>{}</LST></Obj><B N=\"IsDynamic\">false</B>\
             <B N=\"SwitchParameter\">false</B></Props></Obj>",
            "<S>a</S>".repeat(n / 2 / 8)
        );
        let entry = |value: &str| format!("<En><S N=\"Key\">a</S>{value}</En>");
        let more = entry("<Ref N=\"Value\" RefId=\"7\"/>");
        format!(
            "<Obj RefId=\"0\"><MS><S N=\"Name\">a</S><Nil N=\"Namespace\"/><Nil N=\"HelpUri\"/>\
             <I32 N=\"CommandType\">8</I32><Nil N=\"ResolvedCommandName\"/><Nil N=\"OutputType\"/>\
             <Obj N=\"Parameters\" RefId=\"1\"><DCT>{}{}</DCT></Obj></MS></Obj>",
            entry(&parameter),
            more.repeat(n / 2 / more.len())
        )
        .into()
    }),
];

/// `first`, whose number is `number`, and references to it, in about `n` bytes.
fn many(first: &str, number: u32, n: usize) -> String {
    let reference = format!("<Ref RefId=\"{number}\"/>");
    format!("{first}{}", reference.repeat(n / reference.len()))
}

fn argument(number: u32, value: &str) -> String {
    format!("<Obj RefId=\"{number}\"><MS><Nil N=\"N\"/>{value}</MS></Obj>")
}

fn command(number: usize, arguments: &str) -> String {
    let list = format!("<Obj N=\"Args\"><LST>{arguments}</LST></Obj>");
    command_with(number, &list)
}

fn command_with(number: usize, arguments: &str) -> String {
    let merges: String = ["MergeMyResult", "MergeToResult", "MergePreviousResults"]
        .iter()
        .map(|name| format!("<I32 N=\"{name}\">0</I32>"))
        .collect();
    format!(
        "<Obj RefId=\"{number}\"><MS><S N=\"Cmd\">a</S><B N=\"IsScript\">false</B><Nil N=\"UseLocalScope\"/>\
         {merges}{arguments}</MS></Obj>"
    )
}

fn statement(number: u32, commands: &str) -> String {
    format!("<Obj RefId=\"{number}\"><MS><Obj N=\"Cmds\"><LST>{commands}</LST></Obj></MS></Obj>")
}

fn pipeline(statements: &str) -> Vec<u8> {
    let command = command(9, "");
    format!(
        "<Obj RefId=\"0\"><MS><Obj N=\"PowerShell\" RefId=\"1\"><MS>\
         <Obj N=\"ExtraCmds\" RefId=\"2\"><LST>{statements}</LST></Obj>\
         <Obj N=\"Cmds\" RefId=\"3\"><LST>{command}</LST></Obj><B N=\"IsNested\">false</B>\
         <Nil N=\"History\"/><B N=\"RedirectShellErrorOutputPipe\">true</B></MS></Obj>\
         <B N=\"NoInput\">true</B><I32 N=\"ApartmentState\">2</I32><I32 N=\"RemoteStreamOptions\">0</I32>\
         <B N=\"AddToHistory\">true</B><Obj N=\"HostInfo\" RefId=\"4\"><MS/></Obj><B N=\"IsNested\">false</B></MS></Obj>"
    )
    .into()
}

fn prompt(fields: &str) -> Vec<u8> {
    format!(
        "<Obj RefId=\"0\"><MS><I64 N=\"ci\">1</I64><I32 N=\"mi\">23</I32><Obj N=\"mp\" RefId=\"1\"><LST>\
         <S/><S/><Obj RefId=\"2\"><LST>{fields}</LST></Obj></LST></Obj></MS></Obj>"
    )
    .into()
}
