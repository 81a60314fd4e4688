package load

import (
	"bytes"
	"fmt"
	"io"
	"math"

	"spate/proto/wire"
	"spate/reactor/loop"
)

const (
	// readSize is the size in bytes of the buffer, one a loop, into which
	// payloads are read that cannot be dropped unseen: few system calls, and
	// still within the cache of a core.
	readSize = 256 << 10
	// minSkip is the least number of whole blocks that are worth a look ahead:
	// two system calls more than reading them.
	minSkip = 2
	// maxSkip is how many bytes are thrown away for one connection before it is
	// the others' turn.
	maxSkip = 4 << 20
	// lookShare is at one in how many reads is noted what waits in the socket.
	lookShare = 16
	// newReads is how many reads of a new connection look at every byte, enough
	// for all that it asks for at first: whoever does not answer in order shows
	// it there. distrustReads is the same after a look ahead that found something
	// else than a block that is due.
	newReads      = 16
	distrustReads = 64
)

// reader is how a leecher takes what is sent to it: as fast as it can, or at a
// rate.
type reader struct {
	ahead    loop.Peeker // nil where there is none
	distrust int         // reads without a look ahead
	skipped  bool        // blocks were thrown away unseen
	rate     int         // bytes a second, 0 for no limit
	room     int         // bytes that may be read by the rate; may be negative
	asleep   bool
}

// newReader reads c, and every byte of it when exact.
func newReader(c loop.Conn, exact bool) reader {
	r := reader{distrust: newReads}
	if !exact {
		r.ahead, _ = c.(loop.Peeker)
	}
	return r
}

// take implements life.
func (l *leech) take(data []byte) error {
	if _, err := l.machine.Input(data, l); err != nil {
		return err
	}
	if l.rate > 0 {
		l.room -= len(data)
		return l.takeSlowly()
	}
	l.look(l.owed.count + 1)
	return readOn(l.skip, l.read)
}

// readOn throws away as much as skip can, which returns how many bytes that
// was, or reads where that is nothing.
func readOn(skip func() (int, error), read func(n int) (int, error)) error {
	n, err := skip()
	switch {
	case err != nil:
	case n == 0:
		_, err = read(readSize)
	default: // more may have come meanwhile
		for total := n; n > 0 && err == nil && total < maxSkip; total += n {
			n, err = skip()
		}
	}
	return unlessLater(err)
}

// unlessLater is err, but for what comes again: the end is Closed's to tell.
func unlessLater(err error) error {
	if err == loop.ErrAgain || err == io.EOF {
		return nil
	}
	return err
}

// read reads up to n bytes and looks at each.
func (l *leech) read(n int) (int, error) {
	l.shard.iov[0] = l.shard.room()[:n]
	n, err := l.link.Readv(l.shard.iov[:])
	if n > 0 {
		_, err = l.machine.Input(l.shard.iov[0][:n], l)
	}
	l.shard.iov[0] = nil
	return n, err
}

// skip throws away as many whole blocks as wait in the socket, where they are
// the next ones that are owed: the one under way, those behind it, and the
// header of a last one, which is looked at first. Where that is in its place,
// byte for byte, what lies before it has the length of what was asked for. Of
// few blocks it throws away what is left of the one under way. It returns 0 when
// nothing is known to be of no use.
func (l *leech) skip() (int, error) {
	left := l.machine.Unread()
	if left == 0 || l.ahead == nil || l.distrust > 0 {
		l.distrust = max(0, l.distrust-1)
		return 0, nil
	}
	waiting, err := l.ahead.Waiting()
	if err != nil {
		return 0, err
	}
	run, off := 0, left
	for run+1 < l.owed.count {
		size := wire.PieceHeaderLen + int(l.request(l.owed.at(run)).Length)
		if off+size+wire.PieceHeaderLen > waiting {
			break
		}
		off += size
		run++
	}
	if run < minSkip {
		return l.drop(left)
	}
	head := l.shard.head[:wire.PieceHeaderLen]
	n, err := l.ahead.Peek(off, head)
	if err != nil || n < len(head) || !bytes.Equal(head, l.header(run)) {
		l.distrust = distrustReads
		return 0, nil
	}
	off += len(head)
	if n, err := l.link.Discard(off); n < off {
		return n, dropped(n, off, err)
	}
	l.skipped = true
	return off, l.passOver(left, run)
}

// dropped says that less was thrown away than was there.
func dropped(n, of int, err error) error {
	return fmt.Errorf("%d of %d bytes dropped: %w", n, of, err)
}

// drop throws away what has come of the payload under way, n bytes at most.
func (l *leech) drop(n int) (int, error) {
	n, err := l.link.Discard(n)
	if err != nil {
		return 0, err
	}
	return n, l.machine.Discarded(n, l)
}

// disorder notes that a block came which was not the next one. Among blocks that
// were thrown away unseen another may have taken its place, which is waited for
// in vain if this one was believed to have come: then the connection is to be
// made anew.
func (l *leech) disorder() error {
	l.slot.exact, l.ahead = true, nil
	if l.skipped && !l.wanted {
		return ErrOrder
	}
	return nil
}

// header is that of the i-th block owed, for a moment.
func (l *leech) header(i int) []byte {
	r := l.request(l.owed.at(i))
	return wire.AppendPieceHeader(l.shard.due[:0], r.Index, r.Begin, r.Length)
}

// passOver tells the machine what was thrown away: the rest of a payload, then
// run blocks, and the header behind them.
func (l *leech) passOver(left, run int) error {
	for ; ; run-- {
		if err := l.machine.Discarded(left, l); err != nil {
			return err
		}
		if _, err := l.machine.Input(l.header(0), l); err != nil || run == 0 {
			return err
		}
		left = l.machine.Unread()
	}
}

// maxRoom is for how long, in ticks, a slow reader may make up for what it did
// not read: a second.
const maxRoom = 20

// refresh gives a slow reader what its rate allows in a tick.
func (l *leech) refresh() {
	if l.rate == 0 {
		return
	}
	each := max(1, l.rate/ticksPerSecond)
	if l.room = min(l.room+each, maxRoom*each); l.room > 0 && l.asleep {
		l.asleep = false
		l.link.SetReadLowWater(1)
	}
}

// takeSlowly reads what the rate allows, and has the rest wait in the socket:
// nothing is told of it until refresh.
func (l *leech) takeSlowly() error {
	var err error
	if l.room > 0 {
		var n int
		n, err = l.read(min(l.room, readSize))
		l.room -= n
	}
	if l.room <= 0 && !l.asleep {
		l.asleep = true
		l.link.SetReadLowWater(math.MaxInt32)
	}
	return unlessLater(err)
}
