//! What is promised about memory, counted. A binary of its own: an allocator that counts would
//! slow down what `compare` times.

use std::borrow::Cow;
use std::hint::black_box;
use std::process::ExitCode;

use allocation_counter::{AllocationInfo, measure};
use benches::compare::{ALLOCATIONS_PER_MESSAGE, ALLOCATIONS_PER_VALUE, PEAK_GROWTH, judged};
use benches::objects::Corpus;
use benches::{answers, inputs, paths};
use bytes::Bytes;
use psrp_codec::clixml::{Kind, Node, Reader, Tape, Text};
use psrp_codec::{Limits, Reassembler};

const MB: usize = 1 << 20;

fn main() -> ExitCode {
    let limits = paths::limits();
    let mut missed = 0;
    let mut check = |what: &str, measured: f64, bound: f64| {
        let verdict = if measured <= bound { "holds" } else { "MISSED" };
        missed += u32::from(measured > bound);
        println!("{what:<64} {measured:>9.3} {bound:>7.2}  {verdict}");
    };
    println!("{:<64} {:>9} {:>7}", "", "measured", "at most");

    let messages = judged::messages(MB);
    let structure = borrowed_pipeline(&messages, &limits, |node| {
        black_box(node.kind());
    });
    check(
        "packets to structure, borrowed: allocations per message",
        per(structure.count_total, messages.len()),
        ALLOCATIONS_PER_MESSAGE,
    );
    let plain: Vec<Bytes> = messages
        .iter()
        .filter(|xml| escaped(std::slice::from_ref(xml), &limits) == 0)
        .cloned()
        .collect();
    let every_value = borrowed_pipeline(&plain, &limits, paths::values_below);
    check(
        "the same, every value read where no text is escaped",
        per(every_value.count_total, plain.len()),
        ALLOCATIONS_PER_MESSAGE,
    );
    let tree = owned_tree(&messages, &limits);
    check(
        "owned tree: allocations per value",
        per(tree.count_total, values(&messages, &limits)),
        ALLOCATIONS_PER_VALUE,
    );
    let [small, large] = [MB / 2, 10 * MB].map(|size| streamed(size, &limits).bytes_max);
    check(
        "answers to objects: peak memory, 20 MB against 1 MB",
        large as f64 / small as f64,
        PEAK_GROWTH,
    );

    println!("\nFor information:");
    println!("  peak memory while 20 MB are streamed: {large} bytes");
    println!(
        "  every value read: {:.3} allocations per escaped text",
        per(
            borrowed_pipeline(&messages, &limits, paths::values_below).count_total,
            escaped(&messages, &limits)
        )
    );
    for corpus in Corpus::ALL {
        let messages = corpus.messages(MB);
        println!(
            "  {:<11} owned tree: {:.3} allocations per value, {:.1} bytes per byte of CLIXML",
            corpus.name(),
            per(
                owned_tree(&messages, &limits).count_total,
                values(&messages, &limits)
            ),
            per(
                owned_tree(&messages, &limits).bytes_total,
                messages.iter().map(Bytes::len).sum()
            ),
        );
    }
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// From packets that arrived to every message in them, the second time: what is kept for use again
/// is there.
fn borrowed_pipeline(
    messages: &[Bytes],
    limits: &Limits,
    mut look: impl FnMut(Node<'_>),
) -> AllocationInfo {
    let packets = answers::packets(messages, inputs::FRAGMENT_LEN);
    let mut reassembler = Reassembler::new(limits);
    let mut tape = Tape::default();
    let mut run = || {
        let count = paths::pipeline(&packets, &mut reassembler, &mut tape, limits, &mut look);
        assert_eq!(count, messages.len());
    };
    run();
    measure(run)
}

/// How many names and texts are not what stands on the wire: those cannot be borrowed.
fn escaped(messages: &[Bytes], limits: &Limits) -> usize {
    let mut tape = Tape::default();
    let roots = messages.iter().map(|xml| {
        let root = tape.parse(xml, limits).expect("the input is good");
        escaped_below(root)
    });
    roots.sum()
}

fn escaped_below(node: Node<'_>) -> usize {
    let owned = |text: Text<'_>| matches!(text.into_cow(), Some(Cow::Owned(_)) | None);
    let name = node.name().is_some_and(owned);
    let text = node.children().next().is_none() && owned(node.text());
    usize::from(name) + usize::from(text) + node.children().map(escaped_below).sum::<usize>()
}

fn owned_tree(messages: &[Bytes], limits: &Limits) -> AllocationInfo {
    let mut reader = Reader::new(*limits);
    paths::tree(messages, &mut reader);
    measure(|| paths::tree(messages, &mut reader))
}

/// As much as is held at once while answers with `size` bytes of each kind of objects arrive.
fn streamed(size: usize, limits: &Limits) -> AllocationInfo {
    let answers = answers::answers(&judged::messages(size), inputs::FRAGMENT_LEN);
    measure(|| {
        answers::objects(&answers, limits, &mut Tape::default());
    })
}

/// How many values there are, properties and items included.
fn values(messages: &[Bytes], limits: &Limits) -> usize {
    let mut tape = Tape::default();
    let mut count = 0;
    for xml in messages {
        let root = tape.parse(xml, limits).expect("the input is good");
        count +=
            usize::from(is_value(root)) + root.descendants().filter(|node| is_value(*node)).count();
    }
    count
}

fn is_value(node: Node<'_>) -> bool {
    !matches!(
        node.kind(),
        Kind::TypeName
            | Kind::ToString
            | Kind::TypeNames
            | Kind::TypeNamesReference
            | Kind::Properties
            | Kind::Members
            | Kind::List
            | Kind::Stack
            | Kind::Queue
            | Kind::Enumerable
            | Kind::Dictionary
            | Kind::Entry
            | Kind::Document
    )
}

fn per(count: u64, of: usize) -> f64 {
    count as f64 / of as f64
}
