package load

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"spate/proto/metainfo"
	"spate/proto/peer"
	"spate/proto/wire"
)

// probePatience bounds one look at a target: Transmission sends what it has on
// its next pulse, half a second away.
const probePatience = 3 * time.Second

// Probe connects once, and returns how many pieces the target has as soon as
// that is enough or it has told. An error says that it does not answer for the
// torrent.
func Probe(ctx context.Context, target netip.AddrPort, t *metainfo.Torrent, enough int, draw func([]byte)) (int, error) {
	return ProbeFrom(ctx, netip.Addr{}, target, t, enough, draw)
}

// ProbeFrom is Probe from a local address, for targets that allow but one
// connection, or handshake, an address; the zero Addr is the system's choice.
func ProbeFrom(ctx context.Context, source netip.Addr, target netip.AddrPort, t *metainfo.Torrent, enough int, draw func([]byte)) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	var dialer net.Dialer
	if source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(source, 0))
	}
	c, err := dialer.DialContext(ctx, "tcp", target.String())
	if err != nil {
		return 0, err
	}
	defer c.Close()
	deadline, _ := ctx.Deadline()
	if err := c.SetDeadline(deadline); err != nil {
		return 0, err
	}
	h := wire.Handshake{InfoHash: t.InfoHash, PeerID: peerID(draw)}
	h.SetFast()
	if _, err := c.Write(wire.AppendHandshake(nil, h)); err != nil {
		return 0, err
	}
	p := &probe{torrent: t, enough: enough, following: follow(t.Info.NumPieces())}
	p.machine.Init(peer.Config{})
	buf := make([]byte, 4<<10)
	for {
		n, err := c.Read(buf)
		if err == nil {
			_, err = p.machine.Input(buf[:n], p)
		}
		switch {
		case errors.Is(err, errTold), err != nil && p.greeted && isTimeout(err):
			return p.has.Count(), nil
		case err != nil:
			return 0, err
		}
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// errTold ends a probe that knows what it wants to know.
var errTold = errors.New("told")

// probe only listens.
type probe struct {
	following
	machine peer.Machine
	torrent *metainfo.Torrent
	enough  int // pieces
	greeted bool
}

func (p *probe) told() error {
	if p.has.Count() >= p.enough {
		return errTold
	}
	return nil
}

// OnHandshake implements peer.Handler.
func (p *probe) OnHandshake(h wire.Handshake) error {
	if h.InfoHash != p.torrent.InfoHash {
		return ErrTorrent
	}
	p.greeted = true
	p.machine.SetFast(h.Fast())
	p.machine.SetPieces(p.torrent.Info.NumPieces())
	return p.told()
}

// OnBitfield implements peer.Handler.
func (p *probe) OnBitfield(bits []byte) error {
	if err := p.following.OnBitfield(bits); err != nil {
		return err
	}
	return errTold
}

// OnHave implements peer.Handler.
func (p *probe) OnHave(index uint32) error {
	if err := p.following.OnHave(index); err != nil {
		return err
	}
	return p.told()
}

// OnHaveAll implements peer.Handler.
func (p *probe) OnHaveAll() error {
	if err := p.following.OnHaveAll(); err != nil {
		return err
	}
	return errTold
}

// OnHaveNone implements peer.Handler.
func (p *probe) OnHaveNone() error { return errTold }
