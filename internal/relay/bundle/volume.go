package bundle

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Volumes writes one stream into files of at most size bytes: name.001, name.002…;
// or into one file where size is 0. Until Commit they have the ending ".new".
type Volumes struct {
	name  string
	size  int64
	files []string
	f     *os.File
	n     int64
}

// Create makes the first file. It refuses to overwrite.
func Create(name string, size int64) (*Volumes, error) {
	v := &Volumes{name: name, size: size}
	if size > 0 && size < 1<<20 {
		return nil, fault.New(fault.Invalid, "--split: %d bytes; use 1MiB or more", size)
	}
	return v, v.next()
}

func (v *Volumes) next() error {
	if v.f != nil {
		if err := errors.Join(v.f.Sync(), v.f.Close()); err != nil {
			return err
		}
	}
	name := v.name
	if v.size > 0 {
		name = volume(v.name, len(v.files)+1)
	}
	if _, err := os.Stat(name); err == nil {
		return fault.New(fault.Conflict, "%s exists; name another file", name)
	}
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.New(fault.Invalid, "bundle: %w", err)
	}
	v.files = append(v.files, name)
	v.f, v.n = f, 0
	return nil
}

func volume(name string, i int) string { return fmt.Sprintf("%s.%03d", name, i) }

// Write implements [io.Writer].
func (v *Volumes) Write(p []byte) (int, error) {
	done := 0
	for len(p) > 0 {
		room := p
		if v.size > 0 {
			if v.n == v.size {
				if err := v.next(); err != nil {
					return done, err
				}
			}
			room = p[:min(int64(len(p)), v.size-v.n)]
		}
		n, err := v.f.Write(room)
		done += n
		v.n += int64(n)
		if err != nil {
			return done, err
		}
		p = p[n:]
	}
	return done, nil
}

// Commit makes the files safe from a power cut, gives them their names and returns
// these.
func (v *Volumes) Commit() ([]string, error) {
	if err := errors.Join(v.f.Sync(), v.f.Close()); err != nil {
		return nil, err
	}
	for _, name := range v.files {
		if err := os.Rename(name+".new", name); err != nil {
			return nil, err
		}
	}
	return v.files, nil
}

// Abandon deletes what was written.
func (v *Volumes) Abandon() {
	v.f.Close()
	for _, name := range v.files {
		os.Remove(name + ".new")
	}
}

// File is a bundle on disk, in one file or several.
type File struct {
	files []*os.File
	ends  []int64 // where each ends in the whole
}

// OpenFile opens a bundle by the name of its file, or of its first, .001.
func OpenFile(name string) (*File, error) {
	v := &File{}
	base, split := strings.CutSuffix(name, ".001")
	for i := 1; ; i++ {
		path := name
		if split {
			path = volume(base, i)
		}
		f, err := os.Open(path)
		if err != nil {
			if i > 1 && errors.Is(err, os.ErrNotExist) {
				return v, nil
			}
			return nil, errors.Join(fault.New(fault.Invalid, "bundle: %w", err), v.Close())
		}
		v.files = append(v.files, f)
		info, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, v.Close())
		}
		v.ends = append(v.ends, v.Size()+info.Size())
		if !split {
			return v, nil
		}
	}
}

// Size is the bytes of all files.
func (v *File) Size() int64 {
	if len(v.ends) == 0 {
		return 0
	}
	return v.ends[len(v.ends)-1]
}

// ReadAt implements [io.ReaderAt].
func (v *File) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	start := int64(0)
	for i, end := range v.ends {
		if off < end && len(p) > 0 {
			n, err := v.files[i].ReadAt(p[:min(int64(len(p)), end-off)], off-start)
			done, off, p = done+n, off+int64(n), p[n:]
			if err != nil && !errors.Is(err, io.EOF) {
				return done, err
			}
			if off < end && len(p) > 0 {
				return done, io.ErrUnexpectedEOF // it became shorter
			}
		}
		start = end
	}
	if len(p) > 0 {
		return done, io.EOF
	}
	return done, nil
}

// Close closes all files.
func (v *File) Close() error {
	var errs []error
	for _, f := range v.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
