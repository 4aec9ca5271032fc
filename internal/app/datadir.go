package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lachan-vn/lachan/internal/fault"
)

// DataDir is the one folder a node keeps everything in:
//
//	lock       held while a process uses the folder; says which
//	control/   SQLite database: units, users, alerts, the lake's manifest
//	spool/     JetStream file store
//	lake/      Parquet segments
//	tls/       own certificate authority and server certificate
//	files/     how far followed log files have been read
//	exports/   files people had made of what they found, kept for a day
//	rules/     rule packs installed by `lachan rules update`
//	uploads/   log files that people brought, until they are imported
//	incidents/ bytes of the files of incidents, by their SHA-256
//	warnings/  proofs that units gave with their answers to warnings
//	evidence/  bundles of evidence while they are made
//	identity/  key that seals the secrets of second factors in the database
//	bundle/    identity that offline bundles are encrypted to; uploads
type DataDir struct {
	path string
	lock *os.File
}

// Holder is what the lock file says about the process that holds the folder.
type Holder struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`          // "serve", "import", …
	Server  string `json:"server,omitempty"` // address of its API
}

// OpenDataDir creates the folder where it is missing and takes its lock. A folder
// in use is fault.Conflict with the flag to use instead.
func OpenDataDir(path string, self Holder) (*DataDir, error) {
	return openDir(path, []string{"", "control", "spool", "lake", "tls", "rules", "exports", "bundle", "identity"}, self)
}

// openDir takes a folder with the given ones in it.
func openDir(path string, folders []string, self Holder) (*DataDir, error) {
	for _, sub := range folders {
		if err := os.MkdirAll(filepath.Join(path, sub), 0o700); err != nil {
			return nil, fault.New(fault.Invalid, "data folder: %w", err)
		}
	}
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.New(fault.Invalid, "data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, inUse(path)
		}
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	d := &DataDir{path: path, lock: f}
	if err := d.describe(self); err != nil {
		f.Close()
		return nil, err
	}
	return d, nil
}

func inUse(path string) error {
	h, err := ReadHolder(path)
	switch {
	case err != nil:
		return fault.New(fault.Conflict, "data folder %s is in use by another lachan process; stop it, or name another folder with --data", path)
	case h.Command == "relay":
		return fault.New(fault.Conflict, "data folder %s is in use by a relay (process %d); it is asked at %s, or stop it first", path, h.PID, h.Server)
	case h.Server != "":
		return fault.New(fault.Conflict, "data folder %s is in use by the server at %s (process %d); use --server %s with a token in LACHAN_TOKEN instead of --data",
			path, h.Server, h.PID, h.Server)
	default:
		return fault.New(fault.Conflict, "data folder %s is in use by `lachan %s` (process %d); wait until it ends", path, h.Command, h.PID)
	}
}

// ReadHolder tells who last took the folder's lock.
func ReadHolder(path string) (Holder, error) {
	var h Holder
	text, err := os.ReadFile(filepath.Join(path, "lock"))
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(text, &h)
}

// describe writes who we are into the lock file.
func (d *DataDir) describe(self Holder) error {
	self.PID = os.Getpid()
	text, err := json.Marshal(self)
	if err != nil {
		return err
	}
	if err := d.lock.Truncate(0); err != nil {
		return fmt.Errorf("lock data folder: %w", err)
	}
	if _, err := d.lock.WriteAt(append(text, '\n'), 0); err != nil {
		return fmt.Errorf("lock data folder: %w", err)
	}
	return nil
}

// Path joins elements to the folder's path.
func (d *DataDir) Path(elem ...string) string {
	return filepath.Join(append([]string{d.path}, elem...)...)
}

// Close gives the lock back.
func (d *DataDir) Close() error { return d.lock.Close() }
