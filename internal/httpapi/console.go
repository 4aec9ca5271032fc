package httpapi

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// console serves the built console. Files under assets/ have a hash of their
// content in the name and may be cached for ever; every other path that is no
// file is a page of the console and gets index.html, which is never cached.
// A file that the build compressed beside itself (.br, .gz) is sent that way;
// index.html is not, since each answer writes its own nonce into it.
type console struct {
	files fs.FS
}

// noncePlace stands in index.html where the nonce goes.
const noncePlace = "{{nonce}}"

func newConsole(files fs.FS) *console { return &console{files: files} }

const indexPage = "index.html"

var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if strings.HasPrefix(name, "api/") || strings.HasPrefix(name, "ingest/") {
		writeProblem(w, r, notFound("no such operation"))
		return
	}
	asset := strings.HasPrefix(name, "assets/")
	if name == "" || !c.exists(name) {
		if asset {
			// The page of an older build asks for a chunk that is gone. index.html
			// in its place would be an obscure syntax error.
			writeProblem(w, r, notFound("no such file"))
			return
		}
		name = indexPage
	}
	h := w.Header()
	if asset {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		h.Set("Content-Type", t)
	}
	if name == indexPage {
		c.serveIndex(w, r)
		return
	}
	h.Add("Vary", "Accept-Encoding")
	file := name
	for _, e := range encodings {
		if accepts(r, e.name) && c.exists(name+e.suffix) {
			h.Set("Content-Encoding", e.name)
			file = name + e.suffix
			break
		}
	}
	data, err := fs.ReadFile(c.files, file)
	if err != nil {
		h.Del("Content-Encoding")
		writeProblem(w, r, notFound("no such file"))
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

// serveIndex sends the page that every address of the console begins with.
func (c *console) serveIndex(w http.ResponseWriter, r *http.Request) {
	data, err := fs.ReadFile(c.files, indexPage)
	if err != nil {
		writeProblem(w, r, notFound("the console is not part of this build"))
		return
	}
	nonce := rand.Text()
	w.Header().Set("Content-Security-Policy", pagePolicy(nonce))
	data = bytes.ReplaceAll(data, []byte(noncePlace), []byte(nonce))
	http.ServeContent(w, r, indexPage, time.Time{}, bytes.NewReader(data))
}

func (c *console) exists(name string) bool {
	info, err := fs.Stat(c.files, name)
	return err == nil && !info.IsDir()
}

func accepts(r *http.Request, encoding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, encoding) && strings.TrimSpace(params) != "q=0" {
			return true
		}
	}
	return false
}
