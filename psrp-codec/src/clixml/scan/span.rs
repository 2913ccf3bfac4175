//! Positions in the input.

/// A stretch of the input. Inputs of 4 GiB and more are refused at the door.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::clixml) struct Span {
    pub(in crate::clixml) start: u32,
    pub(in crate::clixml) end: u32,
}

impl Span {
    pub(in crate::clixml) const fn length(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    #[inline]
    pub(in crate::clixml) fn of_str(self, xml: &str) -> &str {
        let (start, end) = (self.start as usize, self.end as usize);
        // Where there is a byte that begins a character, `get` has nothing left to ask.
        let begins = |at: usize| {
            xml.as_bytes()
                .get(at)
                .is_some_and(|byte| byte.cast_signed() >= -0x40)
        };
        if start <= end && begins(end) && begins(start) {
            return xml.get(start..end).unwrap_or_default();
        }
        self.of_str_to_its_end(xml)
    }

    #[cold]
    fn of_str_to_its_end(self, xml: &str) -> &str {
        xml.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    #[inline]
    pub(in crate::clixml) fn of(self, xml: &[u8]) -> &[u8] {
        xml.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the input is shorter than 4 GiB"
    )]
    pub(in crate::clixml) const fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_what_get_gives_or_nothing() {
        let text = "aü€😀b";
        let end = u32::try_from(text.len()).unwrap() + 2;
        for start in 0..=end {
            for end in 0..=end {
                let span = Span { start, end };
                let expected = text.get(start as usize..end as usize).unwrap_or_default();
                assert_eq!(span.of_str(text), expected, "{start}..{end}");
            }
        }
    }
}
