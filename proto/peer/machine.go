package peer

import (
	"math"

	"spate/proto/wire"
)

// Defaults of Config, and the one limit that is the same for all.
const (
	// DefaultMaxBlock bounds a block in bytes. Clients ask for 16 KiB (BEP 3)
	// and serve up to 128 KiB at most.
	DefaultMaxBlock = 128 << 10
	// DefaultMaxExtended bounds the payload of an extended message in bytes:
	// four times the largest that is defined, a ut_metadata piece of 16 KiB
	// behind a short dictionary (BEP 9).
	DefaultMaxExtended = 64 << 10
	// DefaultMaxBitfield bounds a bitfield in bytes as long as the number of
	// pieces is unknown: 2,097,152 pieces.
	DefaultMaxBitfield = 256 << 10
	// MaxUnknown bounds a message of an unknown id, whose length counts the
	// id. It is thrown away as it arrives, so the limit costs no memory; the
	// largest that is known of, a hashes message (BEP 52), has 256 KiB, and
	// what is far beyond that is a stream out of step.
	MaxUnknown = 1 << 20
)

// Config sets limits. A field that is 0 takes its default.
type Config struct {
	// MaxBlock is the longest block, in bytes, that may be sent or asked for.
	MaxBlock uint32
	// MaxExtended is the longest payload, in bytes, of an extended message.
	MaxExtended uint32
	// MaxBitfield is the longest bitfield, in bytes, while the number of
	// pieces is unknown.
	MaxBitfield uint32
}

// phase says what the next byte of the stream belongs to.
type phase uint8

const (
	inHandshake phase = iota // the handshake
	inHead                   // a message up to wire.ID.HeadLen
	inBlock                  // the payload of a piece message
	inBody                   // a bitfield, or the payload of an extended message
	inSkip                   // the rest of a message of unknown id
)

// unknownPieces stands for a number of pieces that is not known yet.
const unknownPieces = math.MaxUint32

// Machine is the reading end of one connection. Init makes it ready. It may be
// copied, and then goes on where the original stood, which must not be used
// any more.
type Machine struct {
	// buf is, inBlock, the part of the destination that is still to be
	// filled, or nil to throw the payload away; inBody, what has arrived of a
	// body that did not come in one; otherwise nil.
	buf []byte
	// block is the piece message under way, inBlock.
	block wire.Request
	// left is the bytes that the payload under way still lacks. It is above 0
	// in every phase that counts by it: what is complete has been delivered.
	left uint32

	pieces      uint32 // unknownPieces before SetPieces
	maxBlock    uint32
	maxExtended uint32
	maxBitfield uint32

	head  [wire.HandshakeLen]byte // start of a handshake or head cut short
	fill  uint8                   // bytes in head
	phase phase
	id    wire.ID // of the body under way
	extID byte    // extended id of the body under way
	fast  bool
	heard bool // a message has ended since Heard was asked
	// trust is how many blocks a Forecast may lay out: it grows with each read
	// that went as expected, and is 0 after a wrong guess.
	trust uint8
}

// Init makes m ready for the first byte of a connection, whatever it was
// before.
func (m *Machine) Init(c Config) {
	*m = Machine{
		pieces:      unknownPieces,
		maxBlock:    orDefault(c.MaxBlock, DefaultMaxBlock),
		maxExtended: orDefault(c.MaxExtended, DefaultMaxExtended),
		maxBitfield: orDefault(c.MaxBitfield, DefaultMaxBitfield),
	}
}

// orDefault is v, or def when v is 0.
func orDefault(v, def uint32) uint32 {
	if v == 0 {
		return def
	}
	return v
}

// SetPieces tells how many pieces the torrent has, 1 to 2^31-1. From then on a
// bitfield must have exactly the length that belongs to it, and indices from
// the peer are checked; what came before was not.
func (m *Machine) SetPieces(n int) { m.pieces = uint32(n) }

// SetFast turns the fast extension on or off (BEP 6): on when both ends have
// announced it. It is off at first.
func (m *Machine) SetFast(on bool) { m.fast = on }

// DropPayload withdraws the destination of the payload under way: nothing more
// is written there, the rest of the payload is thrown away, and OnBlock still
// comes. Without such a payload it does nothing.
func (m *Machine) DropPayload() {
	if m.phase == inBlock {
		m.buf = nil
	}
}

// Heard tells whether a message, a keep-alive included, has come to its end
// since Heard was last asked: the sign of life of a peer. The bytes of one that
// is still under way are none, or a peer could hold a connection for years with
// one message.
func (m *Machine) Heard() bool {
	heard := m.heard
	m.heard = false
	return heard
}

// Input takes the next bytes of the stream and calls h for every message that
// they complete. It takes all of data, keeping what an incomplete message
// needs, and returns len(data) and nil; or a Fault, or an error of h, after
// which the connection is to be closed; or, with OnHandshake's ErrPause, the
// number of bytes taken, so that the caller keeps the rest and feeds it later.
func (m *Machine) Input(data []byte, h Handler) (int, error) {
	rest := data
	for len(rest) > 0 {
		var err error
		switch m.phase {
		case inHead:
			if m.fill == 0 {
				rest, err = m.whole(rest, h)
			} else {
				rest, err = m.straddling(rest, h)
			}
		case inBlock:
			rest, err = m.payload(rest, h)
		case inBody:
			rest, err = m.body(rest, h)
		case inSkip:
			rest = m.skip(rest)
		case inHandshake:
			rest, err = m.handshake(rest, h)
		}
		if err != nil {
			return len(data) - len(rest), err
		}
	}
	return len(data), nil
}

// handshake collects the first bytes of a stream and gives up at the first
// that is wrong.
func (m *Machine) handshake(data []byte, h Handler) ([]byte, error) {
	n := copy(m.head[m.fill:], data)
	m.fill += uint8(n)
	got := m.head[:m.fill]
	if err := wire.CheckProtocol(got); err != nil {
		return data, Fault{FaultProtocol, err}
	}
	if len(got) < wire.HandshakeLen {
		return nil, nil
	}
	hs, err := wire.ParseHandshake(got)
	if err != nil {
		return data, Fault{FaultProtocol, err}
	}
	m.phase, m.fill, m.heard = inHead, 0, true
	return data[n:], h.OnHandshake(hs)
}
