// Package evtx reads Windows event log files (.evtx) into flat records.
//
// A file is a 4 KiB header and then chunks of exactly 64 KiB. A chunk stands
// alone: a 512-byte header with two checksums (one over itself, one over its
// records), then records one after another up to the free-space offset. What
// lies behind that offset is slack left by older records and is never read.
//
// A record is its number, the time it was written, and one fragment of binary
// XML. Nearly every fragment is an instance of a template: the XML of one kind
// of event with numbered holes, defined once per chunk at its first use, and
// an array of typed values for the holes. EventData is commonly a value of
// type "binary XML" with a template of its own. Names are UTF-16 strings that
// templates point at by their offset in the chunk.
//
// So the reader never builds XML. It compiles each template once per chunk to
// a list of slots ("value 7 is the field Image") and then only formats values.
// [Record] tells what the fields are called and [Field] how values look.
//
// Invariants: a record comes from a chunk whose checksums hold (the only
// exception, an open log, is told in [Reader.Problems]); a record that cannot
// be decoded is counted and reported, never half returned; one damaged chunk
// costs only its own records; memory and work per chunk are bounded whatever
// the file says (limits.go). The package does no I/O but ReadAt on what it is
// given, starts no goroutine and keeps no global state.
//
// Start at [NewReader]; the parts in reading order are reader.go (file and
// chunks), compile.go and token.go (template to slots), run.go (slots to
// fields), flat.go (what a field is called), value.go (how it is written).
package evtx
