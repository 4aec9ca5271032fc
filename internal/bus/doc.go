// Package bus is the spool: the place on disk where a batch lies between its
// input's acknowledgement and the lake. It is a NATS JetStream stream, run in
// this process by default, on an external NATS server by configuration; past
// connecting, both take one path.
//
// It does not parse, route or filter, and it knows nothing of the lake.
//
// Invariants:
//
//   - A nil error of [Bus.Put] means the batch is on disk, as the fsync policy
//     says. What it stored is delivered by [Bus.Fetch] until acknowledged,
//     across any crash, in the order of its sequence numbers.
//   - Nothing unacknowledged is ever deleted. Acknowledged blocks stay for a
//     while ([Bus.Get]) so that a broken lake segment can be rebuilt, but give
//     way before they could push a sender back.
//   - A full spool or disk answers fault.Busy; it recovers by itself.
//   - A message that cannot be decoded comes out as a [Block] with Err, once,
//     counted; it blocks nobody.
//   - Sequence numbers mean something only together with [Bus.Stream].
//
// Start reading at Put (put.go), then Fetch (fetch.go). The wire form is in
// block.go and docs/format/spool.md.
package bus
