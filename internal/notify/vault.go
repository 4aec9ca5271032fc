package notify

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Vault keeps the secrets of channels out of the database: sealed with a key
// that lies beside it in a file, or in files somebody else provides.
//
// Sealed text is AES-256-GCM over the secret, bound to the channel it belongs to,
// so that a row cannot be given another row's secret. Who reads the data folder
// reads the key; a copy of the database alone tells nothing.
type Vault struct {
	aead cipher.AEAD
	dir  string // of secret files; "": none
}

const (
	keyBytes  = 32
	maxSecret = 4 << 10
	sealedV1  = "v1:"
	filePart  = "file:"
)

// OpenVault reads the key from a file, which is made if it is missing.
func OpenVault(keyFile, secretsDir string) (*Vault, error) {
	key, err := os.ReadFile(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = newKey(keyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("key of stored secrets: %w", err)
	}
	if len(key) != keyBytes {
		return nil, fault.New(fault.Invalid, "key of stored secrets: %s is damaged; restore it from a backup", keyFile)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Vault{aead: aead, dir: secretsDir}, nil
}

// newKey makes the file whole or not at all.
func newKey(path string) ([]byte, error) {
	key := make([]byte, keyBytes)
	rand.Read(key) // never fails since Go 1.24
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(key)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return key, os.Rename(tmp, path)
}

var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Seal makes a secret fit for storing. "file:NAME" stays as it is: the secret is
// in that file of the configured folder, and read at each sending.
// Errors: fault.Invalid.
func (v *Vault) Seal(owner, secret string) (string, error) {
	switch name, isFile := strings.CutPrefix(secret, filePart); {
	case secret == "":
		return "", nil
	case isFile:
		_, err := v.readFile(name)
		return secret, err
	case len(secret) > maxSecret:
		return "", bad("at most %d bytes", maxSecret)
	}
	return sealedV1 + base64.RawStdEncoding.EncodeToString(v.aead.Seal(nil, nil, []byte(secret), []byte(owner))), nil
}

// Open returns the secret. Errors are failures that say what to do.
func (v *Vault) Open(owner, stored string) (string, error) {
	if stored == "" {
		return "", nil
	}
	if name, ok := strings.CutPrefix(stored, filePart); ok {
		secret, err := v.readFile(name)
		if err != nil {
			return "", Failed(CodeSecret, false, err.Error())
		}
		return secret, nil
	}
	text, ok := strings.CutPrefix(stored, sealedV1)
	sealed, err := base64.RawStdEncoding.DecodeString(text)
	if !ok || err != nil {
		return "", unreadable()
	}
	secret, err := v.aead.Open(nil, nil, sealed, []byte(owner))
	if err != nil {
		return "", unreadable()
	}
	return string(secret), nil
}

func unreadable() *Failure {
	return Failed(CodeSecret, false, "the stored secret cannot be read with the key of this node; type it again in the settings of the channel")
}

func (v *Vault) readFile(name string) (string, error) {
	if v.dir == "" {
		return "", bad("no folder of secrets is configured; set notifications.secretsDir")
	}
	if !fileName.MatchString(name) {
		return "", bad("file:NAME takes the name of a file in notifications.secretsDir, without a path")
	}
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return "", bad("notifications.secretsDir cannot be opened")
	}
	defer root.Close() //nolint:errcheck // opened for reading
	text, err := root.ReadFile(name)
	if err != nil {
		return "", bad("the file %s is not in notifications.secretsDir, or cannot be read", name)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" || len(secret) > maxSecret {
		return "", bad("the file %s must hold 1 to %d bytes", name, maxSecret)
	}
	return secret, nil
}

func bad(format string, args ...any) error {
	return fault.New(fault.Invalid, "secret: "+format, args...).WithCode("notify.secret").OnField("body.secret")
}
