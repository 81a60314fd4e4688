package load

import (
	"errors"
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
	spoiled    []byte // the same, when it is sent wrong
	fixed      [wire.PieceHeaderLen]byte
}

func newSeed(k base) *seed {
	s := &seed{base: k}
	s.out = wire.AppendHandshake(nil, k.shard.g.handshake(k.slot.torrent, true))
	return s
}

func (s *seed) active() bool { return s.interested }

func (s *seed) take(data []byte) error {
	_, err := s.machine.Input(data, s)
	return err
}

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

// haves is called when the target has more than before.
func (s *seed) haves(err error) error {
	if err == nil && s.has.All() {
		s.shard.g.completed(s.shard.loop.Now())
	}
	return err
}

// OnHave implements peer.Handler.
func (s *seed) OnHave(index uint32) error { return s.haves(s.base.OnHave(index)) }

// OnBitfield implements peer.Handler.
func (s *seed) OnBitfield(bits []byte) error { return s.haves(s.base.OnBitfield(bits)) }

// OnHaveAll implements peer.Handler.
func (s *seed) OnHaveAll() error { return s.haves(s.base.OnHaveAll()) }

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
	info := s.slot.torrent.Info
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
	if s.rest+len(s.header)+len(s.spoiled) == 0 && s.head == len(s.queue) {
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
		s.off = int64(r.Index)*s.slot.torrent.Info.PieceLength + int64(r.Begin)
		s.rest = int(r.Length)
		if err := s.spoil(); err != nil {
			return err
		}
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
	if len(s.spoiled) > 0 {
		n, err := s.send(s.spoiled, false)
		s.gave(n)
		s.spoiled = s.spoiled[n:]
		return len(s.spoiled) == 0, err
	}
	for s.rest > 0 {
		file, at, in := s.shard.g.cfg.Content.Segment(s.off, s.rest)
		n, err := s.link.SendFile(file, at, in, false)
		s.gave(n)
		s.off += int64(n)
		s.rest -= n
		if errors.Is(err, loop.ErrAgain) || err == nil && n < in {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// gave counts payload that the kernel has taken.
func (s *seed) gave(n int) {
	s.slot.bytes += int64(n)
	s.shard.g.sent.Add(int64(n))
}

// spoil has the block that is to be sent go out with a wrong byte, if chance
// has it.
func (s *seed) spoil() error {
	share := s.shard.g.cfg.Corrupt
	if share == 0 || s.shard.rand.Float64() >= share {
		return nil
	}
	wrong := make([]byte, s.rest)
	for done := 0; done < len(wrong); {
		file, at, in := s.shard.g.cfg.Content.Segment(s.off+int64(done), len(wrong)-done)
		n, err := file.ReadAt(wrong[done:done+in], at)
		if n < in {
			return err
		}
		done += n
	}
	wrong[s.shard.rand.IntN(len(wrong))] ^= 1
	s.spoiled, s.rest = wrong, 0
	s.shard.total.Spoiled++
	return nil
}
