package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Source is what is copied.
type Source struct {
	Folder string // data folder, in use or not
	DSN    string // of the control database; "" is SQLite in the folder
	// Config is the text of the configuration file, masked unless Secrets; nil:
	// the node has none.
	Config  []byte
	Masked  int
	Secrets bool // copy private keys too
	// Extra are files and folders that the configuration names: rules, pipelines.
	Extra   []string
	Version string
	Now     time.Time
}

// Created tells what Create did.
type Created struct {
	*Snapshot
	NewFiles int
	NewBytes int64
}

// attempts bounds how often the control database is copied again because a
// segment it lists was merged before it could be held.
const attempts = 5

// Create makes a snapshot of a data folder that may be in use. Files that are
// damaged or gone are named in Problems, and the rest is kept: a copy of a
// damaged centre is better than none. Errors: fault.Invalid for a folder that
// is none.
func (r *Repository) Create(ctx context.Context, src Source, p Progress) (*Created, error) {
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	c := &creation{r: r, src: src, progress: p, out: &Created{Snapshot: &Snapshot{
		Format: formatVersion, Created: src.Now.UTC().Truncate(time.Second), Version: src.Version, Host: host,
		Folder: src.Folder, Database: sqldb.KindOf(src.DSN), Secrets: src.Secrets, Masked: src.Masked,
	}}}
	if c.staging, err = newStaging(src.Folder); err != nil {
		return nil, err
	}
	err = c.run(ctx)
	if err := errors.Join(err, os.RemoveAll(c.staging)); err != nil {
		return nil, err
	}
	return c.out, r.save(c.out.Snapshot)
}

type creation struct {
	r           *Repository
	src         Source
	out         *Created
	staging     string
	progress    Progress
	done, total int64
}

func (c *creation) run(ctx context.Context) error {
	control := filepath.Join(c.staging, "control")
	segments, err := c.hold(ctx, control)
	if err != nil {
		return err
	}
	for _, f := range segments {
		c.total += f.Bytes
		c.out.Events += f.Events
	}
	if err := c.addFile(ctx, KindControl, controlPath(c.out.Database), control); err != nil {
		return err
	}
	for _, f := range segments {
		if err := c.segment(ctx, f); err != nil {
			return err
		}
	}
	// Files of incidents, of answers to warnings of dossiers and of evidence never change, and are on disk before the database knows them.
	for _, folder := range []string{"rules", "incidents", "warnings", "dossiers", "requirements"} {
		if err := c.addTree(ctx, KindData, filepath.Join(c.src.Folder, folder), folder); err != nil {
			return err
		}
	}
	if c.src.Secrets {
		for _, folder := range []string{"tls", "identity"} {
			if err := c.addTree(ctx, KindData, filepath.Join(c.src.Folder, folder), folder); err != nil {
				return err
			}
		}
	}
	if c.src.Config != nil {
		if err := c.add(ctx, KindConfig, "restored/lachan.yml", bytes.NewReader(c.src.Config)); err != nil {
			return err
		}
	}
	for _, name := range c.src.Extra {
		abs, err := filepath.Abs(name)
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		if err := c.addTree(ctx, KindConfig, abs, path.Join("restored", strings.TrimPrefix(filepath.ToSlash(abs), "/"))); err != nil {
			return err
		}
	}
	return nil
}

func controlPath(database string) string {
	if database == sqldb.KindOf("") {
		return "control/" + sqldb.FileName
	}
	return "control/lachan.pgdump"
}

// hold copies the control database and links every segment it lists, so that
// they stay while they are copied, however long that takes.
func (c *creation) hold(ctx context.Context, control string) ([]lake.File, error) {
	for try := 1; ; try++ {
		var segments []lake.File
		if err := os.Remove(control); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("backup: %w", err)
		}
		err := sqldb.Snapshot(ctx, sqldb.Options{DSN: c.src.DSN, Dir: filepath.Join(c.src.Folder, "control")}, control,
			func(ctx context.Context, db bun.IDB) (err error) {
				segments, err = lake.Inventory(ctx, db)
				return err
			})
		if err != nil {
			return nil, err
		}
		gone, err := c.link(ctx, segments)
		if err != nil {
			return nil, err
		}
		if len(gone) == 0 || try == attempts {
			for _, f := range gone {
				c.problem("segment lake/%s is listed but its file is not there", f.Path)
			}
			return segments, nil
		}
	}
}

