package gnetio

import (
	"errors"
	"os"
	"reflect"
	"runtime"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// errNoPoller says that gnet is not of the version that this package knows.
var errNoPoller = errors.New("event loop without a known poller")

// pollerFD finds the descriptor of the epoll set of a gnet loop, -1 when it is
// not where it was. gnet shows it to nobody.
func pollerFD(el gnet.EventLoop) int {
	v := reflect.Indirect(reflect.ValueOf(el))
	for _, name := range []string{"poller", "fd"} {
		if v.Kind() != reflect.Struct {
			return -1
		}
		v = reflect.Indirect(v.FieldByName(name))
	}
	if v.Kind() != reflect.Int {
		return -1
	}
	return int(v.Int())
}

// startCycle has the loop rest by itself from here on.
func (l *eventLoop) startCycle() error {
	fd := pollerFD(l.el)
	if fd < 0 {
		return errNoPoller
	}
	if err := l.watch.follow(fd); err != nil {
		return err
	}
	return l.comeAgain()
}

// comeAgain has gnet call cycle with the next look at its sockets.
func (l *eventLoop) comeAgain() error {
	_, err := unix.Write(l.bootFD, []byte{0})
	return os.NewSyscallError("write", err)
}

// cycle is the loop's own part of each of gnet's cycles, in which the bootstrap
// connection always has a byte to read:
//
//	gnet: sockets --> cycle: mailbox, writable sockets --> more to do? --> gnet
//	                    ^                                      | no
//	                    +---- post, writable socket ------- rest ---- gnet's socket --> gnet
//
// gnet itself would wait in a system call, which keeps a processor of Go's and
// with it the runtime's monitor, which looks every 20 us; on lines that send
// now and then that is half of the CPU time. So it is never left to wait.
//
// What others tell gnet in the cycle under way is lost to rest: gnet has taken
// the event, and acts on it when this call is over. Therefore awake.
func (l *eventLoop) cycle() gnet.Action {
	w := l.watch
	for over := false; !over; {
		l.drain()
		switch {
		case l.mail.settled():
			w.look()
			over = true
		case l.awake.Load() > 0:
			runtime.Gosched() // to who is at it
			w.look()
			over = true
		default:
			over = w.rest()
		}
		l.mail.resume()
		l.mail.postWritable(w.found)
		w.found = w.found[:0]
	}
	if l.comeAgain() != nil {
		return gnet.Shutdown // nothing would wake this loop
	}
	return gnet.None
}

// wake ends the rest.
func (l *eventLoop) wake() error { return l.watch.wake() }
