package identity

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"image/png"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// Codes of an authenticator app are those of RFC 6238 as every app knows them:
// SHA-1, six digits, a new one every 30 seconds.
const (
	totpPeriod = 30 * time.Second
	totpSkew   = 1 // steps that a clock may be off, each way
	totpBytes  = 20
	totpIssuer = "Lá Chắn"
)

func totpStepAt(at time.Time) int64 { return at.Unix() / int64(totpPeriod.Seconds()) }

// totpMatch finds the step that code is of, among those that are near now and
// later than last: a code counts once, and none before it counts any more.
func totpMatch(secret []byte, code string, now time.Time, last int64) (step int64, ok bool, err error) {
	code = strings.ReplaceAll(code, " ", "")
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	at := totpStepAt(now)
	for try := at - totpSkew; try <= at+totpSkew; try++ {
		want, err := hotp.GenerateCode(text, uint64(try))
		if err != nil {
			return 0, false, fmt.Errorf("code of a step: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && try > last {
			step, ok = try, true
		}
	}
	return step, ok, nil
}

// TOTPSetup is what an app needs to make codes; it is shown once.
type TOTPSetup struct {
	Secret string // base32, for typing
	URI    string // otpauth://
	QR     string // the URI as an image, a data: address
}

func newTOTPSecret() []byte {
	secret := make([]byte, totpBytes)
	rand.Read(secret) // never fails since Go 1.24
	return secret
}

const qrPixels = 240

// totpSetup shows a secret. issuer names the installation in the app's list.
func totpSetup(secret []byte, issuer, username string) (TOTPSetup, error) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + username}
	// Some apps read "+" in the query as a plus sign.
	u.RawQuery = strings.ReplaceAll(url.Values{
		"secret": {text}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"},
	}.Encode(), "+", "%20")
	key, err := otp.NewKeyFromURL(u.String())
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("address of a key: %w", err)
	}
	img, err := key.Image(qrPixels, qrPixels)
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("image of a key: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return TOTPSetup{}, fmt.Errorf("image of a key: %w", err)
	}
	return TOTPSetup{Secret: text, URI: u.String(), QR: "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())}, nil
}
