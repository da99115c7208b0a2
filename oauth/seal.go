package oauth

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrSealed means that stored bytes cannot be opened: they are sealed and no key or another key is given, they are not
// sealed though a key is given, they were changed, or they were sealed for another path or person. The error around it
// says which.
var ErrSealed = errors.New("oauth: the stored token cannot be opened")

const (
	// sealMark begins sealed bytes; the id of the key, a dot and the base64 of nonce, ciphertext and tag follow.
	sealMark  = "oura-sealed:1:"
	keyLength = 32
)

// Sealer encrypts what a store keeps, with AES-256-GCM. [WithSealing] gives one to the stores of this package; use it
// directly in stores of your own, on the bytes of [EncodeToken], with the person's id as additional data, so that one
// person's row cannot be put in the place of another's.
//
// It is safe for concurrent use and prints no key.
type Sealer struct{ keys []*sealKey }

type sealKey struct {
	id   string
	aead cipher.AEAD
}

// NewSealer takes a key of 32 random bytes to write with, and older keys that it only reads with. To change the key,
// put the new one first: what is saved from then on is written with it. Make a key with crypto/rand, and keep it
// elsewhere than what it seals. The keys are copied.
func NewSealer(key []byte, older ...[]byte) (*Sealer, error) {
	s := &Sealer{}
	for i, k := range append([][]byte{key}, older...) {
		if len(k) != keyLength {
			return nil, fmt.Errorf("oauth: sealing key %d of %d has %d bytes: it must have %d", i+1, len(older)+1, len(k), keyLength)
		}
		block, _ := aes.NewCipher(k) // it refuses other lengths only
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, errors.New("oauth: the sealing key cannot be used")
		}
		s.keys = append(s.keys, &sealKey{id: keyID(k), aead: aead})
	}
	return s, nil
}

// keyID names a key without telling anything of it, so that a wrong key and changed bytes are different errors.
func keyID(key []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("oura-sealed key id"))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:6])
}

// Seal encrypts plaintext with the first key, under a nonce of its own. Open needs the same additional data, which is
// not stored. The result is ASCII.
func (s *Sealer) Seal(plaintext, additional []byte) ([]byte, error) {
	if s == nil || len(s.keys) == 0 {
		return nil, errors.New("oauth: the Sealer has no key: make it with NewSealer")
	}
	key := s.keys[0]
	head := sealMark + key.id + "."
	box := key.aead.Seal(nil, nil, plaintext, bound(head, additional)) //nolint:gosec // the AEAD makes the nonce
	return append([]byte(head), base64.RawURLEncoding.EncodeToString(box)...), nil
}

// Open decrypts what Seal wrote with any of the keys. Every error is an [ErrSealed] and says what is wrong.
func (s *Sealer) Open(sealed, additional []byte) ([]byte, error) {
	if s == nil || len(s.keys) == 0 {
		return nil, fmt.Errorf("%w: the Sealer has no key: make it with NewSealer", ErrSealed)
	}
	sealed = bytes.TrimSpace(sealed)
	if len(sealed) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrSealed)
	}
	if !isSealed(sealed) {
		return nil, fmt.Errorf("%w: it is not sealed, or its beginning was changed; load a plain token without a key and save it with one", ErrSealed)
	}
	id, body, ok := strings.Cut(string(sealed[len(sealMark):]), ".")
	if !ok {
		return nil, fmt.Errorf("%w: it is torn", ErrSealed)
	}
	for _, key := range s.keys {
		if key.id != id {
			continue
		}
		box, err := base64.RawURLEncoding.Strict().DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("%w: its bytes were changed or torn", ErrSealed)
		}
		plaintext, err := key.aead.Open(nil, nil, box, bound(sealMark+id+".", additional))
		if err != nil {
			return nil, fmt.Errorf("%w: its bytes were changed or torn, or it was sealed for another path or person", ErrSealed)
		}
		return plaintext, nil
	}
	return nil, fmt.Errorf("%w: none of the %d keys given is the one that it was sealed with", ErrSealed, len(s.keys))
}

// bound is what the tag covers beside the ciphertext.
func bound(head string, additional []byte) []byte { return append([]byte(head), additional...) }

func isSealed(b []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(b), []byte(sealMark)) }
