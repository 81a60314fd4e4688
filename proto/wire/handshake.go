package wire

import (
	"errors"
	"fmt"
)

// protocol is the string that opens every handshake, with its length (BEP 3).
const protocol = "\x13BitTorrent protocol"

// HandshakeLen is the size of a handshake in bytes.
const HandshakeLen = len(protocol) + 8 + 20 + 20

// ErrProtocol says that a stream does not begin with the handshake of BEP 3.
var ErrProtocol = errors.New("not the BitTorrent protocol")

// ErrHandshakeLen says that a handshake does not have HandshakeLen bytes.
var ErrHandshakeLen = errors.New("handshake is not 68 bytes")

// Handshake is what each end sends first (BEP 3).
type Handshake struct {
	// Reserved announces extensions; use the methods.
	Reserved [8]byte
	// InfoHash names the torrent.
	InfoHash [20]byte
	// PeerID names the sender.
	PeerID [20]byte
}

// The reserved bits, as byte and mask.
const (
	extensionsByte, extensionsBit = 5, 0x10 // BEP 10
	dhtByte, dhtBit               = 7, 0x01 // BEP 5
	fastByte, fastBit             = 7, 0x04 // BEP 6
)

// Fast tells whether the sender knows the fast extension (BEP 6), which is on
// when both ends do.
func (h *Handshake) Fast() bool { return h.Reserved[fastByte]&fastBit != 0 }

// SetFast announces the fast extension (BEP 6).
func (h *Handshake) SetFast() { h.Reserved[fastByte] |= fastBit }

// Extensions tells whether the sender knows extended messages (BEP 10).
func (h *Handshake) Extensions() bool { return h.Reserved[extensionsByte]&extensionsBit != 0 }

// SetExtensions announces extended messages (BEP 10).
func (h *Handshake) SetExtensions() { h.Reserved[extensionsByte] |= extensionsBit }

// DHT tells whether the sender has a DHT node (BEP 5) and would take a port
// message for ours.
func (h *Handshake) DHT() bool { return h.Reserved[dhtByte]&dhtBit != 0 }

// SetDHT announces a DHT node (BEP 5).
func (h *Handshake) SetDHT() { h.Reserved[dhtByte] |= dhtBit }

// AppendHandshake appends h in its HandshakeLen bytes.
func AppendHandshake(b []byte, h Handshake) []byte {
	b = append(b, protocol...)
	b = append(b, h.Reserved[:]...)
	b = append(b, h.InfoHash[:]...)
	return append(b, h.PeerID[:]...)
}

// CheckProtocol tells whether the first bytes of a stream, as many as are
// there, can be those of a handshake: nil or ErrProtocol. It lets a reader
// give up at the first wrong byte.
func CheckProtocol(b []byte) error {
	n := min(len(b), len(protocol))
	if string(b[:n]) != protocol[:n] {
		return ErrProtocol
	}
	return nil
}

// ParseHandshake reads a handshake of exactly HandshakeLen bytes. The error is
// ErrProtocol or wraps ErrHandshakeLen.
func ParseHandshake(b []byte) (Handshake, error) {
	if err := CheckProtocol(b); err != nil {
		return Handshake{}, err
	}
	if len(b) != HandshakeLen {
		return Handshake{}, fmt.Errorf("%w but %d", ErrHandshakeLen, len(b))
	}
	b = b[len(protocol):]
	return Handshake{
		Reserved: [8]byte(b[:8]),
		InfoHash: [20]byte(b[8:28]),
		PeerID:   [20]byte(b[28:48]),
	}, nil
}
