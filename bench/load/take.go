package load

import (
	"context"
	"net"
	"net/netip"
	"time"

	"spate/proto/metainfo"
	"spate/proto/peer"
	"spate/proto/wire"
)

// Take connects once, from a local address, and returns when the first block of
// a torrent has come. An error says why it has not; when ctx ends, that of a read
// whose time is up.
func Take(ctx context.Context, from netip.Addr, target netip.AddrPort, t *metainfo.Torrent, draw func([]byte)) error {
	c, err := dialFrom(ctx, from, target)
	if err != nil {
		return err
	}
	defer c.Close()
	defer endReads(ctx, c)()
	p, err := mayAsk(c, t, draw)
	if err != nil {
		return err
	}
	if _, err := c.Write(wire.AppendRequest(nil, wire.Request{Length: uint32(min(metainfo.BlockSize, t.Info.PieceSize(0)))})); err != nil {
		return err
	}
	for !p.came {
		if err := p.read(c); err != nil {
			return err
		}
	}
	return nil
}

// dialFrom connects from a local address.
func dialFrom(ctx context.Context, from netip.Addr, target netip.AddrPort) (*net.TCPConn, error) {
	dialer := net.Dialer{
		Timeout: dialTimeout, KeepAlive: -1, LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0)),
	}
	c, err := dialer.DialContext(ctx, "tcp", target.String())
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

// endReads has reads fail once ctx ends, until it is taken back.
func endReads(ctx context.Context, c net.Conn) (back func() bool) {
	return context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) }) // fails only when it is closed
}

// asking is a peer that wants something, one read after the other.
type asking struct {
	following
	machine  peer.Machine
	torrent  *metainfo.Torrent
	out      []byte
	buf      []byte
	unchoked bool
	came     bool // a block has
}

// mayAsk shakes hands, and reads until the target lets the peer download and has
// something.
func mayAsk(c net.Conn, t *metainfo.Torrent, draw func([]byte)) (*asking, error) {
	h := wire.Handshake{InfoHash: t.InfoHash, PeerID: peerID(draw)}
	h.SetFast()
	p := &asking{torrent: t, following: follow(t.Info.NumPieces()), buf: make([]byte, 4<<10)}
	p.machine.Init(peer.Config{})
	if _, err := c.Write(wire.AppendHandshake(nil, h)); err != nil {
		return nil, err
	}
	for !p.unchoked || p.has.None() {
		if err := p.read(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// read takes what comes next, and answers.
func (p *asking) read(c net.Conn) error {
	n, err := c.Read(p.buf)
	if err == nil {
		_, err = p.machine.Input(p.buf[:n], p)
	}
	if err == nil && len(p.out) > 0 {
		_, err = c.Write(p.out)
		p.out = nil
	}
	return err
}

// OnHandshake implements peer.Handler.
func (p *asking) OnHandshake(h wire.Handshake) error {
	if h.InfoHash != p.torrent.InfoHash {
		return ErrTorrent
	}
	p.machine.SetFast(h.Fast())
	p.machine.SetPieces(p.torrent.Info.NumPieces())
	if h.Fast() {
		p.out = wire.AppendHaveNone(p.out)
	}
	p.out = wire.AppendInterested(p.out)
	return nil
}

// OnUnchoke implements peer.Handler.
func (p *asking) OnUnchoke() error {
	p.unchoked = true
	return nil
}

// OnChoke implements peer.Handler.
func (p *asking) OnChoke() error {
	p.unchoked = false
	return nil
}

// OnBlock implements peer.Handler.
func (p *asking) OnBlock(wire.Request) error {
	p.came = true
	return nil
}
