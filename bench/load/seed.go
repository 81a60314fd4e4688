package load

import (
	"errors"
	"os"
	"slices"

	"spate/proto/wire"
	"spate/reactor/loop"
)

// seed serves everything at once to whoever asks.
type seed struct {
	base
	interested bool
	queue      []wire.Request // from head on
	head       int
	header     []byte // of the block that is being sent, what is left of it
	off        int64  // of its payload, in the content
	rest       int    // bytes of its payload
	fixed      [wire.PieceHeaderLen]byte
}

func newSeed(k base) *seed {
	s := &seed{base: k}
	s.out = wire.AppendHandshake(nil, k.shard.g.handshake(true))
	return s
}

func (s *seed) active() bool { return s.interested }

func (s *seed) tick() {}

// OnHandshake implements peer.Handler.
func (s *seed) OnHandshake(h wire.Handshake) error {
	if err := s.greet(h); err != nil {
		return err
	}
	b := s.shard.buf[:0]
	if s.fast {
		b = wire.AppendHaveAll(b)
	} else {
		b = wire.AppendBitfield(b, s.everything())
	}
	if h.Extensions() {
		b = wire.AppendExtHandshake(b, wire.ExtHandshake{V: "spate bench", Reqq: reqq})
	}
	s.shard.buf = wire.AppendUnchoke(b)
	s.out = append(s.out, s.shard.buf...)
	return nil
}

// everything is the bitfield of a seed.
func (s *seed) everything() []byte {
	all := s.has.Clone()
	all.SetAll()
	return all.Bytes()
}

// OnInterested implements peer.Handler.
func (s *seed) OnInterested() error {
	s.interested = true
	return nil
}

// OnNotInterested implements peer.Handler.
func (s *seed) OnNotInterested() error {
	s.interested = false
	return nil
}

// OnRequest implements peer.Handler.
func (s *seed) OnRequest(r wire.Request) error {
	info := s.shard.g.cfg.Torrent.Info
	if int64(r.Begin)+int64(r.Length) > int64(info.PieceSize(int(r.Index))) || len(s.queue)-s.head >= maxQueue {
		return s.reject(r)
	}
	if s.head > 0 && len(s.queue) == cap(s.queue) {
		s.queue = slices.Delete(s.queue, 0, s.head)
		s.head = 0
	}
	s.queue = append(s.queue, r)
	return nil
}

// OnCancel implements peer.Handler. What is being sent is sent.
func (s *seed) OnCancel(r wire.Request) error {
	if i := slices.Index(s.queue[s.head:], r); i >= 0 {
		s.queue = slices.Delete(s.queue, s.head+i, s.head+i+1)
		return s.reject(r)
	}
	return nil
}

// reject refuses r, without a word to a peer that knows none for it.
func (s *seed) reject(r wire.Request) error {
	s.shard.total.Rejects++
	if !s.fast {
		return nil
	}
	if len(s.out) > maxControl {
		return ErrDeaf
	}
	s.out = wire.AppendReject(s.out, r)
	return nil
}

// flush sends blocks and messages until the socket is full or nothing is due.
func (s *seed) flush() error {
	if s.rest == 0 && s.head == len(s.queue) {
		_, err := s.drain()
		return err
	}
	s.link.Cork(true)
	defer s.link.Cork(false)
	for {
		done, err := s.block()
		if err != nil || !done {
			return err
		}
		if done, err = s.drain(); err != nil || !done {
			return err
		}
		if s.head == len(s.queue) {
			s.queue, s.head = s.queue[:0], 0
			return nil
		}
		r := s.queue[s.head]
		s.head++
		s.header = wire.AppendPieceHeader(s.fixed[:0], r.Index, r.Begin, r.Length)
		s.off = int64(r.Index)*s.shard.g.cfg.Torrent.Info.PieceLength + int64(r.Begin)
		s.rest = int(r.Length)
	}
}

// block goes on with the block that is being sent, and tells whether it, if
// any, has all been taken.
func (s *seed) block() (done bool, err error) {
	for len(s.header) > 0 {
		n, err := s.send(s.header, true)
		if err != nil || n == 0 {
			return false, err
		}
		s.header = s.header[n:]
	}
	for s.rest > 0 {
		n, err := s.link.SendFile(s.shard.g.cfg.Content, s.off, s.rest, false)
		s.slot.bytes += int64(n)
		s.off += int64(n)
		s.rest -= n
		if errors.Is(err, loop.ErrAgain) || err == nil && s.rest > 0 {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// Content is a file as a source for seeders.
type Content struct{ *os.File }

// FD implements loop.File.
func (c Content) FD() int { return int(c.Fd()) }

var _ loop.File = Content{}
