// Package gnetio is the network of package loop over real sockets, and the one
// package that imports gnet. Package looptest says what it must do; this page
// says how, and which facts of gnet v2.10.0 and of the net package each part
// answers.
//
// # Shape
//
//	listener goroutines --+                      +-> loop 0: gnet.Client, 1 loop
//	dial goroutines ------+-> enroller (a loop) -+     ^          |
//	Move -----------------+                            | mailbox  | first full socket
//	                                                   +-- watch <+
//
// Each loop is a gnet client of its own with a single loop, since gnet has no
// public list of an engine's loops and chooses among them by itself. So a
// handler knows its loop without a look-up, and the loops share no state but
// the budget of descriptors and the counts. Beside it a loop has a
// goroutine, the enroller, which brings connected sockets in; on macOS another
// one, the watch, tells when a full socket takes bytes again, which on Linux the
// loop sees by itself. A listener has one, the network one for all ticks, and a
// dial one for as long as it lasts: the number of connections changes none of
// these.
//
//	          Opened                  Close, Move, panic
//	stateNew --------> stateOpen -----------------------> stateMarked
//	                       |                                   | the handler
//	                       | peer's FIN, error, loop's end     v has returned
//	                       +-----------------------------> stateClosed
//	                                                 Closed, except after Move
//
// # Contract
//
// New, Start once, Stop once; Stop, Listen, StopListening, Stats, Failed, Err
// and a loop's Post are safe from any goroutine, but Stop and StopListening
// wait, Stop for the loops, so that it must not be called on one. Handlers are
// made on Start's goroutine. Handlers must not block, nor end the goroutine.
//
// # Who owns which buffer
//
// A loop has one read buffer (Config.ReadBuffer); Readable's data is a view of
// it. Buffers given to Readv and Writev are used during the call only. A loop
// keeps the memory for its system calls' arguments, and from the first use 256
// KiB through which SendFile copies files that have no descriptor. Nothing is
// ever queued for a connection: what a socket does not take stays with the
// caller. The caller of SendFile keeps the file open meanwhile.
//
// # gnet: fact, and answer here
//
//   - EMFILE, ENFILE or ENOBUFS in accept ends gnet's engine: listeners are our
//     own, wait 5 to 500 ms after an error, give up a spare descriptor for
//     a moment to turn waiting peers away, and have idle ones give way
//     (loop.Shedder): the next who come find room. MaxConns keeps below RLIMIT_NOFILE
//     (which Go raises to its hard limit at start) in the first place.
//   - A loop may end by itself, and nobody is told: the bootstrap connection
//     closes with its loop, and an end that Stop did not ask for closes Failed.
//   - Write and Writev of gnet queue without bound, and call OnClose from
//     inside: they are never called. Readv, Writev, SendFile, SendFrames, Cork and
//     SetReadLowWater are system calls on the descriptor, from the loop only,
//     and refuse after Closed, when the number may be another's. Sending goes on
//     until EAGAIN, since neither a short sendmsg nor a short sendfile promises
//     an edge of writability; it ends with an error, not with SIGPIPE, which Go
//     ignores for any descriptor above 2.
//   - gnet tells nothing of writability: a watch of our own (see writeWatch),
//     whose events name a slot and its generation, so that one for a closed
//     connection is dropped. A socket is added when it first was full, so a
//     connection that never fills its socket costs nothing.
//   - Unread bytes are copied into a buffer without bound: OnTraffic takes all
//     by Next(-1). Back-pressure is SetReadLowWater.
//   - The read buffer is one for all and copied once more: it is 4 KiB, and
//     payloads go by Readv to where they belong.
//   - Register and Dial have no time-out: dials run in a pool with one, up to
//     MaxParallelDials and then a queue of MaxQueuedDials, and end with Stop.
//   - EventLoop.Enroll starts a goroutine a connection from a pool of 262,144,
//     and duplicates the descriptor: EnrollContext does it in ours, one at a
//     time.
//   - Enrolling reports success when the poller refused the descriptor: a
//     connection that was not opened by then has failed.
//   - Enrolling takes a remote address for granted, which a socket has lost
//     when its peer reset it on the way: it is looked at before.
//   - Enrolling leaks a descriptor when TCP_NODELAY fails: gnet is told to leave
//     the option alone; the net package has set it.
//   - At the end of a connection gnet puts the memory of its IPv6 zone's name
//     into a pool of buffers; the name is the net package's: gnet sees none.
//   - The context is there before OnOpen: it is our connection, complete.
//   - Connections do not change loops: Move duplicates the descriptor, takes back
//     what was set on the socket, and has the other loop's enroller make a
//     connection of it. SO_LINGER stays unset, so the close of the first
//     descriptor sends nothing; keep-alive, which the net package turns on for
//     it, is turned off. Both descriptors leave the watch's epoll set by name,
//     for a duplicate would keep the closed one in it.
//   - Execute is not first in, first out beyond 1,024 tasks, Schedule is
//     unsupported, OnTick has a goroutine of its own: one mailbox a loop (on macOS
//     with at most one Execute under way, two small allocations each), and one
//     ticker that posts to all, skipping a loop whose last Tick has not run.
//   - gnet waits in epoll_wait, a system call, which keeps a processor of Go's
//     and with it the runtime's monitor, which then looks every 20 us: 3 % of a
//     core, and half of what serving 20 peers takes over lines with 1 % of
//     loss. On Linux it never waits: the bootstrap connection always has a byte
//     for it, and the loop rests in there (see cycle), in Go's poller.
//   - Triggering a stopped client writes to a descriptor that may be another's by
//     then: the mailbox refuses before gnet stops, under one lock with waking.
//   - A panic in a handler ends the process: recovered at each call, logged,
//     counted, and the connection closed with loop.ErrPanic.
//   - A peer's FIN closes at once, and drops what gnet had buffered: nothing is.
//   - OnClose wraps io.EOF: Closed gets io.EOF itself.
//   - After OnClose the addresses are nil: ours are copies.
//   - The edge-triggered mode and the tag poll_opt touch what was freed: neither
//     is used.
//   - "tcp://[::]:p" is IPv6 only: listeners of the net package, where an empty
//     host is both families, and addresses are unmapped.
//   - The logger prints to stdout: it gets ours. It is a global of gnet's, so the
//     last network started in a process has the lines of all.
//   - A thread locked to its loop doubles the round trip of one connection and
//     gains nothing with 50: WithLockOSThread stays off.
//
// Discard is recv(2) with MSG_TRUNC, by which TCP drops bytes that it does not
// copy, and Peek is SO_PEEK_OFF, which TCP has since Linux 6.9; elsewhere Discard
// reads, and there is no Peek.
//
// Two more of the net package and the kernel: listeners speak Multipath TCP by
// default, on whose sockets nothing here was measured, so it is off; and options
// set before listen pass on to accepted sockets, so none is set for each. TCP_NODELAY is on,
// TCP_NOTSENT_LOWAT is 128 KiB, TCP_CONGESTION is Config.Congestion,
// keep-alive is off, and buffer sizes stay with the kernel's autotuning.
//
// # Limits
//
// Config.MaxConns, from RLIMIT_NOFILE less a quarter and 32, counts accepted
// and dialed connections and dials under way; above it a peer is closed at once,
// which has an idle one give way for the next, and a dial fails with
// loop.ErrLimit, as does one for which the system has no descriptor or memory. MaxLoops, MaxParallelDials,
// MaxQueuedDials and MaxReadBuffer are as they say. The mailbox has no limit of
// its own: see there.
//
// # What it does not do
//
// UDP, TLS, rates, time-outs of connections, and other systems than Linux and,
// with a plain write for sendfile, macOS.
package gnetio
