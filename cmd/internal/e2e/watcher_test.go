package e2e

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"sync/atomic"

	"spate/proto/wire"
)

// watcher is a peer that asks a downloading process, all the time, for blocks
// of pieces it says to have, and compares what comes.
type watcher struct {
	peer   *rawPeer
	tor    *torrent
	chance *rand.Rand
	have   atomic.Int64 // pieces that the process told of
	served atomic.Int64 // blocks that came and are right
	ended  chan struct{}
}

// watch connects a watcher to a process.
func (l *lab) watch(tor *torrent, addr string) *watcher {
	l.Helper()
	w := &watcher{
		peer: l.greet(addr, tor.meta.InfoHash, false), tor: tor,
		chance: rand.New(rand.NewPCG(rand.Uint64(), 0)), ended: make(chan struct{}),
	}
	w.peer.has = make([]byte, (tor.meta.Info.NumPieces()+7)/8)
	l.must(w.peer.send(wire.AppendInterested(nil)))
	go func() {
		defer close(w.ended)
		w.run(l)
	}()
	return w
}

// run ends with the connection.
func (w *watcher) run(l *lab) {
	asked := false
	for {
		id, body, err := w.peer.next()
		if err != nil {
			return
		}
		switch id {
		case wire.MsgBitfield, wire.MsgHave:
			n := 0
			for _, b := range w.peer.has {
				n += bits.OnesCount8(b)
			}
			w.have.Store(int64(n))
		case wire.MsgChoke:
			asked = false
		case wire.MsgPiece:
			asked = false
			if r := header(body); !bytes.Equal(body[8:], w.tor.piece(int(r.Index))[r.Begin:][:r.Length]) {
				l.Errorf("served a wrong block: %+v", r)
			}
			w.served.Add(1)
		}
		if w.peer.unchoke && !asked && w.have.Load() > 0 {
			asked = true
			if w.peer.send(wire.AppendRequest(nil, w.choose())) != nil {
				return
			}
		}
	}
}

// choose names a block of a piece that the process says to have.
func (w *watcher) choose() wire.Request {
	for {
		index := w.chance.IntN(w.tor.meta.Info.NumPieces())
		if !w.peer.claims(index) {
			continue
		}
		length := len(w.tor.piece(index))
		begin := w.chance.IntN((length+blockLen-1)/blockLen) * blockLen
		return wire.Request{Index: uint32(index), Begin: uint32(begin), Length: uint32(min(blockLen, length-begin))}
	}
}
