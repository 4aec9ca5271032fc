package app

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

// Bounds of a rule archive: SigmaHQ's is about 15 MB with 4,000 files.
const (
	maxArchiveBytes  = 256 << 20
	maxArchiveFiles  = 100_000
	maxUnpackedBytes = 512 << 20
	downloadTimeout  = 5 * time.Minute
)

var packName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,40}$`)

// Installed is the outcome of InstallRules.
type Installed struct {
	Dir     string
	Loaded  int
	Refused []sigma.Problem
}

// InstallRules takes the rules of an archive (path or https address) or folder
// into dataDir/rules/pack, replacing an earlier pack of that name in one step. A
// source without one loadable rule changes nothing.
func InstallRules(ctx context.Context, from, dataDir, pack string) (*Installed, error) {
	if !packName.MatchString(pack) {
		return nil, fault.New(fault.Invalid, "rules update: pack name %q; use small letters, digits, - and _", pack).OnField("pack")
	}
	files, err := gatherRules(ctx, from)
	if err != nil {
		return nil, err
	}
	set := detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping(), Each: OnAllCores})
	out := &Installed{Dir: filepath.Join(dataDir, "rules", pack), Loaded: len(set.Rules())}
	for _, p := range set.Problems() {
		if p.Severity == sigma.Error {
			out.Refused = append(out.Refused, p)
		}
	}
	if out.Loaded == 0 {
		return nil, fault.New(fault.Invalid, "rules update: %s holds no rule that loads (%d files, %d problems); nothing was changed", from, len(files), len(out.Refused))
	}
	return out, replacePack(out.Dir, files)
}

// replacePack writes the files beside dir and swaps them in.
func replacePack(dir string, files []detect.File) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return fault.New(fault.Invalid, "rules update: %w", err)
	}
	fresh, err := os.MkdirTemp(parent, ".new-")
	if err != nil {
		return fault.New(fault.Invalid, "rules update: %w", err)
	}
	defer os.RemoveAll(fresh)
	for _, f := range files {
		at := filepath.Join(fresh, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return fmt.Errorf("rules update: %w", err)
		}
		if err := os.WriteFile(at, f.Data, 0o600); err != nil {
			return fmt.Errorf("rules update: %w", err)
		}
	}
	old := filepath.Join(parent, ".old-"+filepath.Base(dir))
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("rules update: %w", err)
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("rules update: %w", err)
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(fmt.Errorf("rules update: %w", err), os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// gatherRules reads the rule files of a folder, an archive file or an address.
// Their names are relative, with slashes, and never leave the pack.
func gatherRules(ctx context.Context, from string) ([]detect.File, error) {
	if u, err := url.Parse(from); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		data, err := download(ctx, u)
		if err != nil {
			return nil, err
		}
		return readArchive(from, data)
	}
	info, err := os.Stat(from)
	if err != nil {
		return nil, fault.New(fault.Invalid, "rules update: %w", err)
	}
	if info.IsDir() {
		files, err := ReadRules(os.DirFS(from), "", "update")
		return slices.DeleteFunc(files, func(f detect.File) bool { return notInUse(f.Name) }), err
	}
	if info.Size() > maxArchiveBytes {
		return nil, fault.New(fault.TooLarge, "rules update: %s is larger than %d MiB", from, maxArchiveBytes>>20)
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return nil, fault.New(fault.Invalid, "rules update: %w", err)
	}
	return readArchive(from, data)
}

// safe refuses addresses at which others on the way could change the rules.
func safe(u *url.URL) error {
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fault.New(fault.Invalid, "rules update: %s: rules decide what is seen; fetch them over https", u.Redacted())
}

const maxRedirects = 10

func onlySafe(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return fault.New(fault.Invalid, "rules update: more than %d redirects", maxRedirects)
	}
	return safe(req.URL)
}

func download(ctx context.Context, u *url.URL) ([]byte, error) {
	if err := safe(u); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "rules update: %w", err)
	}
	res, err := (&http.Client{CheckRedirect: onlySafe}).Do(req)
	if err != nil {
		return nil, fault.New(fault.Busy, "rules update: cannot fetch the archive: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fault.New(fault.Invalid, "rules update: %s answered %s", u.Redacted(), res.Status)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxArchiveBytes+1))
	switch {
	case err != nil:
		return nil, fault.New(fault.Busy, "rules update: the download broke off: %w", err)
	case len(data) > maxArchiveBytes:
		return nil, fault.New(fault.TooLarge, "rules update: the archive is larger than %d MiB", maxArchiveBytes>>20)
	}
	return data, nil
}

// archive collects rule files within the bounds.
type archive struct {
	name    string
	files   []detect.File
	entries int
	bytes   int64
}

// take keeps one entry if it is a rule file.
func (a *archive) take(name string, open func() (io.ReadCloser, error)) error {
	if a.entries++; a.entries > maxArchiveFiles {
		return fault.New(fault.TooLarge, "rules update: %s has more than %d entries", a.name, maxArchiveFiles)
	}
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if !IsRuleFile(name) || notInUse(name) {
		return nil
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fault.New(fault.Invalid, "rules update: %s: the entry %q points out of the archive; nothing was changed", a.name, name)
	}
	r, err := open()
	if err != nil {
		return fault.New(fault.Invalid, "rules update: %s: %s: %w", a.name, name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxRuleFileBytes+1))
	if err != nil {
		return fault.New(fault.Invalid, "rules update: %s: %s: %w", a.name, name, err)
	}
	if len(data) > maxRuleFileBytes {
		return nil
	}
	if a.bytes += int64(len(data)); a.bytes > maxUnpackedBytes {
		return a.tooLarge()
	}
	a.files = append(a.files, detect.File{Name: name, Pack: "update", Data: data})
	return nil
}

func (a *archive) tooLarge() error {
	return fault.New(fault.TooLarge, "rules update: %s unpacks to more than %d MiB", a.name, maxUnpackedBytes>>20)
}

// notInUse tells the folders of a SigmaHQ tree that hold no rules to run.
func notInUse(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		switch part {
		case "deprecated", "unsupported", "tests", "regression_data", "documentation", ".github":
			return true
		}
	}
	return false
}

func readArchive(name string, data []byte) ([]detect.File, error) {
	a := &archive{name: name}
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("PK")):
		err = a.zip(data)
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		err = a.tarGzip(data)
	default:
		err = fault.New(fault.Invalid, "rules update: %s is neither a .zip nor a .tar.gz archive", name)
	}
	return a.files, err
}

func (a *archive) zip(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fault.New(fault.Invalid, "rules update: %s: broken zip: %w", a.name, err)
	}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if err := a.take(f.Name, f.Open); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) tarGzip(data []byte) error {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return fault.New(fault.Invalid, "rules update: %s: broken gzip: %w", a.name, err)
	}
	// What is skipped is unpacked too.
	left := &io.LimitedReader{R: z, N: maxUnpackedBytes}
	for t := tar.NewReader(left); ; {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && left.N <= 0:
			return a.tooLarge()
		case err != nil:
			return fault.New(fault.Invalid, "rules update: %s: broken tar: %w", a.name, err)
		case h.Typeflag != tar.TypeReg:
			continue
		}
		if err := a.take(h.Name, func() (io.ReadCloser, error) { return io.NopCloser(t), nil }); err != nil {
			return err
		}
	}
}
