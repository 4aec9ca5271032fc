// Package backup copies a node's data folder into a repository of snapshots,
// while the node runs, and brings a snapshot back into an empty folder.
//
// A repository is a folder anybody can read (docs/format/backup.md): files are
// kept once under the SHA-256 of their content, a snapshot is a JSON text that
// lists them. Segments never change, so a snapshot after the first one copies
// only what is new, and an interrupted one is continued by the next.
//
// Invariants. A snapshot is the state of one moment: the control database is
// copied first, consistently, and every segment its manifest lists is held by a
// hard link before it can be merged away. A snapshot is written last, after
// everything it lists is on disk; what a killed run leaves is not listed and
// harms nothing. Restoring makes a folder whole or not at all.
//
// What it does not: the spool. An event that was accepted but is not searchable
// yet, a matter of seconds, is in the next snapshot.
//
// Start reading at Create, then Restore.
package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// formatVersion is that of repositories and snapshots.
const formatVersion = 1

// Snapshot is what a backup holds.
type Snapshot struct {
	Format   int       `json:"format"`
	Created  time.Time `json:"created"`
	Version  string    `json:"version"`  // of the program
	Host     string    `json:"host"`     // where it was made
	Folder   string    `json:"folder"`   // the data folder
	Database string    `json:"database"` // "sqlite" or "postgres"
	Secrets  bool      `json:"secrets"`  // private keys and passwords of the configuration are in it
	Masked   int       `json:"masked"`   // settings left out of the configuration
	Events   int64     `json:"events"`
	Files    []File    `json:"files"`
	Problems []string  `json:"problems,omitempty"` // what could not be copied as it should be

	ID string `json:"-"` // from the file's name
}

// Kinds of files.
const (
	KindControl = "control" // copy of the control database
	KindSegment = "segment"
	KindConfig  = "config" // configuration, as restored for a person to look at
	KindData    = "data"   // the rest of the data folder
)

// File is one file of a snapshot.
type File struct {
	Kind   string `json:"kind"`
	Path   string `json:"path"` // below the data folder, parted by slashes
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Bytes returns the size of all files.
func (s *Snapshot) Bytes() (n int64) {
	for _, f := range s.Files {
		n += f.Bytes
	}
	return n
}

// encode returns the text of a snapshot and its name, which holds a hash of the
// text: a snapshot that was altered no longer fits its name.
func (s *Snapshot) encode() (text []byte, id string, err error) {
	text, err = json.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, "", fmt.Errorf("backup: %w", err)
	}
	text = append(text, '\n')
	return text, snapshotID(s.Created, text), nil
}

const idTime = "20060102T150405Z"

func snapshotID(at time.Time, text []byte) string {
	sum := sha256.Sum256(text)
	return at.UTC().Format(idTime) + "-" + hex.EncodeToString(sum[:8])
}

func decodeSnapshot(id string, text []byte) (*Snapshot, error) {
	s := &Snapshot{ID: id}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fault.New(fault.Invalid, "snapshot %s cannot be read: %w", id, err)
	}
	if s.Format != formatVersion {
		return nil, fault.New(fault.Invalid, "snapshot %s has format %d; this version reads %d", id, s.Format, formatVersion)
	}
	if snapshotID(s.Created, text) != id {
		return nil, fault.New(fault.Invalid, "snapshot %s was altered: its text does not fit its name", id)
	}
	for _, f := range s.Files {
		if err := f.check(); err != nil {
			return nil, fault.New(fault.Invalid, "snapshot %s: %w", id, err)
		}
	}
	return s, nil
}

// check refuses what would lead out of the folder that is restored.
func (f File) check() error {
	if len(f.SHA256) != 64 || strings.Trim(f.SHA256, "0123456789abcdef") != "" {
		return fmt.Errorf("%q: bad hash %q", f.Path, f.SHA256)
	}
	if !isLocal(f.Path) {
		return fmt.Errorf("%q leads out of the folder", f.Path)
	}
	if f.Bytes < 0 {
		return fmt.Errorf("%q: negative size", f.Path)
	}
	return nil
}

// Progress hears how far a long task is, in bytes; both may be 0 at first.
type Progress func(done, total int64)

func (p Progress) tell(done, total int64) {
	if p != nil {
		p(done, total)
	}
}
