package reactor_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

// rawPeer is a peer by hand: a blocking socket and the wire codec.
type rawPeer struct {
	net.Conn
	tb testing.TB
}

// greet connects to an engine and exchanges handshakes, with the fast extension or
// without any.
func greet(tb testing.TB, addr netip.AddrPort, hash metainfo.Hash, n int, fast bool) *rawPeer {
	tb.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	hs := wire.Handshake{InfoHash: hash}
	if fast {
		hs.SetFast()
	}
	binary.BigEndian.PutUint32(hs.PeerID[16:], uint32(n)+1)
	p := &rawPeer{Conn: c, tb: tb}
	p.send(wire.AppendHandshake(nil, hs))
	buf := make([]byte, wire.HandshakeLen)
	if _, err := io.ReadFull(c, buf); err != nil {
		tb.Fatalf("handshake of peer %d: %v", n, err)
	}
	return p
}

func (p *rawPeer) send(b []byte) {
	p.tb.Helper()
	if _, err := p.Write(b); err != nil {
		p.tb.Fatal(err)
	}
}

// next reads one message and returns its id and what follows.
func (p *rawPeer) next() (wire.ID, []byte) {
	p.tb.Helper()
	for {
		var head [4]byte
		if _, err := io.ReadFull(p, head[:]); err != nil {
			p.tb.Fatal(err)
		}
		n := binary.BigEndian.Uint32(head[:])
		if n == 0 {
			continue
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(p, body); err != nil {
			p.tb.Fatal(err)
		}
		return wire.ID(body[0]), body[1:]
	}
}

// unchoked says that the peer is interested and reads up to the unchoke.
func (p *rawPeer) unchoked() {
	p.tb.Helper()
	p.send(wire.AppendInterested(nil))
	for {
		if id, _ := p.next(); id == wire.MsgUnchoke {
			return
		}
	}
}
