package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
)

// KeyBytes is how long the key is that secrets are sealed with.
const KeyBytes = 32

// sealer keeps secrets that must be read back, which a hash does not allow:
// AES-256-GCM with a key that is not in the database, bound to what the secret
// belongs to, so that a row cannot be moved to another account.
type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) (sealer, error) {
	if len(key) != KeyBytes {
		return sealer{}, fmt.Errorf("identity: the key has %d bytes, %d are needed", len(key), KeyBytes)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

func (s sealer) seal(secret []byte, owner string) string {
	return base64.RawStdEncoding.EncodeToString(s.aead.Seal(nil, nil, secret, []byte(owner)))
}

var errSealed = errors.New("a stored secret cannot be opened: it was sealed with another key (identity/key in the data folder)")

func (s sealer) open(sealed, owner string) ([]byte, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, errSealed
	}
	secret, err := s.aead.Open(nil, nil, raw, []byte(owner))
	if err != nil {
		return nil, errSealed
	}
	return secret, nil
}

// randomKey makes a key.
func randomKey() []byte {
	key := make([]byte, KeyBytes)
	rand.Read(key) // never fails since Go 1.24
	return key
}
