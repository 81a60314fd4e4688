package load

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

const (
	// stallBuffer is the receive buffer of a peer that does not read, in bytes:
	// so small that the target has nearly all of what was asked for to keep. The
	// kernel would grow it as far as all of that.
	stallBuffer = 64 << 10
	// maxStallDials bounds the connects under way: see maxDials.
	maxStallDials = 8
)

// StallConfig is peers that do not read. Fields that are as in Config mean what
// they mean there.
type StallConfig struct {
	Target      netip.AddrPort
	Torrent     *metainfo.Torrent
	Conns       int
	Outstanding int
	// Source gives the local address of each connection.
	Source func() netip.Addr
	Draw   func(b []byte)
}

// Stalled is peers that ask for as much as any other, and read nothing once they
// have asked. Its methods are safe from any goroutine.
type Stalled struct {
	cfg    StallConfig
	cancel context.CancelFunc
	dials  chan struct{}
	group  sync.WaitGroup

	mu    sync.Mutex
	asked []net.Conn
	last  error // of one that did not come to ask
}

// Stall connects peers that ask as soon as they may, each once: one that fails
// is not dialed again. The result is the caller's to Close.
func Stall(cfg StallConfig) *Stalled {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Stalled{cfg: cfg, cancel: cancel, dials: make(chan struct{}, maxStallDials)}
	for i := range cfg.Conns {
		s.group.Go(func() {
			c, err := s.ask(ctx, i)
			s.mu.Lock()
			defer s.mu.Unlock()
			if err != nil {
				s.last = err
				return
			}
			s.asked = append(s.asked, c)
		})
	}
	return s
}

// Asked is how many have asked, and why the last one of those that failed did;
// nil when none has.
func (s *Stalled) Asked() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked), s.last
}

// Standing is how many of those that have asked are still connected, as far as
// the system knows. It says on each that the peer is there.
func (s *Stalled) Standing() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.asked {
		if _, err := c.Write(wire.AppendKeepAlive(nil)); err == nil {
			n++
		}
	}
	return n
}

// Close ends all connections.
func (s *Stalled) Close() {
	s.cancel()
	s.group.Wait()
	for _, c := range s.asked {
		_ = c.Close() // nothing is lost with it
	}
}

// ask makes connection i, waits until it may ask, and does.
func (s *Stalled) ask(ctx context.Context, i int) (net.Conn, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer endReads(ctx, c)()
	_, err = mayAsk(c, s.cfg.Torrent, s.cfg.Draw)
	if err == nil {
		_, err = c.Write(s.requests(i))
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (s *Stalled) dial(ctx context.Context) (*net.TCPConn, error) {
	s.dials <- struct{}{}
	defer func() { <-s.dials }()
	c, err := dialFrom(ctx, s.cfg.Source(), s.cfg.Target)
	if err != nil {
		return nil, err
	}
	if err := c.SetReadBuffer(stallBuffer); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// requests are those of connection i: blocks in order, from a place of its own.
func (s *Stalled) requests(i int) []byte {
	info := s.cfg.Torrent.Info
	perPiece, last := info.Blocks(0), info.NumPieces()-1
	blocks := last*perPiece + info.Blocks(last)
	from := int(int64(blocks) * int64(i) / int64(s.cfg.Conns))
	var b []byte
	for k := range min(s.cfg.Outstanding, blocks) {
		n := (from + k) % blocks
		piece, begin := n/perPiece, n%perPiece*metainfo.BlockSize
		b = wire.AppendRequest(b, wire.Request{
			Index: uint32(piece), Begin: uint32(begin),
			Length: uint32(min(metainfo.BlockSize, info.PieceSize(piece)-begin)),
		})
	}
	return b
}
