//! Shapes of input from a peer, each as large as asked for.

use bytes::BytesMut;
use psrp_codec::{Encode, Fragment, ObjectId};

/// A shape of input, of about as many bytes as asked for.
pub(super) type Make = fn(usize) -> Vec<u8>;

/// Shapes of one CLIXML value.
pub(super) const VALUES: &[(&str, Make)] = &[
    ("objects that nest", |n| repeat("<Obj><LST>", n)),
    ("unknown elements that nest", |n| {
        inside("<Nil>", "<a>", "</Nil>", n)
    }),
    ("unknown elements side by side", |n| {
        inside("<Nil>", "<a/>", "</Nil>", n)
    }),
    ("sets that nest", |n| {
        inside("<Obj><MS>", "<MS N=\"a\">", "", n)
    }),
    ("nulls", |n| list("<Nil/>", n)),
    ("empty strings", |n| list("<S/>", n)),
    ("empty objects", |n| list("<Obj/>", n)),
    ("empty lists", |n| list("<Obj><LST/></Obj>", n)),
    ("objects with numbers", |n| {
        numbered_list("<Obj RefId=\"#\"/>", n)
    }),
    ("objects with strange numbers", |n| {
        numbered_list("<Obj RefId=\"x#\"/>", n)
    }),
    ("references to one object", |n| {
        list("<Ref RefId=\"0\"/>", n)
    }),
    ("references to many objects", |n| {
        numbered_list("<Obj RefId=\"#\"/><Ref RefId=\"#\"/>", n)
    }),
    ("lists of two references to the list before", |n| {
        let lists = (1..n / 64).map(|i| {
            let before = i - 1;
            format!("<Obj RefId=\"{i}\"><LST><Ref RefId=\"{before}\"/><Ref RefId=\"{before}\"/></LST></Obj>")
        });
        format!(
            "<Obj RefId=\"0\"><LST>{}</LST></Obj>",
            lists.collect::<String>()
        )
        .into()
    }),
    ("references to one long list of types", |n| {
        let names = "<T>A name of a type that is rather long</T>".repeat(n / 80);
        let first = format!("<Obj><TN RefId=\"0\">{names}</TN></Obj>");
        let more = "<Obj><TNRef RefId=\"0\"/></Obj>".repeat(n / 56);
        format!("<Obj><LST>{first}{more}</LST></Obj>").into()
    }),
    ("many lists of types", |n| {
        numbered_list("<Obj><TN RefId=\"#\"><T>Type#</T></TN></Obj>", n)
    }),
    ("one list of types again and again", |n| {
        numbered_list("<Obj><TN RefId=\"#\"><T>Type</T></TN></Obj>", n)
    }),
    ("attributes", |n| {
        let attributes = (0..n / 10)
            .map(|i| format!(" a{i}=\"\""))
            .collect::<String>();
        format!("<Nil{attributes}/>").into()
    }),
    ("elements with many attributes", |n| {
        list(&format!("<Nil{}/>", " a=\"\"".repeat(60)), n)
    }),
    ("attributes in namespaces with long names", |n| {
        let long = "n".repeat(n / 64);
        let declared: String = (10..30)
            .map(|i| format!(" xmlns:p{i}=\"{long}{i}\""))
            .collect();
        let attributes: String = (10..30).map(|i| format!(" p{i}:a=\"\"")).collect();
        let element = format!("<a{attributes}/>");
        inside(&format!("<Nil{declared}>"), &element, "</Nil>", n / 2)
    }),
    ("declarations of namespaces", |n| {
        numbered_list("<Nil xmlns:a#=\"urn:#\"/>", n)
    }),
    ("declarations of namespaces inside each other", |n| {
        numbered("<Obj xmlns:a#=\"urn:#\"><LST>", n).into()
    }),
    ("white space in a tag", |n| inside("<Nil", " ", "/>", n)),
    ("white space between tags", |n| {
        inside("<Obj><LST>", " \n", "</LST></Obj>", n)
    }),
    ("a long name", |n| {
        inside("<Obj><MS><Nil N=\"", "a", "\"/></MS></Obj>", n)
    }),
    ("a long name of escapes", |n| {
        inside("<Obj><MS><Nil N=\"", "_x0041_", "\"/></MS></Obj>", n)
    }),
    ("long names that begin alike", |n| {
        let name = "a".repeat(1000);
        numbered_members(&format!("<Nil N=\"{name}#\"/>"), n)
    }),
    ("one name again and again", |n| {
        inside("<Obj><MS>", "<Nil N=\"a\"/>", "</MS></Obj>", n)
    }),
    ("one name in both sets", |n| {
        let half = "<Nil N=\"a\"/>".repeat(n / 24);
        format!("<Obj><Props>{half}</Props><MS>{half}</MS></Obj>").into()
    }),
    ("many names", |n| numbered_members("<Nil N=\"a#\"/>", n)),
    ("one name as many attributes", |n| {
        inside("<Obj><MS><Nil N=\"b\"", " c=\"a\"", "/></MS></Obj>", n)
    }),
    ("sets of members side by side", |n| {
        numbered_members("<MS N=\"a#\"><Nil N=\"b\"/></MS>", n)
    }),
    ("many keys", |n| {
        entries("<En><I32 N=\"Key\">#</I32><Nil N=\"Value\"/></En>", n)
    }),
    ("one key again and again", |n| {
        entries("<En><S N=\"Key\">a</S><Nil N=\"Value\"/></En>", n)
    }),
    ("escapes", |n| inside("<S>", "_x0041_", "</S>", n)),
    ("escapes of half pairs", |n| {
        inside("<S>", "_xD83D_", "</S>", n)
    }),
    ("half an escape", |n| inside("<S>", "_x", "</S>", n)),
    ("most of an escape", |n| inside("<S>", "_x0041", "</S>", n)),
    ("underscores", |n| inside("<S>", "_", "</S>", n)),
    ("entities", |n| inside("<S>", "&amp;", "</S>", n)),
    ("references to characters", |n| {
        inside("<S>", "&#xD800;", "</S>", n)
    }),
    ("half a reference", |n| inside("<S>", "&", "</S>", n)),
    ("an endless reference", |n| inside("<S>&#", "0", ";</S>", n)),
    ("comments", |n| inside("<S>", "<!---->", "</S>", n)),
    ("comments between elements", |n| {
        inside("<Obj><LST>", "<!---->", "</LST></Obj>", n)
    }),
    ("an endless comment", |n| {
        inside("<S><!--", "- -", "</S>", n)
    }),
    ("instructions", |n| inside("<S>", "<?a?>", "</S>", n)),
    ("an endless instruction", |n| {
        inside("<S><?a", " ?", "</S>", n)
    }),
    ("sections", |n| inside("<S>", "<![CDATA[]]>", "</S>", n)),
    ("sections with a byte", |n| {
        inside("<S>", "<![CDATA[a]]>b", "</S>", n)
    }),
    ("an endless section", |n| {
        inside("<S><![CDATA[", "]] >", "</S>", n)
    }),
    ("brackets", |n| inside("<S>", "]] >", "</S>", n)),
    ("open brackets", |n| inside("<S>", "<", "", n)),
    ("line ends", |n| inside("<S>", "\r\n", "</S>", n)),
    ("a long integer", |n| inside("<I32>", "0", "1</I32>", n)),
    ("a long fraction", |n| inside("<Db>0.", "1", "</Db>", n)),
    ("a long decimal", |n| inside("<D>0.", "1", "</D>", n)),
    ("a long time", |n| {
        inside("<DT>2020-01-01T00:00:00.", "1", "Z</DT>", n)
    }),
    ("a long duration", |n| inside("<TS>PT0.", "1", "S</TS>", n)),
    ("a long GUID", |n| inside("<G>{0x", "0", "}</G>", n)),
    ("a long version", |n| {
        inside("<Version>1.", "0", "</Version>", n)
    }),
    ("base64", |n| inside("<BA>", "AAAA", "</BA>", n)),
    ("base64 in pieces", |n| inside("<BA>", "AAAA\n", "</BA>", n)),
    ("a secret", |n| inside("<SS>", "61006200", "</SS>", n)),
    ("progress", |n| {
        list(
            "<PR><AV>a</AV><AI>1</AI><Nil/><PI>-1</PI><PC>-1</PC><T>Processing</T><SR>-1</SR><SD>s</SD></PR>",
            n,
        )
    }),
    ("bytes that are no text", |n| {
        [&b"<S>"[..], &vec![0xFF; n], b"</S>"].concat()
    }),
];

