package soak

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

const (
	// breakEvery is the time between two connections that break off.
	breakEvery = 50 * time.Millisecond
	// breakPatience bounds what one of them waits for.
	breakPatience = time.Second
	// breakRequests is how many blocks each asks for before it breaks off: more
	// than a socket takes in, so that one is on its way.
	breakRequests = 200
)

// breaker dials, sends a part of what a leecher would, and closes.
type breaker struct {
	addr   netip.AddrPort
	source func() netip.Addr
	chance *rand.Rand
}

// breakOff does so once. It ends at a byte of chance of what it sends, in half of
// all cases by a reset.
func (b *breaker) breakOff(t *metainfo.Torrent) error {
	dialer := net.Dialer{Timeout: breakPatience, LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(b.source(), 0))}
	c, err := dialer.Dial("tcp", b.addr.String())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(breakPatience)); err != nil {
		return err
	}
	all := script(t, b.chance)
	// Half of them end within their requests, as a rule, the others within
	// their handshake or soon after.
	part := 1 + b.chance.IntN(len(all))
	if b.chance.IntN(2) == 0 {
		part = 1 + b.chance.IntN(2*wire.HandshakeLen)
	}
	if _, err := c.Write(all[:part]); err != nil {
		return err
	}
	if part > wire.HandshakeLen {
		if _, err := c.Read(make([]byte, 1+b.chance.IntN(64<<10))); err != nil {
			return err
		}
	}
	if tcp, ok := c.(*net.TCPConn); ok && b.chance.IntN(2) == 0 {
		return tcp.SetLinger(0)
	}
	return nil
}

// script is what a leecher sends: its handshake, that it is interested, and
// requests of chance.
func script(t *metainfo.Torrent, chance *rand.Rand) []byte {
	h := wire.Handshake{InfoHash: t.InfoHash}
	for i := range h.PeerID {
		h.PeerID[i] = byte(chance.Uint32())
	}
	h.SetFast()
	b := wire.AppendHandshake(nil, h)
	b = wire.AppendInterested(wire.AppendHaveNone(b))
	for range breakRequests {
		piece := chance.IntN(t.Info.NumPieces())
		begin := chance.IntN(pieceLength/metainfo.BlockSize) * metainfo.BlockSize
		b = wire.AppendRequest(b, wire.Request{Index: uint32(piece), Begin: uint32(begin), Length: metainfo.BlockSize})
	}
	return b
}
