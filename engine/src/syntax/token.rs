//! Tokens as the lexer hands them to the parser.

use super::ast::{AssignmentOperator, BinaryOperator, Number, RedirectionStream, Variable};
use super::source::Extent;

/// What kind of token it is. The same text gives different kinds in different modes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "each is named after what it stands for")]
pub enum TokenKind {
    Unknown,
    Variable,
    SplattedVariable,
    Parameter,
    Number,
    Label,
    Identifier,
    /// A bareword that is no identifier.
    Generic,
    NewLine,
    /// Only in [`tokens`](super::tokens): the parser never sees it.
    Comment,
    EndOfInput,
    StringLiteral,
    StringExpandable,
    HereStringLiteral,
    HereStringExpandable,
    LParen,
    RParen,
    LCurly,
    RCurly,
    LBracket,
    RBracket,
    AtParen,
    AtCurly,
    DollarParen,
    Semi,
    AndAnd,
    OrOr,
    Ampersand,
    Pipe,
    Comma,
    MinusMinus,
    PlusPlus,
    DotDot,
    ColonColon,
    Dot,
    Exclaim,
    Multiply,
    Divide,
    Rem,
    Plus,
    Minus,
    Assign(AssignmentOperator),
    Redirection,
    RedirectInStd,
    /// An operator that begins with a dash.
    Operator(BinaryOperator),
    Not,
    BNot,
    Colon,
    QuestionMark,
    QuestionQuestion,
    QuestionDot,
    QuestionLBracket,
    Keyword(Keyword),
}

impl TokenKind {
    /// Whether it is the same token in every mode, so that it need not be read again when the mode changes.
    pub(super) fn is_mode_invariant(self) -> bool {
        matches!(
            self,
            Self::NewLine
                | Self::EndOfInput
                | Self::StringLiteral
                | Self::StringExpandable
                | Self::HereStringLiteral
                | Self::HereStringExpandable
                | Self::LParen
                | Self::RParen
                | Self::LCurly
                | Self::RCurly
                | Self::RBracket
                | Self::AtParen
                | Self::AtCurly
                | Self::DollarParen
                | Self::Semi
                | Self::AndAnd
                | Self::OrOr
                | Self::Ampersand
                | Self::Pipe
                | Self::Comma
                | Self::RedirectInStd
        )
    }

    /// The binary operator that it is.
    pub(super) fn binary_operator(self) -> Option<BinaryOperator> {
        Some(match self {
            Self::Operator(operator) => operator,
            Self::DotDot => BinaryOperator::Range,
            Self::Multiply => BinaryOperator::Multiply,
            Self::Divide => BinaryOperator::Divide,
            Self::Rem => BinaryOperator::Remainder,
            Self::Plus => BinaryOperator::Add,
            Self::Minus => BinaryOperator::Subtract,
            Self::QuestionQuestion => BinaryOperator::NullCoalesce,
            _ => return None,
        })
    }

    /// Whether it can stand before an operand.
    pub(super) fn is_unary_operator(self) -> bool {
        matches!(
            self,
            Self::Comma
                | Self::MinusMinus
                | Self::PlusPlus
                | Self::Exclaim
                | Self::Plus
                | Self::Minus
                | Self::Not
                | Self::BNot
                | Self::Operator(BinaryOperator::Join | BinaryOperator::Split { .. })
        )
    }
}

/// How tightly a binary operator binds; more binds tighter.
pub(super) fn precedence(operator: BinaryOperator) -> u8 {
    match operator {
        BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor => 1,
        BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr | BinaryOperator::BitwiseXor => 2,
        BinaryOperator::NullCoalesce => 7,
        BinaryOperator::Add | BinaryOperator::Subtract => 9,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder => 10,
        BinaryOperator::Format => 12,
        BinaryOperator::Range => 13,
        _ => 5,
    }
}