/// Shapes of fragments.
pub(super) const STREAMS: &[(&str, Make)] = &[
    ("messages of a byte", |n| {
        fragments((1..).map(|object| (object, 0, true, true, 1)), n)
    }),
    ("a message in fragments of a byte", |n| {
        fragments((0..).map(|index| (1, index, index == 0, false, 1)), n)
    }),
    ("a message in empty fragments", |n| {
        fragments((0..).map(|index| (1, index, index == 0, false, 0)), n)
    }),
    ("messages in two fragments", |n| {
        fragments(
            (0..).map(|i| (1 + i / 2, i % 2, i % 2 == 0, i % 2 == 1, 1)),
            n,
        )
    }),
    ("messages that never end", |n| {
        fragments((1..).map(|object| (object, 0, true, false, 1)), n)
    }),
    ("messages that end alone", |n| {
        fragments((1..).map(|object| (object, 0, false, true, 1)), n)
    }),
    ("fragments of two messages by turns", |n| {
        fragments((0..).map(|i| (1 + i % 2, i / 2, i < 2, false, 1)), n)
    }),
    ("a fragment that never ends", |n| {
        let mut stream = fragments([(1, 0, true, true, 1)].into_iter(), 1);
        stream[17..21].copy_from_slice(&9_000_000_u32.to_be_bytes());
        stream.resize(n, 7);
        stream
    }),
];

