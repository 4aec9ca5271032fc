package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	dialTime = 15 * time.Second
	// sendTime bounds one request; requests are sized to take a few seconds.
	sendTime = 2 * time.Minute
	// pingAfter and pingTime end a connection whose other side has gone without a
	// word, as behind a firewall that forgot it.
	pingAfter = 15 * time.Second
	pingTime  = 15 * time.Second
	maxAnswer = 64 << 10
)

// Link is the connection to the centre: one, outbound, for both lanes.
type Link struct {
	config Config
	base   *url.URL
	client *http.Client
	now    func() time.Time
}

// NewLink prepares a link; nothing is sent. fault.Invalid for a configuration that
// cannot work.
func NewLink(c Config, now func() time.Time) (*Link, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	base, err := url.Parse(c.Centre)
	if err != nil || c.Centre == "" {
		return nil, fault.New(fault.Invalid, "link.centre: %q is no address", c.Centre).OnField("link.centre")
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		text, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fault.New(fault.Invalid, "link.ca: %w", err).OnField("link.ca")
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "link.ca: %s holds no certificate in PEM form", c.CA).OnField("link.ca")
		}
	}
	if c.Cert != "" {
		own := &clientCertificate{certFile: c.Cert, keyFile: c.Key}
		if _, err := own.get(nil); err != nil {
			return nil, fault.New(fault.Invalid, "link.cert: %w", err).OnField("link.cert")
		}
		t.GetClientCertificate = own.get
	}
	proxy := http.ProxyFromEnvironment
	switch c.Proxy {
	case "":
	case "none":
		proxy = nil
	default:
		u, err := url.Parse(c.Proxy)
		if err != nil {
			return nil, fault.New(fault.Invalid, "link.proxy: %w", err).OnField("link.proxy")
		}
		proxy = http.ProxyURL(u)
	}
	transport := &http.Transport{
		Proxy: proxy, TLSClientConfig: t, TLSHandshakeTimeout: dialTime,
		DialContext:           (&net.Dialer{Timeout: dialTime, KeepAlive: pingAfter}).DialContext,
		ResponseHeaderTimeout: sendTime, IdleConnTimeout: 5 * time.Minute,
		ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4,
		HTTP2: &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTime},
	}
	return &Link{config: c, base: base, now: now, client: &http.Client{
		Transport: transport, Timeout: sendTime,
		// A redirect would show the credential to somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close lets idle connections go.
func (l *Link) Close() { l.client.CloseIdleConnections() }

// Renewed makes the next request use the certificate that is in the files now.
func (l *Link) Renewed() { l.client.CloseIdleConnections() }

// sendError is why a request did not do all it should.
type sendError struct {
	err    error
	status int           // 0: no answer came
	after  time.Duration // the centre asked to wait so long
}

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// Send posts a report with blocks. The answer counts also beside an error: it says
// what is stored all the same.
func (l *Link) Send(ctx context.Context, r *Report, blocks []Block) (Answer, error) {
	var answer Answer
	body, size, err := newBody(r, blocks, l.now)
	if err != nil {
		return answer, err
	}
	req, err := l.request(ctx, BlocksPath, body)
	if err != nil {
		return answer, err
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/x-lachan-blocks")
	return answer, l.do(req, &answer, func() string { return answer.Detail })
}

// Enrol introduces this relay.
func (l *Link) Enrol(ctx context.Context, r EnrolRequest) (EnrolAnswer, error) {
	var answer struct {
		EnrolAnswer
		Detail string `json:"detail"`
	}
	text, err := json.Marshal(r)
	if err != nil {
		return answer.EnrolAnswer, err
	}
	req, err := l.request(ctx, EnrolPath, bytes.NewReader(text))
	if err != nil {
		return answer.EnrolAnswer, err
	}
	req.Header.Set("Content-Type", "application/json")
	err = l.do(req, &answer, func() string { return answer.Detail })
	return answer.EnrolAnswer, err
}

// renewPath is where module enrol renews client certificates.
const renewPath = "/api/v1/enrol/renew"

// RenewCertificate has the centre renew the client certificate that the link
// shows, for the key of a certificate request in PEM form. It returns the new one
// with its chain.
func (l *Link) RenewCertificate(ctx context.Context, request []byte) ([]byte, error) {
	text, err := json.Marshal(map[string]string{"csr": string(request)})
	if err != nil {
		return nil, err
	}
	req, err := l.request(ctx, renewPath, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	var answer struct {
		Certificate string `json:"certificate"`
		Detail      string `json:"detail"`
	}
	if err := l.do(req, &answer, func() string { return answer.Detail }); err != nil {
		return nil, err
	}
	return []byte(answer.Certificate), nil
}

func (l *Link) request(ctx context.Context, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.base.JoinPath(path).String(), body)
	if err != nil {
		return nil, err
	}
	if l.config.Token != "" {
		req.Header.Set("Authorization", "Bearer "+l.config.Token.Reveal())
	}
	return req, nil
}

func (l *Link) do(req *http.Request, answer any, detail func() string) error {
	res, err := l.client.Do(req)
	if err != nil {
		return &sendError{err: fault.New(fault.Busy, "the centre at %s cannot be reached: %w", l.base.Host, plain(err))}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return &sendError{err: fault.New(fault.Busy, "the centre's answer broke off: %w", plain(err))}
	}
	understood := json.Unmarshal(text, answer) == nil
	if res.StatusCode == http.StatusOK && understood {
		return nil
	}
	failed := &sendError{status: res.StatusCode}
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		failed.after = min(time.Duration(s)*time.Second, time.Minute)
	}
	says := detail()
	if !understood || says == "" {
		says = "it answers " + res.Status + "; is this the address of a centre of Lá Chắn?"
	}
	kind := fault.Busy
	switch res.StatusCode {
	case http.StatusUnauthorized:
		kind, says = fault.Unauthenticated, "it does not accept the credential: "+says
	case http.StatusForbidden:
		kind = fault.Denied
	case http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		kind = fault.Invalid
	}
	failed.err = fault.New(kind, "the centre refuses: %s", says)
	return failed
}

// plain takes the address off a client's error, which the text names already.
func plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// newBody streams a report and blocks without copying the blocks. The report is
// stamped as its first byte is asked for, so that waiting for a connection does
// not look like a wrong clock.
func newBody(r *Report, blocks []Block, now func() time.Time) (io.Reader, int64, error) {
	late := &lateHead{report: *r, now: now}
	head, err := late.make()
	if err != nil {
		return nil, 0, err
	}
	size := int64(len(head)) + 1
	parts := make([]io.Reader, 0, 2*len(blocks)+2)
	parts = append(parts, late)
	for _, b := range blocks {
		lead := AppendBlockHead(nil, b)
		size += int64(len(lead) + len(b.Block))
		parts = append(parts, bytes.NewReader(lead), bytes.NewReader(b.Block))
	}
	return io.MultiReader(append(parts, bytes.NewReader(AppendEnd(nil)))...), size, nil
}

// lateHead is the head of a body, made when it is read first. Its length does not
// depend on the time.
type lateHead struct {
	report Report
	now    func() time.Time
	text   *bytes.Reader
}

func (h *lateHead) make() ([]byte, error) {
	h.report.Sent = h.now().UnixMilli()
	return AppendHead(nil, &h.report)
}

func (h *lateHead) Read(p []byte) (int, error) {
	if h.text == nil {
		head, err := h.make()
		if err != nil {
			return 0, err
		}
		h.text = bytes.NewReader(head)
	}
	return h.text.Read(p)
}

// clientCertificate reads its files again when they have changed.
type clientCertificate struct {
	certFile, keyFile string
	mu                sync.Mutex
	changed           time.Time
	pair              *tls.Certificate
}

func (c *clientCertificate) get(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.certFile)
	if err != nil {
		if c.pair != nil {
			return c.pair, nil
		}
		return nil, err
	}
	if c.pair != nil && info.ModTime().Equal(c.changed) {
		return c.pair, nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		if c.pair != nil {
			return c.pair, nil // half written: the next connection reads it
		}
		return nil, err
	}
	c.pair, c.changed = &pair, info.ModTime()
	return c.pair, nil
}
