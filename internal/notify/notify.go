// Package notify brings one message to one address: by mail, to a webhook, to a
// chat.
//
// It does not know why somebody is told, when, or what happens if it fails;
// module/notification decides that, keeps what is to be sent and tries again. A
// way of sending is a [Kind], one folder each (mail, webhook, chat), and app
// lists them.
//
// Invariants. A [Sender] makes one attempt, bounded in time and in what it reads
// back, and says by [Failure] whether another may work. It connects only where
// its [Guard] lets it: an administrator of the console must not reach the
// machines behind it. A message keeps its ID over all attempts, so that a
// receiver can tell a repeat. A secret is handed in for one Open, is never part
// of a Failure, and is kept by a [Vault] or in a file.
//
// Start reading at [Kind].
package notify

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Message is what is sent. A kind uses what it can show.
type Message struct {
	ID      string // the same at every attempt
	Thread  string // messages of one thread are about the same thing; "": none
	To      string // an address of the kind's own sort; "": where the channel points
	Name    string // of the person, ""
	Subject string // one line
	Text    string
	HTML    string
	Level   string // critical, high, medium, low, informational
	Link    string // where to read on
	At      time.Time
	Data    json.RawMessage // the whole of it for machines
}

// Sender sends messages of one channel; safe for several goroutines.
type Sender interface {
	// Send makes one attempt. nil: the receiving server has taken the message.
	// Every error is a *Failure.
	Send(ctx context.Context, m Message) error
	// Target names where messages go, without a secret: shown to people, and
	// compared to notice that a channel points elsewhere than it did.
	Target() string
}

// Kind is one way of sending.
type Kind struct {
	Name string
	// Personal: every message needs an address in To.
	Personal bool
	// Secret: a channel cannot send without one.
	Secret bool
	// CheckTo refuses an address that cannot be one; nil: there is none to give.
	CheckTo func(to string) error
	// Open reads the settings and touches nothing. Errors: fault.Invalid naming
	// the setting. The secret may be "" to check the settings alone.
	Open func(settings json.RawMessage, secret string, env Env) (Sender, error)
}

// Env is what the node gives every channel.
type Env struct {
	Guard   Guard
	Roots   *x509.CertPool // nil: those of the system
	Hello   string         // the name this node calls itself by
	Timeout time.Duration  // of one attempt
	Now     func() time.Time
}

// Why an attempt failed, for people and for what to do about it.
const (
	CodeSettings    = "notify.settings"    // the channel cannot be used as it is set
	CodeSecret      = "notify.secret"      // the stored secret cannot be read
	CodeBlocked     = "notify.blocked"     // the guard does not allow the address
	CodeUnreachable = "notify.unreachable" // no connection, or a name that does not resolve
	CodeTimeout     = "notify.timeout"
	CodeDropped     = "notify.dropped" // the connection ended in the middle
	CodeCertificate = "notify.certificate"
	CodeSignIn      = "notify.sign-in" // user name, password or token refused
	CodeBusy        = "notify.busy"    // the receiver asks to come later
	CodeRefused     = "notify.refused" // the receiver will not have this message
	CodeAddress     = "notify.address" // the receiver does not know the address
)

// Failure is why an attempt did not work.
type Failure struct {
	Code string
	// Final: the same message will never be taken.
	Final bool
	// After is how long the receiver asks to be left alone; 0: it said nothing.
	After  time.Duration
	Reason string // for people; never a secret
}

func (f *Failure) Error() string { return f.Reason }

const maxReason = 400 // bytes

// Failed makes a failure; text of the other side is cut and cleaned.
func Failed(code string, final bool, reason string) *Failure {
	return &Failure{Code: code, Final: final, Reason: Line(reason, maxReason)}
}

// FailureOf returns err as a failure; one that is none may work next time.
func FailureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return Failed(CodeUnreachable, false, err.Error())
}

const maxSettings = 64 << 10 // bytes

// Settings reads the settings of a channel strictly. Errors: fault.Invalid.
func Settings(text json.RawMessage, into any) error {
	if len(text) > maxSettings {
		return Bad("", "settings: at most %d bytes", maxSettings)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return Bad("", "settings: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Bad("", "settings: one JSON object")
	}
	return nil
}

// Bad refuses a setting.
func Bad(field, format string, args ...any) error {
	at := "body.settings"
	if field != "" {
		at += "." + field
	}
	return fault.New(fault.Invalid, format, args...).WithCode("notify.settings").OnField(at)
}
