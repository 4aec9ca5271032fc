package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func isCertificate(err error) bool {
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verified *tls.CertificateVerificationError
		roots    x509.SystemRootsError
	)
	return errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &verified) || errors.As(err, &roots)
}

func isDropped(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// Roots returns the authorities a channel trusts: those of the node, and the one
// of the settings if it names one in PEM. Errors: fault.Invalid.
func Roots(env Env, pem string) (*x509.CertPool, error) {
	if pem == "" {
		return env.Roots, nil
	}
	pool := x509.NewCertPool()
	if env.Roots != nil {
		pool = env.Roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil {
		pool = system
	}
	if !pool.AppendCertsFromPEM([]byte(pem)) {
		return nil, Bad("ca", "ca: no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
	}
	return pool, nil
}

// Client posts to one receiver over HTTP within the guard. It follows no
// redirect: a message is for the address somebody wrote down.
type Client struct {
	http    *http.Client
	timeout time.Duration
}

// NewClient makes a client that trusts roots, nil for those of the system.
func NewClient(env Env, roots *x509.CertPool) *Client {
	return &Client{timeout: env.Timeout, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         env.Guard.Dial,
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: connectWithin,
			// Messages are minutes apart.
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

const maxAnswer = 64 << 10 // bytes read of an answer

// Answer is what a receiver said.
type Answer struct {
	Status int
	Body   []byte
	After  time.Duration // Retry-After
}

// Post sends body and returns the answer. Errors are failures without the
// address, which may hold a secret.
func (c *Client) Post(ctx context.Context, to string, header http.Header, body []byte) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(string(body)))
	if err != nil {
		return Answer{}, Failed(CodeSettings, false, "the address cannot be used")
	}
	req.Header = header
	req.Header.Set("User-Agent", "lachan")
	resp, err := c.http.Do(req)
	if err != nil {
		// url.Error names the whole address.
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err
		}
		return Answer{}, Network(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return Answer{}, Network(err)
	}
	return Answer{Status: resp.StatusCode, Body: text, After: retryAfter(resp.Header.Get("Retry-After"))}, nil
}

const maxAfter = 6 * time.Hour

func retryAfter(text string) time.Duration {
	if s, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(s)*time.Second, maxAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, min(time.Until(at), maxAfter))
	}
	return 0
}

// Judge turns an answer into a failure, nil for one that took the message.
// A receiver that is busy or broken may recover; one that says no will not.
func (a Answer) Judge(secrets ...string) error {
	if a.Status >= 200 && a.Status < 300 {
		return nil
	}
	text := Hide(string(a.Body), secrets...)
	f := Failed(CodeRefused, true, "HTTP "+strconv.Itoa(a.Status)+" "+http.StatusText(a.Status)+": "+text)
	f.After = a.After
	switch {
	case a.Status >= 300 && a.Status < 400:
		f = Failed(CodeRefused, true, "HTTP "+strconv.Itoa(a.Status)+": the address redirects; write the one it leads to")
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		f.Code, f.Final = CodeSignIn, false // an administrator can mend it
	case a.Status == http.StatusTooManyRequests:
		f.Code, f.Final = CodeBusy, false
	case a.Status == http.StatusRequestTimeout || a.Status == http.StatusTooEarly || a.Status >= 500:
		f.Code, f.Final = CodeBusy, false
	}
	return f
}

// CheckURL refuses an address messages cannot be posted to. Plain HTTP is for
// networks the configuration allows. Errors: fault.Invalid.
func CheckURL(env Env, field, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > 2000 || u.Host == "" || u.Opaque != "":
		return nil, Bad(field, "%s: write an address like https://host/path", field)
	case u.User != nil:
		return nil, Bad(field, "%s: no password within the address; put it into the secret", field)
	case u.Scheme != "https" && (u.Scheme != "http" || len(env.Guard.Allowed) == 0):
		return nil, Bad(field, "%s: only https; http is for addresses in notifications.allowedNetworks", field)
	}
	return u, nil
}
