// Package webhook posts notifications as JSON that the receiver can trust.
//
// The form is that of Standard Webhooks: webhook-id is the message's own and the
// same at every attempt, webhook-timestamp is the attempt's, and
// webhook-signature is "v1," and the base64 of HMAC-SHA256 with the shared secret
// over "id.timestamp.body". A receiver refuses an old timestamp, and an id that
// it has seen it answers with 200 and does nothing: so a message that somebody
// recorded cannot be played back to it, and one that we repeat counts once.
//
// Start reading at [Verify], which is what a receiver does.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/notify"
)

// Name of the kind.
const Name = "webhook"

// Kind returns the kind.
func Kind() notify.Kind { return notify.Kind{Name: Name, Secret: true, Open: open} }

// Settings of a channel.
type Settings struct {
	URL string `json:"url"`
	CA  string `json:"ca"` // PEM of an authority trusted besides the system's
}

// The headers.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

const minSecret = 16 // bytes

type sender struct {
	url    *url.URL
	keys   [][]byte
	client *notify.Client
	now    func() time.Time
}

func open(text json.RawMessage, secret string, env notify.Env) (notify.Sender, error) {
	var s Settings
	if err := notify.Settings(text, &s); err != nil {
		return nil, err
	}
	u, err := notify.CheckURL(env, "url", s.URL)
	if err != nil {
		return nil, err
	}
	roots, err := notify.Roots(env, s.CA)
	if err != nil {
		return nil, err
	}
	h := &sender{url: u, client: notify.NewClient(env, roots), now: env.Now}
	for _, part := range strings.Fields(secret) {
		key := Key(part)
		if len(key) < minSecret {
			return nil, notify.Bad("", "secret: at least %d bytes; the console can make one", minSecret)
		}
		h.keys = append(h.keys, key)
	}
	return h, nil
}

// Key returns the bytes of a secret: those behind whsec_ in base64, else the text.
func Key(secret string) []byte {
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if key, err := base64.StdEncoding.DecodeString(text); err == nil {
			return key
		}
	}
	return []byte(secret)
}

// Target leaves out the query, where some receivers want a token.
func (h *sender) Target() string {
	return h.url.Scheme + "://" + h.url.Host + h.url.EscapedPath()
}

func (h *sender) Send(ctx context.Context, m notify.Message) error {
	if len(h.keys) == 0 {
		return notify.Failed(notify.CodeSecret, false, "the channel has no secret to sign with")
	}
	at := strconv.FormatInt(h.now().Unix(), 10)
	var signatures []string
	for _, key := range h.keys {
		signatures = append(signatures, Sign(key, m.ID, at, m.Data))
	}
	answer, err := h.client.Post(ctx, h.url.String(), http.Header{
		"Content-Type": {"application/json"}, HeaderID: {m.ID}, HeaderTimestamp: {at}, HeaderSignature: {strings.Join(signatures, " ")},
	}, m.Data)
	if err != nil {
		return err
	}
	return answer.Judge(h.url.RawQuery)
}

// Sign returns the signature of a message.
func Sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Errors of Verify.
var (
	ErrSignature = errors.New("the signature does not fit")
	ErrStale     = errors.New("the timestamp is too far from now")
)

// Verify tells whether a message came from who holds the key, within tolerance
// of now. The receiver still has to notice an id that it has seen.
func Verify(key []byte, h http.Header, body []byte, now time.Time, tolerance time.Duration) error {
	stamp := h.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return ErrStale
	}
	want := []byte(Sign(key, h.Get(HeaderID), stamp, body))
	for _, got := range strings.Fields(h.Get(HeaderSignature)) {
		if hmac.Equal(want, []byte(got)) {
			return nil
		}
	}
	return ErrSignature
}
