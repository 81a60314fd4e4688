package sim

import "syscall"

// Op is a kind of operation that a Trip strikes.
type Op uint8

// The kinds of operations. Those of stores are counted over the stores that a
// Trip is given to, the others over all hosts.
const (
	// OpPut is Store.Put, once the piece was found good.
	OpPut Op = iota
	// OpRead, OpWarm and OpOpen are Store.Read, Warm and Acquire.
	OpRead
	OpWarm
	OpOpen
	// OpSend is a read from an open file, by SendFile or ReadAt.
	OpSend
	// OpSync is Store.Save, which makes durable what was written.
	OpSync

	// OpDial is a dial, which fails at once.
	OpDial
	// OpAccept is a connection that arrives at a listener and is lost there:
	// the dialer sees it open and then reset.
	OpAccept
	// OpListen is Host.Listen.
	OpListen
	// OpWrite is Conn.Writev and SendFile, OpReceive is Readv and Discard.
	OpWrite
	OpReceive
	// OpMove is a connection on its way between two loops.
	OpMove
	// OpSegment is a segment that leaves: its connection is reset.
	OpSegment
	// OpAnnounce is an announce, which does not reach its tracker.
	OpAnnounce
	// OpBuffer is Buffers.Get, which has nothing; it is counted over all hosts
	// as well.
	OpBuffer

	ops // the number of kinds
)

// opErrors is what an operation fails with unless a Trip says otherwise.
var opErrors = [ops]error{
	OpPut: syscall.EIO, OpRead: syscall.EIO, OpWarm: syscall.EIO, OpOpen: syscall.EIO,
	OpSend: syscall.EIO, OpSync: syscall.EIO,
	OpDial: syscall.ECONNREFUSED, OpAccept: syscall.EMFILE, OpListen: syscall.EADDRINUSE,
	OpWrite: syscall.EPIPE, OpReceive: syscall.ECONNRESET, OpMove: ErrMove, OpSegment: syscall.ECONNRESET,
	OpAnnounce: syscall.ECONNREFUSED, OpBuffer: syscall.ENOMEM,
}

// opNames are the kinds in a word.
var opNames = [ops]string{
	"put", "read", "warm", "open", "send", "sync",
	"dial", "accept", "listen", "write", "receive", "move", "segment",
	"announce", "buffer",
}

// String is the kind in a word.
func (o Op) String() string { return opNames[o] }

// Trip is a fault that strikes the N-th operation of a kind, where the counts of
// StoreFaults and Faults strike by chance. A test that runs its scenario with N
// of 1, 2, 3 and so on, until Struck stays 0, has seen every place in which that
// fault can happen. The same Trip may be given to several stores.
type Trip struct {
	// Op is the kind of operation.
	Op Op
	// N is which one is struck, from 1. 0 strikes none: Seen then counts.
	N int
	// Times is how many in a row are struck, from the N-th on: 0 is one, a
	// negative number all of them.
	Times int
	// Err is what the operation fails with; nil is what is usual for the kind.
	Err error
	// Do is called when an operation is struck, within the turn of its caller.
	// With Do and no Err the operation itself goes well.
	Do func()

	seen, struck int
}

// Seen is the number of operations of the kind so far.
func (t *Trip) Seen() int { return t.seen }

// Struck is the number of operations that were struck.
func (t *Trip) Struck() int { return t.struck }

// strikes counts an operation and tells whether this one is struck.
func (t *Trip) strikes() bool {
	t.seen++
	if t.N <= 0 || t.seen < t.N || t.Times >= 0 && t.seen >= t.N+max(1, t.Times) {
		return false
	}
	t.struck++
	return true
}

// trips are the faults that wait for their operation.
type trips []*Trip

// ask counts an operation, and returns what it fails with, nil for nothing.
func (ts trips) ask(op Op) (err error) {
	for _, t := range ts {
		if t.Op != op || !t.strikes() {
			continue
		}
		if t.Do != nil {
			t.Do()
		}
		switch {
		case err != nil:
		case t.Err != nil:
			err = t.Err
		case t.Do == nil:
			err = opErrors[op]
		}
	}
	return err
}
