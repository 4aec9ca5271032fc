// Package lake stores events for months and searches them.
//
// Events live in immutable Parquet segments (docs/format/segment.md): one column
// per field seen. A manifest in SQL says which segments exist; a file that it
// does not list does not exist for any reader.
//
// A search walks row groups (scan.go): the index and statistics tell what a group
// cannot hold, a predicate is asked once for each different value of a column
// (matcher.go), and only then rows are looked at (groupscan.go, freetext.go).
//
// Invariants. Commit makes a segment durable before it registers it together
// with the spool blocks it holds, in one transaction: killed anywhere, a segment
// is either wholly there or not at all. Compaction swaps segments in one
// transaction too, and a replaced file stays until its last reader is done. Every
// search carries a [Scope], and the zero Scope sees nothing.
//
// What it does not: parse, detect, or decide what belongs together in a flush.
//
// Start reading at Segment (what is written), Commit, plan.scan (what is read),
// compact.
package lake
