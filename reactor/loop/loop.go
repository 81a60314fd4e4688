package loop

import (
	"errors"
	"io"
	"net/netip"
	"time"
)

// Errors of connections. Implementations return these very values, so that
// the engine can compare with == on the hot path.
var (
	// ErrAgain says that nothing could be read or written right now.
	ErrAgain = errors.New("would block")
	// ErrClosed says that the loop or network is stopping.
	ErrClosed = errors.New("closed")
	// ErrShort says that a file ended before the range that was to be sent.
	ErrShort = errors.New("file is shorter than the range to send")
	// ErrUnfit says that SendFrames is not possible for a file.
	ErrUnfit = errors.New("file cannot be sent in frames")
	// ErrLimit says that the budget of descriptors is used up.
	ErrLimit = errors.New("connection limit reached")
	// ErrPanic is the reason of a connection that was closed because its
	// handler panicked.
	ErrPanic = errors.New("internal error on this connection")
)

// File is a source for Conn.SendFile: an open file whose descriptor a real
// network hands to the kernel and whose bytes a simulated one copies. The
// owner keeps it open while any loop may send from it.
type File interface {
	io.ReaderAt
	// FD is the descriptor for sendfile, or a negative number where there is none.
	FD() int
}

// Piped is a File whose bytes lie in pipes, from which a real network duplicates
// them into its sockets (reactor/pipes). Its FD is none.
type Piped interface {
	File
	// Pipe finds the byte at off, which lies within the File: the descriptor of
	// its pipe, how many bytes that has before it, and how many from it on.
	Pipe(off int64) (fd, before, left int)
}

// Mapped is a File whose bytes the kernel finds in this process's memory.
type Mapped interface {
	File
	// Mapped is n bytes from off, nil where they cannot be had so. They are for
	// the kernel alone, which reports a file that has become shorter: whoever
	// reads them ends the process then. They are valid as long as the File.
	Mapped(off int64, n int) []byte
}

// Frame is a range of a file behind a header.
type Frame struct {
	// Header is the caller's again when the call returns.
	Header []byte
	// Off and N are the range, in bytes.
	Off int64
	N   int
}

// Conn is one stream connection, owned by its loop. No method blocks, and none
// may be called from another goroutine or after Closed.
type Conn interface {
	// Context is the value given to Dial, Enroll or Move; nil for an
	// accepted connection until SetContext.
	Context() any
	// SetContext replaces the value that Context returns.
	SetContext(v any)
	// Remote is the peer's address, unmapped (an IPv4 peer has an IPv4
	// address). It stays valid after Closed.
	Remote() netip.AddrPort
	// Local is the address at this end, unmapped.
	Local() netip.AddrPort
	// Inbound tells whether the peer dialed us.
	Inbound() bool

	// Readv reads what is there into bufs, in order, and returns how many
	// bytes that was: ErrAgain when there is nothing, io.EOF at the end of
	// the stream. After an error other than ErrAgain the caller closes.
	Readv(bufs [][]byte) (int, error)
	// Discard takes up to n bytes that are there and throws them away, as far
	// as possible without touching them, and returns how many that was. Its
	// errors are those of Readv.
	Discard(n int) (int, error)
	// Writev writes bufs, in order, and returns how many bytes were taken.
	// A short count comes without an error, or with ErrAgain when nothing
	// was taken; Writable follows. more says that a SendFile or Writev comes
	// right behind, so that the kernel may hold the bytes back for it.
	Writev(bufs [][]byte, more bool) (int, error)
	// SendFile sends n bytes of f from off without copying them through this
	// process and returns how many were taken. ErrShort when f ends early.
	// resident says that the range was just found in memory, which allows a
	// cheaper system call; with resident false the call may block on a disk.
	SendFile(f File, off int64, n int, resident bool) (int, error)
	// SendFrames sends frames of f, in order, by references to what lies in
	// memory, and returns how many bytes were taken, headers among them. A short
	// count comes as from Writev. ErrUnfit says that f, or this system, does not
	// allow that from there on: the rest goes by Writev and SendFile. resident is
	// as for SendFile.
	SendFrames(f File, frames []Frame, resident bool) (int, error)
	// Cork holds back partial segments from true to false, so that a batch of
	// headers and blocks leaves in full ones.
	Cork(on bool)
	// SetReadLowWater asks that Readable comes only once n bytes wait (or the
	// stream ended); 1 is the normal state. It is the back-pressure of a peer
	// whose requests are not served yet, and may be ignored.
	SetReadLowWater(n int)
	// Close ends the connection. reason is what Closed reports; io.EOF is the
	// peer's own. The first call wins.
	Close(reason error)
	// Move hands the socket to another loop of the same network, where it
	// appears by Opened with ctx as its Context and the same Inbound. This
	// loop gets no Closed for it. Unread bytes stay in the socket; bytes
	// already read travel inside ctx, by the caller's choice. When the
	// hand-over fails later, the other loop's DialFailed gets ctx.
	Move(to Loop, ctx any) error
}

