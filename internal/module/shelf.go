package module

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Shelf keeps the files that people bring to a module's objects: each in one folder,
// under an id of ours, never changed. The database says whose they are; a file stands
// here before a row names it, so a backup that has the row has the file.
type Shelf struct {
	Dir  string
	Code string // begins the codes of what is refused: warning gives warning.file-large
	Max  int64  // bytes of a file
	Tip  string // what to do about a file that is too large
}

// unfinished ends the name of a file that is being received; a backup passes it by.
const unfinished = ".part"

// Load makes the folder and removes what none of the ids names: files a killed process
// was receiving.
func (s Shelf) Load(ids []string) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	list, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	slices.Sort(ids)
	for _, f := range list {
		if _, known := slices.BinarySearch(ids, f.Name()); !known {
			if err := os.Remove(filepath.Join(s.Dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Receive puts a body on the shelf and returns its size and its SHA-256 in hex; it is on
// disk on return, and nothing is left of one that fails. Errors: Invalid (broken off,
// empty), TooLarge.
func (s Shelf) Receive(id string, body io.Reader) (size int64, sum string, err error) {
	part := s.path(id) + unfinished
	out, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, "", err
	}
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(out, hash), io.LimitReader(body, s.Max+1))
	switch {
	case err != nil:
		err = fault.New(fault.Invalid, "the file was broken off: %w", err).WithCode(s.Code + ".file-broken")
	case size > s.Max:
		err = fault.New(fault.TooLarge, "a file has at most %d MiB; %s", s.Max>>20, s.Tip).WithCode(s.Code + ".file-large")
	case size == 0:
		err = fault.New(fault.Invalid, "the file is empty").WithCode(s.Code + ".file-empty")
	default:
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(part, s.path(id))
	}
	if err != nil {
		return size, "", errors.Join(err, s.Remove(id+unfinished))
	}
	return size, hex.EncodeToString(hash.Sum(nil)), nil
}

// Open opens a file. The caller closes it.
func (s Shelf) Open(id string) (io.ReadCloser, error) {
	f, err := os.Open(s.path(id))
	if err != nil {
		return nil, fmt.Errorf("a file of %s is lost: %w", s.Code, err)
	}
	return f, nil
}

// Remove takes a file off the shelf; one that is not there is no error.
func (s Shelf) Remove(id string) error {
	if err := os.Remove(s.path(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// path is where a file is. Ids are made by us; what somebody asked for is looked up in
// the database first.
func (s Shelf) path(id string) string { return filepath.Join(s.Dir, id) }

// MaxFileName bounds the name of a file, in letters.
const MaxFileName = 200

// FileName makes a file name of what a browser says: the last part of it, on one line,
// and its end where it is long, for the end says what it is.
func FileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		// Letters that turn the direction of writing make "exe.fdp" look like "pdf.exe".
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "\ufffd"))
	if r := []rune(name); len(r) > MaxFileName {
		name = string(r[len(r)-MaxFileName:])
	}
	if strings.Trim(name, ". ") == "" {
		return "tep"
	}
	return name
}