/// Shapes of lines.
pub(super) const LINES: &[(&str, Make)] = &[
    ("a packet that never ends", |n| inside(DATA, "AAAA", "", n)),
    ("a packet of base64", |n| {
        inside(DATA, "AAAA", "</Data>\n", n)
    }),
    ("packets in one line", |n| {
        repeat(&format!("{DATA}AAAA</Data>"), n)
    }),
    ("packets far into one line", |n| {
        let packet = "<Close PSGuid='00000000-0000-0000-0000-000000000000' />";
        inside(&"a".repeat(n / 2), packet, "", n / 2)
    }),
    ("packets in their lines", |n| {
        repeat(&format!("{DATA}AAAA</Data>\n"), n)
    }),
    ("fragments that packets cut at each byte", |n| {
        let byte = format!("{DATA}AA==</Data>\n");
        let header = format!("{DATA}AAAAAAAAAAEAAAAAAAAAAAMAAP//</Data>\n");
        [header.into_bytes(), repeat(&byte, n)].concat()
    }),
    ("messages begun for many pipelines", |n| {
        let line = "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-0000########'>AAAAAAAAAAEAAAAAAAAAAAEAAAABAA==</Data>\n";
        (0..n / line.len())
            .flat_map(|i| {
                line.replace("########", &format!("{:08x}", i + 1))
                    .into_bytes()
            })
            .collect()
    }),
    ("spaces", |n| inside("", " ", "<Close", n)),
    ("a tag of spaces", |n| inside("<Close ", " ", "/>", n)),
    ("a tag of attributes", |n| {
        inside("<Close", " a='b'", "/>", n)
    }),
    ("one attribute again and again", |n| {
        inside(
            "<Close",
            " PSGuid='00000000-0000-0000-0000-000000000000'",
            "/>",
            n,
        )
    }),
    ("an attribute that never ends", |n| {
        inside("<Close PSGuid='", "0", "", n)
    }),
    ("open brackets", |n| inside("PSGuid=", "<", "", n)),
    ("names of an attribute", |n| inside("<", "PSGuid=", "", n)),
    ("lines that are no packets", |n| {
        inside("PSGuid=\n", "a\n", "", n)
    }),
    ("errors", |n| repeat("Error: a\n", n)),
];

