package lake

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/lachan-vn/lachan/internal/fault"
)

// files is the part of the file system the lake uses; tests put faults into it.
type files interface {
	MkdirAll(dir string) error
	Create(path string) (writableFile, error) // fails if it exists
	Open(path string) (readableFile, error)
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(dir string) error
	ReadDir(dir string) ([]fs.DirEntry, error)
}

type writableFile interface {
	io.WriteCloser
	Sync() error
}

type readableFile interface {
	io.ReaderAt
	io.ReadCloser
	Stat() (fs.FileInfo, error)
}

// disk is the real file system.
type disk struct{}

func (disk) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o750) }
func (disk) Create(path string) (writableFile, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
}
func (disk) Open(path string) (readableFile, error)    { return os.Open(path) }
func (disk) Rename(from, to string) error              { return os.Rename(from, to) }
func (disk) Remove(path string) error                  { return os.Remove(path) }
func (disk) ReadDir(dir string) ([]fs.DirEntry, error) { return os.ReadDir(dir) }
func (disk) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// diskFault gives a full disk its kind: everything goes on once there is space.
func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.Busy, "the disk of the lake is full: %w", err).WithCode("lake.disk-full")
	}
	return err
}
