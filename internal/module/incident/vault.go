package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/gabriel-vasile/mimetype"

	"github.com/lachan-vn/lachan/internal/fault"
)

// vault keeps the bytes of files under their SHA-256, in folders of its first two
// digits: the same bytes once, however many incidents have them. Nothing in it is
// ever run or shown; a name that came with a file is no name here.
type vault struct{ dir string }

var sumShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

const partSuffix = ".part"

// open makes the folder, and removes what a killed process was receiving. Bytes no
// row knows stay: a database that was restored wrongly must not cost evidence.
func (v vault) open() error {
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(v.dir, "*"+partSuffix))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

func (v vault) path(sum string) (string, error) {
	if !sumShape.MatchString(sum) {
		return "", fmt.Errorf("incident file: %q is no SHA-256", sum)
	}
	return filepath.Join(v.dir, sum[:2], sum), nil
}

// received is a file that lies in the vault's folder, not yet in its place.
type received struct {
	part     string
	size     int64
	sum      string
	detected *mimetype.MIME
}

// receive writes what r gives to disk. Where it fails nothing stays. Errors:
// Invalid, TooLarge.
func (v vault) receive(r io.Reader, most int64) (_ received, err error) {
	f, err := os.CreateTemp(v.dir, "*"+partSuffix)
	if err != nil {
		return received{}, fmt.Errorf("incident file: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(f.Name()) // the first error is told
		}
	}()
	hash, source := sha256.New(), &bodyReader{r: io.LimitReader(r, most+1)}
	size, err := io.Copy(io.MultiWriter(f, hash), source)
	switch {
	case err != nil && source.failed:
		return received{}, fault.New(fault.Invalid, "the file did not arrive whole: %w", err).WithCode("incident.file-broken-off")
	case err != nil:
		return received{}, fmt.Errorf("incident file: %w", err)
	case size > most:
		return received{}, fault.New(fault.TooLarge, "the file is larger than %d MiB; split it", most>>20).WithCode("incident.file-too-large")
	case size == 0:
		return received{}, fault.New(fault.Invalid, "the file is empty").WithCode("incident.file-empty")
	}
	if err := f.Sync(); err != nil {
		return received{}, fmt.Errorf("incident file: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return received{}, fmt.Errorf("incident file: %w", err)
	}
	kind, err := mimetype.DetectReader(f)
	if err != nil {
		return received{}, fmt.Errorf("incident file: %w", err)
	}
	return received{f.Name(), size, hex.EncodeToString(hash.Sum(nil)), kind}, nil
}

// bodyReader tells an error of reading from one of writing.
type bodyReader struct {
	r      io.Reader
	failed bool
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.failed = err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// keep puts a received file into its place, also over bytes that were damaged
// there, and waits until the disk has it.
func (v vault) keep(x received) error {
	target, err := v.path(x.sum)
	if err != nil {
		return err
	}
	folder := filepath.Dir(target)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := os.Rename(x.part, target); err != nil {
		return err
	}
	return errors.Join(syncFolder(folder), syncFolder(v.dir))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (v vault) remove(sum string) error {
	target, err := v.path(sum)
	if err != nil {
		return err
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// verified opens a file and tells the hash of its bytes, "" where there are none.
// The file is nil unless the bytes are those of the hash; who gets it reads the
// very bytes that were looked at, unless somebody writes into them meanwhile.
func (v vault) verified(sum string) (f *os.File, found string, err error) {
	target, err := v.path(sum)
	if err != nil {
		return nil, "", err
	}
	f, err = os.Open(target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		// A disk that cannot be read has not what was stored.
		return nil, "unreadable", f.Close()
	}
	found = hex.EncodeToString(hash.Sum(nil))
	if found != sum {
		return nil, found, f.Close()
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, found, errors.Join(err, f.Close())
	}
	return f, found, nil
}
