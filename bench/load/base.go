package load

import (
	"errors"
	"time"

	"spate/proto/metainfo"
	"spate/proto/peer"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// life is one connection from its opening to its end.
type life interface {
	core() *base
	// active tells whether payload may move.
	active() bool
	// take takes the bytes that the loop hands over, and reads on behind them.
	take(data []byte) error
	// tick comes every loop.TickInterval, before flush.
	tick() error
	// flush writes what is due.
	flush() error
}

// base is what all roles share: it reads, follows what the target has, and
// writes the connection's own messages.
type base struct {
	following
	shard   *shard
	slot    *slot
	link    loop.Conn
	machine peer.Machine
	greeted bool // the target's handshake has come
	fast    bool
	out     []byte        // messages that the socket has not taken
	spoke   time.Duration // when something was last written
}

func newBase(s *shard, sl *slot, c loop.Conn) base {
	k := base{shard: s, slot: sl, link: c, following: follow(sl.torrent.Info.NumPieces())}
	k.machine.Init(peer.Config{})
	return k
}

func (k *base) core() *base { return k }

// tick says that the connection is there, when it was silent for long.
func (k *base) tick() error {
	if k.greeted && k.shard.loop.Now()-k.spoke > keepAlive {
		k.out = wire.AppendKeepAlive(k.out)
		k.spoke = k.shard.loop.Now()
	}
	return nil
}

// look notes how much of what a leecher is due has come already, now and then.
func (k *base) look(blocks int) {
	if k.shard.takes++; k.shard.takes%lookShare != 0 {
		return
	}
	socket, ok := k.link.(loop.Peeker)
	if !ok {
		return
	}
	if waiting, err := socket.Waiting(); err == nil {
		k.shard.total.Waiting += int64(waiting)
		k.shard.total.Due += int64(blocks) * metainfo.BlockSize
	}
}

// write sends b, or keeps what the socket does not take. b may be changed once
// it returns.
func (k *base) write(b []byte) error {
	if len(k.out) > 0 {
		k.out = append(k.out, b...)
		return nil
	}
	n, err := k.send(b, false)
	k.out = append(k.out, b[n:]...)
	return err
}

// drain sends what is kept, and tells whether that was all.
func (k *base) drain() (done bool, err error) {
	if len(k.out) == 0 {
		return true, nil
	}
	n, err := k.send(k.out, false)
	k.out = append(k.out[:0], k.out[n:]...)
	return len(k.out) == 0, err
}

// send hands b to the socket and returns how much of it was taken.
func (k *base) send(b []byte, more bool) (int, error) {
	k.shard.iov[0] = b
	n, err := k.link.Writev(k.shard.iov[:], more)
	k.shard.iov[0] = nil
	k.spoke = k.shard.loop.Now()
	if errors.Is(err, loop.ErrAgain) {
		err = nil
	}
	return n, err
}

// greet takes the target's handshake.
func (k *base) greet(h wire.Handshake) error {
	t := k.slot.torrent
	if h.InfoHash != t.InfoHash {
		return ErrTorrent
	}
	k.greeted, k.fast = true, h.Fast()
	k.machine.SetFast(k.fast)
	k.machine.SetPieces(t.Info.NumPieces())
	k.shard.g.greeted(1, k.shard.loop.Now())
	return nil
}
