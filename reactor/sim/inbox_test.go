package sim_test

import (
	"encoding/binary"

	"spate/proto/wire"
	"spate/reactor/loop"
)

// inbox is what a peer by hand has received and not yet looked at.
type inbox struct {
	in   []byte
	past bool // the handshake was read
}

// take reads what a connection has after data, and gives each message but
// keep-alives to hear, whose payload is valid until it returns. A connection that
// cannot be read is closed.
func (b *inbox) take(c loop.Conn, data []byte, hear func(id wire.ID, payload []byte)) {
	var rest [64 << 10]byte
	b.in = append(b.in, data...)
	n, err := c.Readv([][]byte{rest[:]})
	b.in = append(b.in, rest[:n]...)
	if err != nil && err != loop.ErrAgain {
		c.Close(err)
		return
	}
	if !b.past {
		if len(b.in) < wire.HandshakeLen {
			return
		}
		b.in, b.past = b.in[wire.HandshakeLen:], true
	}
	for len(b.in) >= 4 {
		n := 4 + int(binary.BigEndian.Uint32(b.in))
		if len(b.in) < n {
			return
		}
		message := b.in[4:n]
		b.in = b.in[n:]
		if len(message) > 0 {
			hear(wire.ID(message[0]), message[1:])
		}
	}
}