// link holds the segments and returns those that are not there.
func (c *creation) link(ctx context.Context, segments []lake.File) (gone []lake.File, err error) {
	for _, f := range segments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.r.has(f.SHA256, f.Bytes) {
			continue
		}
		err := os.Link(filepath.Join(c.src.Folder, "lake", filepath.FromSlash(f.Path)), c.held(f))
		switch {
		case err == nil, errors.Is(err, fs.ErrExist):
		case errors.Is(err, fs.ErrNotExist):
			gone = append(gone, f)
		default:
			// Without hard links the file is copied at once, before it can go.
			if err := c.keepNow(ctx, f); errors.Is(err, fs.ErrNotExist) {
				gone = append(gone, f)
			} else if err != nil {
				return nil, err
			}
		}
	}
	return gone, nil
}

func (c *creation) held(f lake.File) string {
	return filepath.Join(c.staging, path.Base(f.Path))
}

func (c *creation) keepNow(ctx context.Context, f lake.File) error {
	src, err := os.Open(filepath.Join(c.src.Folder, "lake", filepath.FromSlash(f.Path)))
	if err != nil {
		return err
	}
	defer src.Close()
	_, size, fresh, err := c.r.put(ctx, src, func(int) {})
	c.count(size, fresh)
	return err
}

func (c *creation) count(size int64, fresh bool) {
	if fresh {
		c.out.NewFiles++
		c.out.NewBytes += size
	}
}

func (c *creation) segment(ctx context.Context, f lake.File) error {
	name := "lake/" + f.Path
	if c.r.has(f.SHA256, f.Bytes) {
		c.out.Files = append(c.out.Files, File{KindSegment, name, f.SHA256, f.Bytes})
		c.done += f.Bytes
		c.progress.tell(c.done, c.total)
		return nil
	}
	src, err := os.Open(c.held(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // named among the problems
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer src.Close()
	if err := c.add(ctx, KindSegment, name, src); err != nil {
		return err
	}
	if got := c.out.Files[len(c.out.Files)-1]; got.SHA256 != f.SHA256 {
		c.problem("segment %s is not what was written: SHA-256 %s, the manifest says %s; it was copied as it is", name, got.SHA256, f.SHA256)
	}
	return os.Remove(c.held(f)) // a merged file's space is free as soon as it is copied
}

func (c *creation) problem(format string, args ...any) {
	c.out.Problems = append(c.out.Problems, fmt.Sprintf(format, args...))
}

// add keeps one file.
func (c *creation) add(ctx context.Context, kind, name string, src io.Reader) error {
	sum, size, fresh, err := c.r.put(ctx, src, func(n int) {
		c.done += int64(n)
		c.progress.tell(c.done, max(c.done, c.total))
	})
	if err != nil {
		return err
	}
	c.out.Files = append(c.out.Files, File{kind, name, sum, size})
	c.count(size, fresh)
	return nil
}

func (c *creation) addFile(ctx context.Context, kind, name, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	return c.add(ctx, kind, name, f)
}

// unfinished ends the name of a file that is being received.
const unfinished = ".part"

// addTree keeps a file, or the regular files below a folder; what is not there
// is a problem only where somebody named it.
func (c *creation) addTree(ctx context.Context, kind, from, name string) error {
	err := filepath.WalkDir(from, func(at string, d fs.DirEntry, err error) error {
		if err == nil && (!d.Type().IsRegular() || filepath.Ext(at) == unfinished) {
			return nil
		}
		rel, relErr := filepath.Rel(from, at)
		if err = errors.Join(err, relErr); err == nil {
			err = c.addFile(ctx, kind, path.Join(name, filepath.ToSlash(rel)), at)
		}
		if at != from && errors.Is(err, fs.ErrNotExist) {
			return nil // it went while the folder was read; the rest is there
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		if kind == KindConfig {
			c.problem("%s, which the configuration names, is not there", from)
		}
		return nil
	}
	return err
}

const stagingSuffix = ".backup.tmp"

// newStaging makes a folder beside the lake, on the same disk, and removes those
// that killed runs left. A folder's name is the process that uses it.
func newStaging(folder string) (string, error) {
	if _, err := os.Stat(filepath.Join(folder, "lake")); err != nil {
		return "", fault.New(fault.Invalid, "data folder: %w; name it with --data", err)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"+stagingSuffix))
	if err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	for _, dir := range left {
		pid, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(dir), stagingSuffix))
		if err == nil && syscall.Kill(pid, 0) == nil {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return "", fmt.Errorf("backup: %w", err)
		}
	}
	dir := filepath.Join(folder, strconv.Itoa(os.Getpid())+stagingSuffix)
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	return dir, nil
}
