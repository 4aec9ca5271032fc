package advisory

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/notify"
)

const (
	maxRedirects  = 5
	maxFetchBytes = advisory.MaxBytes
)

// Why fetching failed, besides the codes of package notify.
const (
	codeStatus   = "advisory.fetch-status"
	codeLarge    = "advisory.too-large"
	codeRedirect = "advisory.fetch-redirect"
)

// newClient makes a client that connects where the configuration lets it: over TLS
// to public addresses and the networks named, in the clear to the latter only. The
// address is judged when the connection is made, so also after every redirect.
func newClient(c Config) *http.Client {
	guard := notify.Guard{Allowed: c.AllowedNetworks, Setting: "advisories.allowedNetworks"}
	return &http.Client{
		Timeout: c.Timeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return notify.Failed(codeRedirect, false, "more than "+strconv.Itoa(maxRedirects)+" redirects; enter the address they lead to")
			}
			if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
				return notify.Failed(codeRedirect, false, "redirected from https to "+r.URL.Scheme+"; enter an address that stays with https")
			}
			return nil
		},
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return guard.DialNamed(ctx, network, address)
			},
			DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				host, _, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				conn, err := guard.Dial(ctx, network, address)
				if err != nil {
					return nil, err
				}
				secure := tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
				if err := secure.HandshakeContext(ctx); err != nil {
					_ = conn.Close() // the error that matters is the handshake's
					return nil, err
				}
				return secure, nil
			},
			DisableKeepAlives:      true, // sources are asked hours apart
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

// checkURL refuses an address that cannot be fetched from. Errors: Invalid.
func (c Config) checkURL(text string) error {
	u, err := url.Parse(text)
	refuse := func(why string) error {
		return fault.New(fault.Invalid, "url: %s", why).WithCode("advisory.bad-url").OnField("body.url")
	}
	switch {
	case err != nil || len(text) > 2000 || u.Host == "" || u.Opaque != "":
		return refuse("write an address like https://host/path")
	case u.User != nil:
		return refuse("no password within the address")
	case u.Scheme == "https":
	case u.Scheme != "http":
		return refuse("only https")
	case len(c.AllowedNetworks) == 0:
		return refuse("only https; http is for addresses in advisories.allowedNetworks of the configuration")
	}
	return nil
}

// fetched is what a source answered.
type fetched struct {
	data     []byte
	same     bool // nothing new since the last time
	etag     string
	modified string
}

// fetch asks a source. Errors are *notify.Failure.
func (s *Service) fetch(ctx context.Context, x *Source) (fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Config.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.URL, nil)
	if err != nil {
		return fetched{}, notify.Failed(notify.CodeSettings, false, "the address cannot be used")
	}
	req.Header.Set("User-Agent", "lachan")
	req.Header.Set("Accept", "application/json, text/csv, application/gzip, */*")
	if x.etag != "" {
		req.Header.Set("If-None-Match", x.etag)
	}
	if x.modified != "" {
		req.Header.Set("If-Modified-Since", x.modified)
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err
		}
		return fetched{}, notify.Network(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified:
		return fetched{same: true, etag: x.etag, modified: x.modified}, nil
	case resp.StatusCode != http.StatusOK:
		return fetched{}, notify.Failed(codeStatus, false, "the source answers HTTP "+strconv.Itoa(resp.StatusCode)+" "+http.StatusText(resp.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFetchBytes+1))
	if err != nil {
		return fetched{}, notify.Network(err)
	}
	if len(data) > maxFetchBytes {
		return fetched{}, notify.Failed(codeLarge, false, "the source answers with more than "+strconv.Itoa(maxFetchBytes>>20)+" MB")
	}
	return fetched{data: data, etag: header(resp, "ETag"), modified: header(resp, "Last-Modified")}, nil
}

// header keeps what can be sent back.
func header(r *http.Response, name string) string {
	v := r.Header.Get(name)
	if len(v) > 300 || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' || c > '~' }) {
		return ""
	}
	return v
}

// fileOf is what a source's file is called in errors: the end of its address,
// without what may be a key.
func fileOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "source"
	}
	return u.Host + u.Path
}

// retryAfter is how long a source that failed is left alone: a quarter of an hour,
// and no longer than it would be anyway.
func retryAfter(every time.Duration) time.Duration { return min(15*time.Minute, every) }
