//! Comma-separated values as PowerShell reads and writes them.

use crate::value::Text;

/// Takes records off a text.
pub(super) struct Reader<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    delimiter: char,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, delimiter: char) -> Self {
        Self {
            rest: text.chars().peekable(),
            delimiter,
        }
    }

    /// What follows as one line, if it begins with `#TYPE`.
    pub(super) fn type_line(&mut self) -> Option<Text> {
        let mut ahead = self.rest.clone();
        let start: String = ahead.by_ref().take(6).collect();
        if !start.eq_ignore_ascii_case("#TYPE ") {
            return None;
        }
        let line: String = ahead
            .by_ref()
            .take_while(|unit| !matches!(unit, '\n'))
            .collect();
        self.rest = ahead;
        Some(line.trim().into())
    }

    /// The fields of the next record that is no empty line; `None` at the end.
    pub(super) fn record(&mut self) -> Option<Vec<Text>> {
        while matches!(self.rest.peek(), Some('\n' | '\r')) {
            self.rest.next();
        }
        self.rest.peek()?;
        let mut fields = Vec::new();
        while self.field(&mut fields) {}
        Some(fields)
    }

    /// Reads one field; true if another one follows.
    fn field(&mut self, fields: &mut Vec<Text>) -> bool {
        let mut field = String::new();
        // Blanks before a field do not count.
        while let Some(unit) = self.rest.peek()
            && matches!(unit, ' ' | '\t')
            && *unit != self.delimiter
        {
            self.rest.next();
        }
        let quoted = self.rest.peek() == Some(&'"');
        if quoted {
            self.rest.next();
            while let Some(unit) = self.rest.next() {
                if unit != '"' {
                    field.push(unit);
                } else if self.rest.peek() == Some(&'"') {
                    self.rest.next();
                    field.push('"');
                } else {
                    break;
                }
            }
        }
        let start = field.len();
        let mut more = false;
        while let Some(unit) = self.rest.next() {
            match unit {
                unit if unit == self.delimiter => {
                    more = true;
                    break;
                }
                '\n' => break,
                '\r' => {
                    if self.rest.peek() == Some(&'\n') {
                        self.rest.next();
                    }
                    break;
                }
                unit => field.push(unit),
            }
        }
        // Nor do blanks after it, outside of quotes.
        let end = start + field[start..].trim_end_matches([' ', '\t']).len();
        field.truncate(end);
        fields.push(field.into());
        more
    }
}

/// Which fields are quoted.
#[derive(Clone, Debug)]
pub(super) enum Quotes {
    /// All but `$null`.
    Always,
    /// None.
    Never,
    /// Those that could not be read back otherwise.
    AsNeeded,
    /// Those of these columns.
    Of(Vec<Text>),
}

/// Writes one record: pairs of column and field, where a field may be `$null`.
pub(super) fn line(fields: &[(Text, Option<Text>)], delimiter: char, quotes: &Quotes) -> String {
    let mut out = String::new();
    for (index, (column, field)) in fields.iter().enumerate() {
        if index > 0 {
            out.push(delimiter);
        }
        let Some(field) = field else { continue };
        let quoted = match quotes {
            Quotes::Always => true,
            Quotes::Never => false,
            Quotes::AsNeeded => field.contains([delimiter, '"', '\n', '\r']),
            Quotes::Of(columns) => columns
                .iter()
                .any(|own| crate::value::equal_folded(own, column)),
        };
        if quoted {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let mut reader = Reader::new(text, ',');
        std::iter::from_fn(|| reader.record())
            .map(|fields| fields.iter().map(ToString::to_string).collect())
            .collect()
    }

    #[test]
    fn records_are_read() {
        for (text, records) in [
            ("a,b\n1,2", vec![vec!["a", "b"], vec!["1", "2"]]),
            ("\"a \"\"q\"\"\",1", vec![vec!["a \"q\"", "1"]]),
            ("a\n\n1\r\n", vec![vec!["a"], vec!["1"]]),
            ("\"x\ny\", z ,", vec![vec!["x\ny", "z", ""]]),
        ] {
            assert_eq!(read(text), records, "{text:?}");
        }
    }

    #[test]
    fn a_type_line_is_told_from_data() {
        let mut reader = Reader::new("#TYPE Foo\na", ',');
        assert_eq!(reader.type_line().as_deref(), Some("Foo"));
        assert_eq!(reader.record().map(|fields| fields.len()), Some(1));
        assert!(Reader::new("#TYP", ',').type_line().is_none());
    }

    #[test]
    fn null_is_never_quoted() {
        let fields = [("a".into(), None), ("b".into(), Some("".into()))];
        assert_eq!(line(&fields, ',', &Quotes::Always), ",\"\"");
        assert_eq!(line(&fields, ',', &Quotes::AsNeeded), ",");
    }
}
