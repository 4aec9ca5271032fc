package event

import "time"

// Limits of one batch: past either, the input starts a new one.
const (
	MaxBatchBytes   = 1 << 20 // sum of raw record bytes
	MaxBatchRecords = 4096
	MaxRecordBytes  = 256 << 10 // a longer record is cut by its input, and counted
)

// Hint says how the bytes of a record are wrapped, as far as the input knows.
// The parser is free to find out more; it never trusts a hint against bytes.
type Hint uint8

// What an input can know about a record.
const (
	HintNone   Hint = iota // anything: text or JSON
	HintSyslog             // one syslog message, RFC 5424 or 3164
	HintJSON               // one JSON value
	HintText               // one line of plain text that may lack a year or a zone
)

// Record is one message as received. Data is valid UTF-8 or not: never dropped
// for it.
type Record struct {
	Data []byte
	Hint Hint
}

// Batch is a run of records of one unit that arrived at one input from one peer.
// A sender's records keep their order inside a batch and across its batches.
type Batch struct {
	ID       BatchID
	Unit     UnitID
	Input    string    // "syslog", "http", "import"
	Peer     string    // sender's address without port, or a file name on import
	Received time.Time // of the batch; all its records share it
	// DateHint dates text that lacks a year: the modification time of an
	// imported file. Zero: Received.
	DateHint time.Time
	// Credential is what the sender showed: "token:ID", "cert:ID", "" where only
	// its address speaks for it. Never from a record.
	Credential string
	// Relayed says that a relay or a bundle brought the batch with an identity it
	// already had: it may come again.
	Relayed bool
	Records []Record
}

// Bytes sums the raw bytes of all records.
func (b *Batch) Bytes() int {
	n := 0
	for i := range b.Records {
		n += len(b.Records[i].Data)
	}
	return n
}
