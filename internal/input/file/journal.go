package file

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lachan-vn/lachan/internal/fault"
)

// place is where a file lies, whatever it is called.
type place struct {
	Dev uint64 `json:"dev"`
	Ino uint64 `json:"ino"`
}

func placeOf(info os.FileInfo) place {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return place{uint64(st.Dev), st.Ino} //nolint:unconvert // the type of Dev differs between systems
	}
	return place{}
}

// fingerprint is of the first bytes of something.
type fingerprint struct {
	Bytes int    `json:"bytes,omitempty"`
	Sum   string `json:"sum,omitempty"`
}

func fingerprintOf(b []byte) fingerprint {
	if len(b) == 0 {
		return fingerprint{}
	}
	sum := sha256.Sum256(b)
	return fingerprint{len(b), hex.EncodeToString(sum[:12])}
}

// fits says whether b begins with what was taken the fingerprint of.
func (f fingerprint) fits(b []byte) bool {
	return len(b) >= f.Bytes && fingerprintOf(b[:f.Bytes]) == f
}

// position is how far a file has been read.
type position struct {
	Offset   int64 `json:"offset"`             // of the first byte that is not stored yet
	Skipping bool  `json:"skipping,omitempty"` // it lies inside a line that was cut
	// Before is the fingerprint of the bytes that stand before Offset. It tells a
	// file that was emptied and filled again from one that has grown.
	Before fingerprint `json:"before"`
}

// entry is what is kept of a file.
type entry struct {
	Path string `json:"path"`
	place
	position
	Encoding encoding    `json:"encoding,omitempty"`
	Head     fingerprint `json:"head"`
	// Former: what was known of a file before it was emptied or went away, for
	// recognising a copy of it.
	Former bool    `json:"former,omitempty"`
	Done   bool    `json:"done,omitempty"` // a compressed file that is read
	Gone   bool    `json:"gone,omitempty"` // the entry is to be forgotten
	Next   *intent `json:"next,omitempty"`
}

// intent is a batch that is about to be stored: the bytes from the entry's offset
// to End. If it is found at a start, whether it was stored is not known, and it
// is stored again under the same identity.
type intent struct {
	Batch string   `json:"batch"`
	End   position `json:"end"`
}

// key tells entries apart; the later of one key counts.
func (e *entry) key() entryKey { return entryKey{e.place, e.Former} }

type entryKey struct {
	place
	former bool
}

// journal keeps entries on disk, one JSON object a line, the last of a key
// counts. Lines are appended; when most of them are outdated it is written anew
// and put in place of the old one. A line that a crash cut short is the last, and
// is passed over: nothing was done yet that it speaks of.
type journal struct {
	path  string
	lock  *os.File
	file  *os.File
	lines int
	fresh bool // there was none
	buf   bytes.Buffer
}

const (
	journalVersion = `{"lachan-positions":1}`
	// compactLines is how many outdated lines are kept at least before the journal
	// is written anew.
	compactLines = 4096
	maxLineBytes = 1 << 20
)

// openJournal reads the entries of the journal, which it holds alone.
func openJournal(path string) (*journal, []entry, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, err
	}
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	j := &journal{path: path, lock: lock}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, nil, fault.New(fault.Conflict, "file: name: another file input has the same name; give each its own").OnField("name")
	}
	entries, err := j.load()
	if err == nil {
		err = j.rewrite(entries)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("positions %s: %w", path, err), j.close())
	}
	return j, entries, nil
}

func (j *journal) load() ([]entry, error) {
	f, err := os.Open(j.path)
	if errors.Is(err, os.ErrNotExist) {
		j.fresh = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLineBytes)
	if !lines.Scan() || lines.Text() != journalVersion {
		return nil, fault.New(fault.Invalid, "not a file of positions, or of a later version; put it away to read all files from their beginning")
	}
	latest := map[entryKey]entry{}
	var order []entryKey
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			break // cut short by a crash
		}
		k := e.key()
		if _, known := latest[k]; !known {
			order = append(order, k)
		}
		latest[k] = e
	}
	var entries []entry
	for _, k := range order {
		if e := latest[k]; !e.Gone {
			entries = append(entries, e)
		}
	}
	return entries, lines.Err()
}

// rewrite replaces the journal by the entries.
func (j *journal) rewrite(entries []entry) error {
	tmp, err := os.OpenFile(j.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	j.buf.Reset()
	j.buf.WriteString(journalVersion + "\n")
	err = j.encode(entries)
	if err == nil {
		_, err = io.Copy(tmp, &j.buf)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err == nil {
		err = os.Rename(j.path+".new", j.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(j.path))
	}
	if err != nil {
		return errors.Join(err, tmp.Close())
	}
	if j.file != nil {
		j.file.Close()
	}
	j.file, j.lines = tmp, len(entries)
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (j *journal) encode(entries []entry) error {
	enc := json.NewEncoder(&j.buf)
	for i := range entries {
		if err := enc.Encode(&entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// add appends entries; with sync they are on disk when it returns.
func (j *journal) add(entries []entry, sync bool) error {
	if len(entries) == 0 {
		return nil
	}
	j.buf.Reset()
	if err := j.encode(entries); err != nil {
		return err
	}
	if _, err := j.file.Write(j.buf.Bytes()); err != nil {
		return fmt.Errorf("positions: %w", err)
	}
	j.lines += len(entries)
	if sync {
		if err := j.file.Sync(); err != nil {
			return fmt.Errorf("positions: %w", err)
		}
	}
	return nil
}

func (j *journal) close() error {
	var err error
	if j.file != nil {
		err = j.file.Close()
	}
	return errors.Join(err, j.lock.Close())
}
