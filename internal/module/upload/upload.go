// Package upload takes log files that people bring: event logs of Windows (EVTX),
// tables (CSV), NDJSON and plain lines, also behind gzip, zstd or in a .zip.
//
// A file is written to disk while its SHA-256 is taken, and only then is there an
// upload. A worker imports one after the other through the spool, like an input,
// and keeps in the database how far it is. The original is deleted afterwards, or
// after the time that is configured; who brought what, when and with which hash
// stays, here and in the audit trail.
//
// Invariants. Every row and every use case is checked against the unit of the
// caller; the unit of the events is the one chosen there, never one from the
// file. The same bytes for the same unit are refused, with the earlier upload
// named, unless somebody asks again. An import that was broken off by a restart
// goes on where it stood and stores nothing twice: the runs of a file and their
// batch identities are the same each time, and the node is asked whether it has
// the next one. What cannot go on ends as failed and says what was stored.
//
// Start reading at Service.Add, then run.go.
package upload

import (
	"crypto/sha256"
	"encoding/binary"
	"path"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
)

// Config is the section "uploads".
type Config struct {
	// MaxBytes bounds one file as it is sent, MaxUnpacked what it unpacks to,
	// MaxTotal what lies on disk of all.
	MaxBytes    config.Size `yaml:"maxBytes"`
	MaxUnpacked config.Size `yaml:"maxUnpacked"`
	MaxTotal    config.Size `yaml:"maxTotal"`
	// Keep is how long an original stays after its import; 0: it is deleted then.
	Keep time.Duration `yaml:"keep"`
}

// DefaultConfig keeps no original.
func DefaultConfig() Config {
	return Config{MaxBytes: 2 << 30, MaxUnpacked: 32 << 30, MaxTotal: 16 << 30}
}

// Validate names the key at fault.
func (c Config) Validate() error {
	bad := func(field, format string, args ...any) error {
		return fault.New(fault.Invalid, "uploads."+field+": "+format, args...).OnField("uploads." + field)
	}
	switch {
	case c.MaxBytes < 1<<20:
		return bad("maxBytes", "%v; use 1MiB or more", c.MaxBytes)
	case c.MaxUnpacked < c.MaxBytes:
		return bad("maxUnpacked", "%v is less than maxBytes (%v)", c.MaxUnpacked, c.MaxBytes)
	case c.MaxTotal < c.MaxBytes:
		return bad("maxTotal", "%v is less than maxBytes (%v)", c.MaxTotal, c.MaxBytes)
	case c.Keep < 0 || c.Keep > 10*366*24*time.Hour:
		return bad("keep", "%v; use 0 to ten years", c.Keep)
	}
	return nil
}

// Status is where an upload stands.
type Status string

// The states. The last three are ends.
const (
	Waiting   Status = "waiting"
	Running   Status = "running"
	Done      Status = "done"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// over says whether nothing more will happen.
func (s Status) over() bool { return s != Waiting && s != Running }

// Why an upload failed.
const (
	reasonBroken  = "upload.broken-file"
	reasonTooMuch = "upload.too-much"
	reasonLost    = "upload.file-lost"
	reasonGaveUp  = "upload.gave-up"
)

// LineProblem is something in the file that is not as it should be.
type LineProblem struct {
	Place  string `json:"place" doc:"file, and line or record counted from 1"`
	Code   string `json:"code" enum:"csv.columns,csv.quote,json.invalid,record.cut,file.damaged"`
	Detail string `json:"detail" doc:"for people, in English"`
	Stored bool   `json:"stored" doc:"the record is stored nevertheless"`
}

const codeInvalidJSON = "json.invalid"

// Upload is one file that somebody brought.
type Upload struct {
	ID                          string
	Unit                        event.UnitID
	Name                        string
	Size                        int64
	SHA256                      string
	Kind                        string
	Asked                       logfile.As
	Status                      Status
	ByID, By                    string
	CreatedAt, StartedAt, Ended time.Time
	BytesRead                   int64
	Records, Stored             int64
	Batches                     int64 // that are in the spool
	Problems                    int64
	ProblemList                 []LineProblem
	Reason, Detail              string
	Original                    bool // the file is on disk
	KeptUntil                   time.Time
	Resumed                     bool
	Drill                       string // the exercise it is part of, ""
}

func (u *Upload) object() string { return "upload:" + u.ID }

// Limits of what is kept of an upload.
const (
	maxProblems = 100
	maxName     = 255
	maxDetail   = 500
)

// add notes a problem.
func (u *Upload) add(p LineProblem) {
	u.Problems++
	if len(u.ProblemList) < maxProblems {
		p.Place, p.Detail = module.Text(p.Place, maxDetail), module.Text(p.Detail, maxDetail)
		u.ProblemList = append(u.ProblemList, p)
	}
}

// batchID is the identity of the n-th batch of the upload, the same each time.
func (u *Upload) batchID(n int64) event.BatchID {
	id := event.NewBatchID(u.CreatedAt)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(u.ID), uint64(n)))
	copy(id[6:], sum[:])
	return id
}

// cleanName makes a file name of what a browser says.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, module.Text(name, maxName))
	if name == "" || name == "." || name == "/" {
		return "upload"
	}
	return name
}

// as is how the file is read: what is called a table is one.
func (u *Upload) as() logfile.As {
	name := strings.ToLower(u.Name)
	for _, packed := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, packed)
	}
	if ext := path.Ext(name); u.Asked == logfile.AsAuto && (ext == ".csv" || ext == ".tsv") {
		return logfile.AsCSV
	}
	return u.Asked
}

const kindArchive = "archive"

// isArchive says whether the file is read entry by entry.
func isArchive(name string) bool { return strings.EqualFold(path.Ext(name), ".zip") }
