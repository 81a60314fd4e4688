package ceiling

import (
	"encoding/binary"
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/wirecache"
)

const (
	// maxRuns bounds the ranges that a connection asks for at a time: a
	// generator in order has two at most, where it begins anew.
	maxRuns = 1 << 16
	// maxMessage bounds what is skipped of a message: a bitfield of the
	// largest torrents.
	maxMessage = 1 << 20
	// readSize is how many bytes are read at a time: 960 requests.
	readSize = 16 << 10
)

// errPeer ends a connection whose peer does what a generator does not.
var errPeer = errors.New("not a request of the load generator")

// span is a range of the image.
type span struct{ off, end int64 }

// conn is one connection, on its thread.
type conn struct {
	fd      int
	burst   int // see pipes.Burst
	greeted bool
	rest    []byte // of a message that has not all come
	skip    int    // bytes of one that means nothing
	out     []byte // what goes before the blocks
	runs    []span // to send, from head on
	head    int
}

// serve goes on with a connection that the kernel has news of. An error ends
// it.
func (c *conn) serve(t *thread) error {
	if err := c.read(t); err != nil {
		return err
	}
	for len(c.out) > 0 {
		n, err := unix.Write(c.fd, c.out)
		if err != nil {
			return unlessAgain(err)
		}
		c.out = c.out[n:]
	}
	for c.head < len(c.runs) {
		r := &c.runs[c.head]
		sheet, at, n := t.image.at(r.off, r.end)
		k, errno := t.send(c, sheet, at, n)
		r.off += int64(k)
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			return unlessAgain(errno)
		case k == 0:
			return os.ErrInvalid // the image ends early
		case r.off == r.end:
			c.head++
		}
	}
	c.runs, c.head = c.runs[:0], 0
	return nil
}

func unlessAgain(err error) error {
	if err == unix.EAGAIN || err == unix.EINTR {
		return nil
	}
	return err
}

// read takes all that has come.
func (c *conn) read(t *thread) error {
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(c.fd), uintptr(unsafe.Pointer(&t.buf)), readSize)
		switch {
		case errno == unix.EINTR:
			continue
		case errno != 0:
			return unlessAgain(errno)
		case n == 0:
			return os.ErrClosed
		}
		if err := c.input(t.buf[:n], t.image, t.torrent); err != nil || n < readSize {
			return err
		}
	}
}

// input reads messages, and keeps the start of one that is not all there.
func (c *conn) input(data []byte, m *image, torrent *metainfo.Torrent) error {
	if len(c.rest) > 0 {
		c.rest = append(c.rest, data...)
		data = c.rest
	}
	for len(data) > 0 {
		n, err := c.message(data, m, torrent)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		data = data[n:]
	}
	c.rest = append(c.rest[:0], data...)
	return nil
}

// message reads what data begins with and returns its length, 0 when it is not
// all there.
func (c *conn) message(data []byte, m *image, torrent *metainfo.Torrent) (int, error) {
	switch {
	case c.skip > 0:
		n := min(c.skip, len(data))
		c.skip -= n
		return n, nil
	case !c.greeted:
		return c.handshake(data, torrent)
	case len(data) < 4:
		return 0, nil
	}
	length := binary.BigEndian.Uint32(data)
	if length != wire.RequestLen-4 { // no request, and none of its length but for cancel and reject
		if length > maxMessage {
			return 0, errPeer
		}
		c.skip = int(length)
		return 4, nil
	}
	if len(data) < wire.RequestLen {
		return 0, nil
	}
	if wire.ID(data[4]) == wire.MsgRequest {
		return wire.RequestLen, c.ask(wire.DecodeRequest(data[5:]), m)
	}
	return wire.RequestLen, nil
}

// ask adds a block to what is to be sent.
func (c *conn) ask(r wire.Request, m *image) error {
	s, ok := m.find(r)
	if !ok || len(c.runs) >= maxRuns {
		return errPeer
	}
	if last := len(c.runs) - 1; last >= c.head && c.runs[last].end == s.off {
		c.runs[last].end = s.end
		return nil
	}
	c.runs = append(c.runs, s)
	return nil
}

// handshake answers with everything that a leecher waits for.
func (c *conn) handshake(data []byte, torrent *metainfo.Torrent) (int, error) {
	if len(data) < wire.HandshakeLen {
		return 0, nil
	}
	h, err := wire.ParseHandshake(data[:wire.HandshakeLen])
	if err != nil || h.InfoHash != torrent.InfoHash {
		return 0, errPeer
	}
	c.greeted = true
	mine := wire.Handshake{InfoHash: torrent.InfoHash}
	copy(mine.PeerID[:], "-sf0001-ceiling")
	mine.SetFast()
	c.out = wire.AppendHandshake(nil, mine)
	if h.Fast() {
		c.out = wire.AppendHaveAll(c.out)
	} else {
		all := bitfield.New(torrent.Info.NumPieces())
		all.SetAll()
		c.out = wire.AppendBitfield(c.out, all.Bytes())
	}
	c.out = wire.AppendUnchoke(c.out)
	return wire.HandshakeLen, nil
}

// send sends n bytes of a sheet, or as many as the socket takes.
func (t *thread) send(c *conn, sheet wirecache.Memory, at int64, n int) (sent int, errno syscall.Errno) {
	p, ok := sheet.(loop.Piped)
	if !ok {
		return t.sendfile(c.fd, sheet.FD(), at, n)
	}
	for sent < n && errno == 0 {
		pipe, before, left := p.Pipe(at + int64(sent))
		part := min(n-sent, left)
		var k int
		k, errno = t.sender.Send(c.fd, pipe, before, part, c.burst, sent+part < n)
		sent += k
	}
	return sent, errno
}

// sendfile sends from memory, which never blocks: the scheduler need not be
// told.
func (t *thread) sendfile(to, from int, at int64, n int) (int, syscall.Errno) {
	t.off = at
	r, _, errno := unix.RawSyscall6(unix.SYS_SENDFILE, uintptr(to), uintptr(from), uintptr(unsafe.Pointer(&t.off)), uintptr(n), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}
