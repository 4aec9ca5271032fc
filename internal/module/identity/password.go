package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Cost is what one password check takes.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is the second recommended option of RFC 9106: 64 MiB, 3 passes,
// 4 lanes.
func DefaultCost() Cost { return Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4} }

const (
	saltBytes = 16
	hashBytes = 32
	// hashSlots bounds how many checks run at once, and with them the memory:
	// 2 x 64 MiB. hashQueue bounds how many wait.
	hashSlots = 2
	hashQueue = 32
)

// hasher makes and checks argon2id hashes.
type hasher struct {
	cost  Cost
	slots chan struct{}
	queue chan struct{}
	dummy string // hash of nothing anybody knows, checked for unknown users
}

func newHasher(c Cost) *hasher {
	h := &hasher{cost: c, slots: make(chan struct{}, hashSlots), queue: make(chan struct{}, hashQueue)}
	h.dummy = h.encode(rand.Text())
	return h
}

func (h *hasher) encode(password string) string {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails since Go 1.24
	key := argon2.IDKey([]byte(password), salt, h.cost.Passes, h.cost.MemoryKiB, h.cost.Lanes, hashBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.MemoryKiB, h.cost.Passes, h.cost.Lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// wait takes a slot. Errors: Busy when too many wait.
func (h *hasher) wait(ctx context.Context) (release func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, fault.New(fault.Busy, "too many sign-ins at once; try again in a few seconds").WithCode("session.too-many-attempts")
	}
	defer func() { <-h.queue }()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	release, err := h.wait(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return h.encode(password), nil
}

// noPassword is stored where an account has none: nothing hashes to it.
const noPassword = ""

var errHashFormat = errors.New("stored password hash cannot be read")

// verify tells whether password belongs to encoded; an empty encoded stands for
// an unknown user and takes as long.
func (h *hasher) verify(ctx context.Context, encoded, password string) (bool, error) {
	known := encoded != ""
	if !known {
		encoded = h.dummy
	}
	release, err := h.wait(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	parts := strings.Split(encoded, "$")
	var version int
	var c Cost
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHashFormat
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil || version != argon2.Version {
		return false, errHashFormat
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) != hashBytes || c.Passes == 0 || c.Lanes == 0 || c.MemoryKiB > 4<<20 {
		return false, errHashFormat
	}
	got := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, hashBytes)
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// common.txt lists long passwords people choose anyway, one a line, small letters.
//
//go:embed common.txt
var commonPasswords string

const (
	minPassword      = 12 // characters
	maxPassword      = 256
	minDistinctRunes = 6
)

// checkPassword refuses passwords that would be guessed.
func checkPassword(password, username string) error {
	lower := strings.ToLower(password)
	distinct := map[rune]struct{}{}
	for _, r := range lower {
		distinct[r] = struct{}{}
	}
	var why string
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		why = "it is not valid text"
	case n < minPassword:
		why = fmt.Sprintf("it has %d characters, %d are needed", n, minPassword)
	case n > maxPassword:
		why = fmt.Sprintf("it has %d characters, at most %d are taken", n, maxPassword)
	case strings.Contains(lower, strings.ToLower(username)):
		why = "it contains the user name"
	case len(distinct) < minDistinctRunes:
		why = fmt.Sprintf("it uses fewer than %d different characters", minDistinctRunes)
	case isCommon(lower):
		why = "it is one that many people use"
	default:
		return nil
	}
	return fault.New(fault.Invalid, "the new password is too weak: %s", why).WithCode("password.too-weak").OnField("body.new")
}

func isCommon(lower string) bool {
	for line := range strings.Lines(commonPasswords) {
		if lower == strings.TrimSpace(line) {
			return true
		}
	}
	return false
}

// oneTimePassword makes 100 random bits in four groups that can be read out.
func oneTimePassword() string {
	s := strings.ToLower(rand.Text())
	return s[0:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:20]
}
