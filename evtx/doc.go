// Package evtx reads Windows event logs (.evtx) into flat records; it does not
// write them, render messages or carve deleted records.
//
// A file is a 4 KiB header and then chunks of 64 KiB, each on its own: a header
// with two checksums (of itself, of its records), records up to the free-space
// offset, and behind that slack of older records, which is never read. A record
// is a number, a time and binary XML: nearly always an instance of a template,
// which is the XML of one kind of event with numbered holes, written at its
// first use in the chunk, and an array of typed values for the holes. EventData
// is commonly one of those values, with a template of its own. So no XML is
// built: a template is compiled once per chunk to slots ("value 7 is the field
// Image"), and then only values are formatted.
//
// Invariants: a record comes from a chunk whose checksums hold, or the log was
// open and Problems says so; a record that cannot be decoded is reported, never
// half returned; damage costs no more than its chunk; memory and work per chunk
// are bounded (limits.go); no I/O but ReadAt, no goroutine, no global state.
//
// Start at [NewReader] and [Record]. Inside: reader.go (chunks), compile.go,
// run.go (slots to fields), flat.go (names), value.go (values).
package evtx