// Handler is what a loop drives. Its methods run on the loop only.
type Handler interface {
	// Opened announces a connection: accepted, dialed, or moved here.
	Opened(c Conn)
	// DialFailed ends a Dial that did not connect; ctx is Dial's.
	DialFailed(ctx any, err error)
	// Readable hands over the first bytes that wait in the socket. data may
	// be empty, is owned by the loop and valid until the method returns.
	Readable(c Conn, data []byte)
	// Writable says that the socket takes bytes again.
	Writable(c Conn)
	// Closed ends a connection: io.EOF when the peer closed, otherwise what
	// Close was given or the socket's error.
	Closed(c Conn, reason error)
	// Tick comes every TickInterval, less often while nothing happens and the
	// Handler is an idle Idler.
	Tick()
}

// Idler is a Handler that can do without frequent ticks at times: waking an
// otherwise idle process twenty times a second costs it some 3 % of a CPU.
type Idler interface {
	Handler
	// Idle is asked after a Tick. When it returns true, the next Tick comes
	// within TickInterval of the next call into the Handler, and after
	// IdleTickInterval at the latest. A network may tick more often.
	Idle() bool
}

// Shedder is a Handler that gives up connections when there is no descriptor, or
// no memory of the kernel's, left for others.
type Shedder interface {
	Handler
	// Shed says that so many, 1 or more, could not be had: an accepted one that
	// was closed again or is still waiting, a dial, a file. The Handler closes as
	// many that do nothing, soon, if it has them.
	Shed(n int)
}

// TickInterval is the time between two Ticks: the grain of every time-out, and
// of rate limits.
const TickInterval = 50 * time.Millisecond

// IdleTickInterval is the most time between two Ticks of an idle Idler.
const IdleTickInterval = time.Second

// Loop is one event loop as its users see it.
type Loop interface {
	// Index is the loop's number, from 0.
	Index() int
	// Now is the time of the current turn, in which a pause of the process counts
	// for MaxPause at the most. On the loop's goroutine only.
	Now() time.Duration
	// Post runs fn on the loop, after all that was posted before by the same
	// goroutine. Safe from any goroutine; the only method that is. It returns
	// false once the loop has stopped, when fn will never run.
	Post(fn func()) bool
	// Dial connects to addr and hands the connection to this loop's Opened
	// with ctx as its Context, or calls DialFailed. The number of dials under
	// way is the caller's to bound. On the loop's goroutine only.
	Dial(addr netip.AddrPort, timeout time.Duration, ctx any)
}

// Network is a running set of loops.
type Network interface {
	// Start starts n loops; handler makes each one's Handler before anything
	// is delivered to it. An error means that nothing was started.
	Start(n int, handler func(Loop) Handler) error
	// Loops returns the running loops, by index.
	Loops() []Loop
	// Listen accepts on addr ("host:port", port 0 picks one) and spreads the
	// connections over the loops. It returns the bound address.
	Listen(addr string) (netip.AddrPort, error)
	// StopListening closes all listeners; connections stay.
	StopListening()
	// Stop closes every connection (each gets its Closed with ErrClosed) and
	// ends the loops. It returns when they have ended.
	Stop() error
	// Failed is closed when the network ended without Stop; Err tells why.
	Failed() <-chan struct{}
	// Err is the reason of Failed, nil before.
	Err() error
}