/// The operator that `name` (what follows the dash) stands for in an expression.
pub(super) fn dash_operator(name: &str) -> Option<TokenKind> {
    use BinaryOperator as B;
    if name.len() > 12 {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let plain = match lower.as_str() {
        "not" => return Some(TokenKind::Not),
        "bnot" => return Some(TokenKind::BNot),
        "and" => B::And,
        "or" => B::Or,
        "xor" => B::Xor,
        "band" => B::BitwiseAnd,
        "bor" => B::BitwiseOr,
        "bxor" => B::BitwiseXor,
        "f" => B::Format,
        "join" => B::Join,
        "is" => B::Is,
        "isnot" => B::IsNot,
        "as" => B::As,
        "shl" => B::ShiftLeft,
        "shr" => B::ShiftRight,
        _ => return comparison(&lower).map(TokenKind::Operator),
    };
    Some(TokenKind::Operator(plain))
}

fn comparison(name: &str) -> Option<BinaryOperator> {
    use BinaryOperator as B;
    let exact = |name: &str, case_sensitive: bool| {
        Some(match name {
            "eq" => B::Equal { case_sensitive },
            "ne" => B::NotEqual { case_sensitive },
            "ge" => B::GreaterOrEqual { case_sensitive },
            "gt" => B::GreaterThan { case_sensitive },
            "lt" => B::LessThan { case_sensitive },
            "le" => B::LessOrEqual { case_sensitive },
            "like" => B::Like { case_sensitive },
            "notlike" => B::NotLike { case_sensitive },
            "match" => B::Match { case_sensitive },
            "notmatch" => B::NotMatch { case_sensitive },
            "replace" => B::Replace { case_sensitive },
            "contains" => B::Contains { case_sensitive },
            "notcontains" => B::NotContains { case_sensitive },
            "in" => B::In { case_sensitive },
            "notin" => B::NotIn { case_sensitive },
            "split" => B::Split { case_sensitive },
            _ => return None,
        })
    };
    exact(name, false)
        .or_else(|| name.strip_prefix('c').and_then(|rest| exact(rest, true)))
        .or_else(|| name.strip_prefix('i').and_then(|rest| exact(rest, false)))
}

macro_rules! keywords {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// A word with a meaning of its own at the start of a statement.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[expect(missing_docs, reason = "each is named after the word")]
        pub enum Keyword { $($name),+ }

        impl Keyword {
            /// The word in lower case.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            fn from_lower(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

keywords! {
    Begin = "begin", Break = "break", Catch = "catch", Class = "class", Continue = "continue", Data = "data", Define = "define",
    Do = "do", DynamicParam = "dynamicparam", Else = "else", ElseIf = "elseif", End = "end", Exit = "exit", Filter = "filter",
    Finally = "finally", For = "for", ForEach = "foreach", From = "from", Function = "function", If = "if", In = "in",
    Param = "param", Process = "process", Return = "return", Switch = "switch", Throw = "throw", Trap = "trap", Try = "try",
    Until = "until", Using = "using", Var = "var", While = "while", Workflow = "workflow", Parallel = "parallel",
    Sequence = "sequence", Configuration = "configuration", Public = "public", Private = "private", Static = "static",
    Interface = "interface", Enum = "enum", Namespace = "namespace", Module = "module", Type = "type", Assembly = "assembly",
    Command = "command", Hidden = "hidden", Base = "base", Default = "default", Clean = "clean",
}

impl Keyword {
    /// The keyword that `word` is, letters of either case.
    pub(super) fn find(word: &str) -> Option<Self> {
        let mut lower = [0_u8; 13];
        let bytes = word.as_bytes();
        let lower = lower.get_mut(..bytes.len())?;
        lower.copy_from_slice(bytes);
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower).ok().and_then(Self::from_lower)
    }

    /// Whether it begins one of the blocks of a script block.
    pub(super) fn names_block(self) -> bool {
        matches!(
            self,
            Self::Begin | Self::Process | Self::End | Self::Clean | Self::DynamicParam
        )
    }

    /// Whether attributes before the statement that it begins are wrong.
    pub(super) fn refuses_attributes(self) -> bool {
        matches!(
            self,
            Self::Break
                | Self::Continue
                | Self::Data
                | Self::Define
                | Self::Do
                | Self::Exit
                | Self::Filter
                | Self::For
                | Self::ForEach
                | Self::From
                | Self::Function
                | Self::If
                | Self::Return
                | Self::Switch
                | Self::Throw
                | Self::Trap
                | Self::Try
                | Self::Using
                | Self::Var
                | Self::While
                | Self::Workflow
                | Self::Parallel
                | Self::Sequence
        )
    }
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) extent: Extent,
    pub(super) payload: Payload,
}

/// What a token says beyond its text.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    /// The text of the token is all there is.
    None,
    /// The value of a string, bareword or label.
    Text(Box<str>),
    /// The pieces of an expandable string or bareword.
    Parts(Vec<Part>),
    Number(Number),
    Variable(Box<Variable>),
    /// The name of a parameter and whether a colon follows.
    Parameter {
        name: Box<str>,
        colon: bool,
    },
    File {
        from: RedirectionStream,
        append: bool,
    },
    Merge {
        from: RedirectionStream,
        to: RedirectionStream,
    },
}

/// A piece of an expandable string, not yet parsed.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Text(Box<str>),
    Variable(Box<Variable>, Extent),
    /// `$( … )`; `skips` are offsets of characters that only escape the next one.
    SubExpression {
        extent: Extent,
        skips: Vec<u32>,
    },
}
