package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestHandshake(t *testing.T) {
	var h Handshake
	copy(h.InfoHash[:], "aaaaaaaaaabbbbbbbbbb")
	copy(h.PeerID[:], "-SP0001-123456789012")
	h.SetFast()
	h.SetExtensions()
	h.SetDHT()
	want := "\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x05aaaaaaaaaabbbbbbbbbb-SP0001-123456789012"
	got := AppendHandshake(nil, h)
	if string(got) != want {
		t.Fatalf("%q, want %q", got, want)
	}
	back, err := ParseHandshake(got)
	if err != nil || back != h {
		t.Fatalf("parsed %+v, %v", back, err)
	}
}

func TestReservedBits(t *testing.T) {
	check := func(set func(h *Handshake), fast, extensions, dht bool) {
		t.Helper()
		var h Handshake
		set(&h)
		if h.Fast() != fast || h.Extensions() != extensions || h.DHT() != dht {
			t.Errorf("% x: fast %v, extensions %v, DHT %v", h.Reserved, h.Fast(), h.Extensions(), h.DHT())
		}
	}
	check(func(*Handshake) {}, false, false, false)
	check((*Handshake).SetFast, true, false, false)
	check((*Handshake).SetExtensions, false, true, false)
	check((*Handshake).SetDHT, false, false, true)
}

func TestParseHandshakeErrors(t *testing.T) {
	good := string(AppendHandshake(nil, Handshake{}))
	check := func(in string, want error) {
		t.Helper()
		if _, err := ParseHandshake([]byte(in)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
	check(good, nil)
	check("", ErrHandshakeLen)
	check(good[:67], ErrHandshakeLen)
	check(good+"x", ErrHandshakeLen)
	check("\x12"+good[1:], ErrProtocol)
	check(strings.Replace(good, "protocol", "protocoll", 1), ErrHandshakeLen)
	check(strings.Replace(good, "protocol", "Protocol", 1), ErrProtocol)
	check("GET / HTTP/1.1", ErrProtocol)
}

func TestCheckProtocolGivesUpEarly(t *testing.T) {
	for n := range HandshakeLen {
		b := AppendHandshake(nil, Handshake{})[:n]
		if err := CheckProtocol(b); err != nil {
			t.Fatalf("%d good bytes: %v", n, err)
		}
		if n == 0 || n > 20 {
			continue
		}
		b[n-1] ^= 1
		if err := CheckProtocol(b); err != ErrProtocol {
			t.Errorf("byte %d wrong: %v", n-1, err)
		}
	}
}

func FuzzParseHandshake(f *testing.F) {
	f.Add(AppendHandshake(nil, Handshake{Reserved: [8]byte{5: 0x10, 7: 5}}))
	f.Add([]byte("\x13BitTorrent"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHandshake(b)
		if err != nil {
			return
		}
		if got := AppendHandshake(nil, h); !bytes.Equal(got, b) {
			t.Errorf("%q, want %q", got, b)
		}
	})
}
