//! What is promised about memory, counted. A binary of its own: an allocator that counts would
//! slow down what `compare` times.

use std::process::ExitCode;

use allocation_counter::{AllocationInfo, measure};
use benches::compare::{ALLOCATIONS_PER_MESSAGE, ALLOCATIONS_PER_VALUE, PEAK_GROWTH, judged};
use benches::objects::Corpus;
use benches::{answers, inputs, paths};
use bytes::Bytes;
use psrp_codec::clixml::{Kind, Node, Reader, Tape};
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
    let pipeline = borrowed_pipeline(&messages, &limits);
    check(
        "packets to every value, borrowed: allocations per message",
        per(pipeline.count_total, messages.len()),
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

/// From packets that arrived to every value in them, the second time: what is kept for use again
/// is there.
fn borrowed_pipeline(messages: &[Bytes], limits: &Limits) -> AllocationInfo {
    let packets = answers::packets(messages, inputs::FRAGMENT_LEN);
    let mut reassembler = Reassembler::new(limits);
    let mut tape = Tape::default();
    let mut run = || {
        let count = paths::pipeline(&packets, &mut reassembler, &mut tape, limits);
        assert_eq!(count, messages.len());
    };
    run();
    measure(run)
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
        count += values_below(tape.parse(xml, limits).expect("the input is good"));
    }
    count
}

fn values_below(node: Node<'_>) -> usize {
    let own = match node.kind() {
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
        | Kind::Document => 0,
        _ => 1,
    };
    own + node.children().map(values_below).sum::<usize>()
}

fn per(count: u64, of: usize) -> f64 {
    count as f64 / of as f64
}
