// Package identitytest plays the authenticator app of a person, for tests that
// sign in.
package identitytest

import (
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"
)

// App makes the codes of one account. Each code counts once, so the app goes
// through those that are valid at the time and says when there is none left.
type App struct {
	secret string
	last   int64
}

// NewApp takes the secret that enrolment shows.
func NewApp(secret string) *App { return &App{secret: secret} }

// Next returns a code that was not used yet and is valid at that time, "" if the
// clock must move on first.
func (a *App) Next(t testing.TB, at time.Time) string {
	t.Helper()
	step := max(a.last+1, at.Unix()/30-1)
	if step > at.Unix()/30+1 {
		return ""
	}
	a.last = step
	code, err := hotp.GenerateCode(a.secret, uint64(step))
	if err != nil {
		t.Fatal(err)
	}
	return code
}