/// Shapes of what a child process wrote.
pub(super) const OUTPUTS: &[(&str, Make)] = &[
    ("documents one behind the other", |n| {
        inside("#< CLIXML\n", EMPTY_DOCUMENT, "", n)
    }),
    ("documents with a line each", |n| {
        let document = format!("#< CLIXML\r\n{EMPTY_DOCUMENT}\r\n");
        repeat(&document, n)
    }),
    ("lines before a document", |n| {
        inside("", "#< CLIXML\n", EMPTY_DOCUMENT, n)
    }),
    ("lines behind a document", |n| {
        inside(
            &format!("#< CLIXML\n{EMPTY_DOCUMENT}"),
            "#< CLIXML\n",
            "",
            n,
        )
    }),
    ("starts of documents", |n| {
        inside("#< CLIXML\n", "<Objs", "", n)
    }),
    ("a file in UTF-16", |n| {
        let text = format!("\u{feff}{}", "é".repeat(n / 2));
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
];

const EMPTY_DOCUMENT: &str =
    "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\" />";

/// Shapes of what else somebody may have captured.
pub(super) const CAPTURES: &[(&str, Make)] = &[
    ("brackets before the end of a tag", |n| {
        inside("<s:Envelope>", "<", ">", n)
    }),
    ("tags in an envelope", |n| {
        inside("<s:Envelope>", "<a>", "", n)
    }),
    ("streams that nobody closes", |n| {
        inside("<s:Envelope>", "<rsp:Stream Name=\"stdout\">", "", n)
    }),
    ("streams that begin in a stream", |n| {
        inside("<s:Envelope>", "<rsp:Stream Name=\"stdout\">AAAA", "", n)
    }),
    ("streams with a fragment", |n| {
        inside(
            "<s:Envelope>",
            "<rsp:Stream Name=\"stdout\">AAAAAAAAAAEAAAAAAAAAAAEAAAABAA==</rsp:Stream>",
            "",
            n,
        )
    }),
    ("messages begun in a stream with a long name", |n| {
        let name = "n".repeat(n / 2);
        let messages = fragments((1..).map(|object| (object, 0, true, false, 0)), n * 3 / 8);
        let base64 = base64_simd::STANDARD.encode_to_string(messages);
        format!("<s:Envelope><rsp:Stream Name=\"{name}\">{base64}</rsp:Stream>").into()
    }),
    ("attributes in an envelope", |n| {
        inside("<s:Envelope><rsp:Stream", " Name=", ">AAAA<", n)
    }),
    ("hexadecimal digits", |n| repeat("00", n)),
    ("a hexadecimal dump", |n| {
        let lines = (0..n / 76).map(|line| format!("{:08x}: {}\n", line * 32, "00".repeat(32)));
        lines.collect::<String>().into()
    }),
    ("offsets", |n| repeat("0000\n", n)),
    ("base64", |n| repeat("AAAA", n)),
    ("almost base64", |n| inside("", "AAAA", "*", n)),
    ("a value", |n| list("<S>a</S>", n)),
    ("a property", |n| numbered_members("<Nil N=\"a#\"/>", n)),
    ("bytes", |n| vec![0xFF; n]),
];

const DATA: &str = "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>";

fn repeat(piece: &str, n: usize) -> Vec<u8> {
    inside("", piece, "", n)
}

fn inside(start: &str, piece: &str, end: &str, n: usize) -> Vec<u8> {
    format!("{start}{}{end}", piece.repeat(n / piece.len())).into_bytes()
}

fn list(item: &str, n: usize) -> Vec<u8> {
    inside("<Obj RefId=\"0\"><LST>", item, "</LST></Obj>", n)
}

/// The piece again and again, with a number in each place of `#`.
fn numbered(piece: &str, n: usize) -> String {
    (1..=n / (piece.len() + 3))
        .map(|number| piece.replace('#', &number.to_string()))
        .collect()
}

fn numbered_list(item: &str, n: usize) -> Vec<u8> {
    format!("<Obj RefId=\"0\"><LST>{}</LST></Obj>", numbered(item, n)).into()
}

fn numbered_members(member: &str, n: usize) -> Vec<u8> {
    format!("<Obj RefId=\"0\"><MS>{}</MS></Obj>", numbered(member, n)).into()
}

fn entries(entry: &str, n: usize) -> Vec<u8> {
    format!("<Obj RefId=\"0\"><DCT>{}</DCT></Obj>", numbered(entry, n)).into()
}

/// Fragments of an object, an index, whether they start and end, and so many bytes.
pub(super) fn fragments(
    shape: impl Iterator<Item = (u64, u64, bool, bool, usize)>,
    n: usize,
) -> Vec<u8> {
    let mut stream = BytesMut::new();
    for (object, index, start, end, length) in shape {
        let fragment = Fragment {
            object: ObjectId::new(object).unwrap(),
            index,
            start,
            end,
            blob: &[7; 8][..length],
        };
        fragment.encode(&mut stream);
        if stream.len() >= n {
            break;
        }
    }
    stream.to_vec()
}
