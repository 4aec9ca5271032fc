package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	published "github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/advisory"
)

type advisoryCmd struct {
	Import advisoryImportCmd `cmd:"" help:"Import security advisories: CSAF 2.0, CVE records, the KEV catalogue, EPSS scores. Tells which units they concern."`
}

type advisoryImportCmd struct {
	Files []string `arg:"" name:"file-or-url" help:"Files, or addresses that this machine fetches (https)."`
	folder
	Server string `help:"Import into a running server at this address, with a token of scope api in LACHAN_TOKEN." placeholder:"URL"`
}

// wireImport is what an import did, as the API shows it.
type wireImport struct {
	Format   string   `json:"format"`
	Number   string   `json:"number"`
	Title    string   `json:"title"`
	What     string   `json:"what"`
	Entries  int      `json:"entries"`
	New      int      `json:"new"`
	Changed  int      `json:"changed"`
	Units    int      `json:"units"`
	Problems []string `json:"problems"`
}

func (w *wireImport) print(s std, source string) {
	number := w.Number
	if w.Title != "" {
		number = strings.TrimSpace(number + " " + w.Title)
	}
	fmt.Fprintf(s.out, "%s: %s %s: %s, %d entries, %d new, %d changed, %d units concerned that were not before\n",
		source, w.Format, oneLine(number, 200), w.What, w.Entries, w.New, w.Changed, w.Units)
	for _, p := range w.Problems {
		fmt.Fprintf(s.err, "%s: %s\n", source, oneLine(p, 400))
	}
}

// importInto imports one file that was read.
type importInto func(ctx context.Context, name string, data []byte) (wireImport, error)

// Run imports every file; what is wrong with one does not keep the others out.
func (c *advisoryImportCmd) Run(ctx context.Context, s std) error {
	if c.Server != "" {
		r, err := newRemote(c.Server)
		if err != nil {
			return err
		}
		r.client.Timeout = advisoryWait
		return c.all(ctx, s, r.importAdvisory)
	}
	if err := c.mustExist(); err != nil {
		return err
	}
	err := c.with(ctx, s, "advisory", func(n *app.Node) error {
		ctx := module.WithPrincipal(ctx, module.System())
		return c.all(ctx, s, func(ctx context.Context, name string, data []byte) (wireImport, error) {
			o, err := n.Advisories().Import(ctx, name, data)
			return wireOf(&o), err
		})
	})
	return c.offline(err, "import with --server, or under Cảnh báo sớm")
}

const advisoryWait = 10 * time.Minute // of one file, fetched or imported

func (c *advisoryImportCmd) all(ctx context.Context, s std, into importInto) error {
	failed := 0
	for _, source := range c.Files {
		data, err := readAdvisory(ctx, source)
		if err == nil {
			var done wireImport
			if done, err = into(ctx, nameOf(source), data); err == nil {
				done.print(s, source)
				continue
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
			return fmt.Errorf("%s: %w", source, err)
		}
		failed++
		// The readers name the file themselves.
		fmt.Fprintf(s.err, "lachan: %s: %s\n", source, strings.TrimPrefix(err.Error(), nameOf(source)+": "))
	}
	if failed > 0 {
		return fault.New(fault.Invalid, "advisory import: %d of %d files were not imported; see above", failed, len(c.Files))
	}
	return nil
}

func wireOf(o *advisory.Outcome) wireImport {
	return wireImport{string(o.Format), o.Number, o.Title, o.What, o.Entries, o.New, o.Changed, o.Units, o.Problems}
}

// nameOf is what a source is called in errors: of an address its end, without what
// may be a key.
func nameOf(source string) string {
	name := filepath.Base(source)
	if u, ok := webAddress(source); ok {
		if name = path.Base(u.Path); name == "/" || name == "." {
			name = u.Host
		}
	}
	if r := []rune(name); len(r) > 120 {
		name = string(r[len(r)-120:])
	}
	return name
}

func webAddress(source string) (*url.URL, bool) {
	u, err := url.Parse(source)
	return u, err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// readAdvisory reads a file or fetches an address. Errors: Invalid, TooLarge.
func readAdvisory(ctx context.Context, source string) ([]byte, error) {
	u, web := webAddress(source)
	var from io.ReadCloser
	if web {
		if u.Scheme == "http" && u.Hostname() != "localhost" && !strings.HasPrefix(u.Hostname(), "127.") && u.Hostname() != "::1" {
			return nil, fault.New(fault.Invalid, "an advisory is fetched by https only: what comes in the clear may be anybody's")
		}
		ctx, cancel := context.WithTimeout(ctx, advisoryWait)
		defer cancel()
		var err error
		if from, err = fetchAdvisory(ctx, u); err != nil {
			return nil, err
		}
	} else {
		f, err := os.Open(source)
		if err != nil {
			return nil, fault.New(fault.Invalid, "it cannot be read: %w", errors.Unwrap(err))
		}
		from = f
	}
	defer from.Close()
	data, err := io.ReadAll(io.LimitReader(from, published.MaxBytes+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "it could not be read to its end: %w", err)
	}
	if len(data) > published.MaxBytes {
		return nil, fault.New(fault.TooLarge, "more than %d MB", published.MaxBytes>>20)
	}
	return data, nil
}

func fetchAdvisory(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	client := &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, DisableKeepAlives: true},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 5 || r.URL.Scheme != via[0].URL.Scheme {
				return fault.New(fault.Invalid, "redirected to %s; name the address it leads to", r.URL.Host)
			}
			return nil
		},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%w", err)
	}
	req.Header.Set("User-Agent", "lachan")
	res, err := client.Do(req)
	if err != nil {
		return nil, fault.New(fault.Invalid, "it could not be fetched: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close() // nothing of it is used
		return nil, fault.New(fault.Invalid, "%s answers %s", u.Host, res.Status)
	}
	return res.Body, nil
}

// importAdvisory imports a file into a running server.
func (r *remote) importAdvisory(ctx context.Context, name string, data []byte) (wireImport, error) {
	var out wireImport
	header := http.Header{"Content-Type": {"application/octet-stream"}}
	res, err := r.do(ctx, http.MethodPost, "api/v1/advisories/import", url.Values{"name": {name}}, header, data)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return out, fault.New(fault.Internal, "the server's answer is not understood: %w", err)
	}
	return out, nil
}
