package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

// blockLen is the size of a block that everyone asks for.
const blockLen = metainfo.BlockSize

// rawPeer is a peer by hand: a blocking socket and the wire codec. Its methods
// return errors, so that they can be used from any goroutine.
type rawPeer struct {
	net.Conn
	has     []byte // bitfield of the other end
	unchoke bool   // it unchoked us
}

// peerIDs tells the raw peers of all tests apart.
var peerIDs atomic.Uint32

// dial connects without saying anything.
func (l *lab) dial(addr string) net.Conn {
	l.Helper()
	c, err := net.DialTimeout("tcp", addr, patience)
	l.must(err)
	l.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// greet connects and exchanges handshakes; fast offers the fast extension.
func (l *lab) greet(addr string, hash metainfo.Hash, fast bool) *rawPeer {
	l.Helper()
	p := &rawPeer{Conn: l.dial(addr)}
	l.must(p.handshake(hash, fast), p.readHandshake())
	return p
}

func (p *rawPeer) handshake(hash metainfo.Hash, fast bool) error {
	hs := wire.Handshake{InfoHash: hash}
	copy(hs.PeerID[:], "-RP0001-")
	binary.BigEndian.PutUint32(hs.PeerID[16:], peerIDs.Add(1))
	if fast {
		hs.SetFast()
	}
	return p.send(wire.AppendHandshake(nil, hs))
}

func (p *rawPeer) readHandshake() error {
	buf := make([]byte, wire.HandshakeLen)
	if _, err := io.ReadFull(p, buf); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	_, err := wire.ParseHandshake(buf)
	return err
}

func (p *rawPeer) send(b []byte) error {
	_, err := p.Write(b)
	return err
}

// next reads one message that is no keep-alive, and keeps what it says of the
// other end.
func (p *rawPeer) next() (wire.ID, []byte, error) {
	for {
		var head [4]byte
		if _, err := io.ReadFull(p, head[:]); err != nil {
			return 0, nil, err
		}
		n := binary.BigEndian.Uint32(head[:])
		if n == 0 {
			continue
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(p, body); err != nil {
			return 0, nil, err
		}
		id, rest := wire.ID(body[0]), body[1:]
		switch id {
		case wire.MsgUnchoke:
			p.unchoke = true
		case wire.MsgChoke:
			p.unchoke = false
		case wire.MsgBitfield:
			p.has = rest
		case wire.MsgHave:
			if i := binary.BigEndian.Uint32(rest); p.has != nil && int(i/8) < len(p.has) {
				p.has[i/8] |= 0x80 >> (i % 8)
			}
		}
		return id, rest, nil
	}
}

// until reads up to a message of a kind.
func (p *rawPeer) until(want wire.ID) ([]byte, error) {
	for {
		id, body, err := p.next()
		if err != nil {
			return nil, fmt.Errorf("waiting for %v: %w", want, err)
		}
		if id == want {
			return body, nil
		}
	}
}

// interested asks to be served and waits until it is.
func (p *rawPeer) interested() error {
	if p.unchoke {
		return nil
	}
	if err := p.send(wire.AppendInterested(nil)); err != nil {
		return err
	}
	_, err := p.until(wire.MsgUnchoke)
	return err
}

// claims tells whether the other end says that it has a piece.
func (p *rawPeer) claims(index int) bool {
	return index/8 < len(p.has) && p.has[index/8]&(0x80>>(index%8)) != 0
}

// header reads which block a piece message has.
func header(body []byte) wire.Request {
	return wire.Request{
		Index: binary.BigEndian.Uint32(body), Begin: binary.BigEndian.Uint32(body[4:]), Length: uint32(len(body) - 8),
	}
}

// request reads which block a request names.
func request(body []byte) wire.Request {
	return wire.Request{
		Index: binary.BigEndian.Uint32(body), Begin: binary.BigEndian.Uint32(body[4:]), Length: binary.BigEndian.Uint32(body[8:]),
	}
}

// errWrong says that a block was served that is not the content.
var errWrong = errors.New("served a wrong block")

// fetch gets a piece block by block and compares it.
func (p *rawPeer) fetch(t *torrent, index int) error {
	want := t.piece(index)
	for at := 0; at < len(want); at += blockLen {
		n := min(blockLen, len(want)-at)
		r := wire.Request{Index: uint32(index), Begin: uint32(at), Length: uint32(n)}
		if err := p.send(wire.AppendRequest(nil, r)); err != nil {
			return err
		}
		body, err := p.until(wire.MsgPiece)
		if err != nil {
			return err
		}
		if !bytes.Equal(body[8:], want[at:at+n]) {
			return fmt.Errorf("%w: piece %d at %d", errWrong, index, at)
		}
	}
	return nil
}

// closed waits until the other end has hung up, whatever it says before.
func (p *rawPeer) closed() error {
	for {
		if _, _, err := p.next(); err != nil {
			if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
				return errors.New("the connection stays open")
			}
			return nil
		}
	}
}

// promise behaves like a seed up to the unchoke.
func (p *rawPeer) promise(tor *torrent) {
	_ = p.readHandshake()
	_ = p.handshake(tor.meta.InfoHash, true)
	_ = p.send(wire.AppendUnchoke(wire.AppendHaveAll(nil)))
}

// serve has a peer answer at an address; each connection ends with behave.
func (l *lab) serve(behave func(*rawPeer)) (addr string) { return l.serveAt("127.0.0.1:0", behave) }

// serveAt is serve at an address of one's own, port 0 for any.
func (l *lab) serveAt(at string, behave func(*rawPeer)) (addr string) {
	l.Helper()
	listener, err := net.Listen("tcp", at)
	l.must(err)
	l.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(patience))
				behave(&rawPeer{Conn: c})
			}()
		}
	}()
	return listener.Addr().String()
}

// noise is n bytes of chance, the same each time.
func noise(n int) []byte {
	b := make([]byte, n)
	source := rand.NewChaCha8([32]byte{'n'})
	_, _ = source.Read(b)
	return b
}
