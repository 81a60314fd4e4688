package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// event is a line of --json; the fields of all kinds together.
type event struct {
	Time       time.Time
	Event      string
	InfoHash   string `json:"info_hash"`
	Addr       string
	Have       int
	Pieces     int
	Peers      int
	Done       int64
	Length     int64
	Downloaded int64
	Uploaded   int64
	Seconds    float64
	Message    string
	URL        string
	Error      string
}

// process is one spate that runs.
type process struct {
	*lab
	cmd     *exec.Cmd
	command string // get, seed...

	mu     sync.Mutex
	events []event
	errs   strings.Builder
	news   chan struct{} // closed and made anew with every line

	ended chan struct{} // closed once it has been waited for
	err   error         // how it ended; read after ended
}

// args completes a command line of get or seed: events on stdout, a free port
// and a state folder of its own, unless it says otherwise.
func (l *lab) args(args []string) []string {
	if args[0] != "get" && args[0] != "seed" {
		return args
	}
	args = append(slices.Clone(args), "--json")
	if !slices.Contains(args, "--listen") {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	if !slices.Contains(args, "--state") {
		l.states++
		args = append(args, "--state", l.path(fmt.Sprintf("state%d", l.states)))
	}
	return args
}

// spate starts a command that the end of the test ends.
func (l *lab) spate(args ...string) *process {
	l.Helper()
	return l.start(args[0], l.command(args...))
}

// command is what spate starts.
func (l *lab) command(args ...string) *exec.Cmd { return exec.Command(program, l.args(args)...) }

// shell starts a command after a line of shell has prepared its process.
func (l *lab) shell(prepare string, args ...string) *process {
	l.Helper()
	return l.start(args[0], exec.Command("/bin/sh", append([]string{"-c", prepare + ` && exec "$0" "$@"`, program}, l.args(args)...)...))
}

func (l *lab) start(command string, cmd *exec.Cmd) *process {
	l.Helper()
	p := &process{lab: l, cmd: cmd, command: command, news: make(chan struct{}), ended: make(chan struct{})}
	cmd.Dir = l.dir
	cmd.Env = []string{"HOME=" + l.path("home"), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}
	out, err := cmd.StdoutPipe()
	l.must(err)
	errs, err := cmd.StderrPipe()
	l.must(err, cmd.Start())
	var readers sync.WaitGroup
	readers.Go(func() { p.readEvents(out) })
	readers.Go(func() { p.readErrors(errs) })
	go func() {
		readers.Wait()
		p.err = cmd.Wait()
		close(p.ended)
	}()
	l.Cleanup(func() {
		p.kill()
		if l.Failed() {
			l.Logf("%s said:\n%s", strings.Join(cmd.Args, " "), p.said())
		}
	})
	return p
}

func (p *process) readEvents(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			p.change(func() { p.events = append(p.events, e) })
		}
	}
}

func (p *process) readErrors(errs io.Reader) {
	for lines := bufio.NewScanner(errs); lines.Scan(); {
		p.change(func() { fmt.Fprintln(&p.errs, lines.Text()) })
	}
}

func (p *process) change(apply func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	apply()
	close(p.news)
	p.news = make(chan struct{})
}

// said is what stands on stderr.
func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.errs.String()
}

// all are the events so far.
func (p *process) all() []event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.events[:len(p.events):len(p.events)]
}

// find returns the first event that matches.
func (p *process) find(match func(event) bool) (event, bool) {
	events := p.all()
	if i := slices.IndexFunc(events, match); i >= 0 {
		return events[i], true
	}
	return event{}, false
}

// last returns the latest event of a kind, the zero event when there is none.
func (p *process) last(kind string) event {
	for _, e := range slices.Backward(p.all()) {
		if e.Event == kind {
			return e
		}
	}
	return event{}
}

// count is how many events of a kind there were.
func (p *process) count(kind string) int {
	n := 0
	for _, e := range p.all() {
		if e.Event == kind {
			n++
		}
	}
	return n
}

// await waits for an event that matches.
func (p *process) await(what string, match func(event) bool) event {
	p.Helper()
	for timeout := time.After(patience); ; {
		p.mu.Lock()
		news := p.news
		p.mu.Unlock()
		over := p.over()
		if e, ok := p.find(match); ok {
			return e
		}
		if over {
			p.Fatalf("%s ended without %s: %s", p.command, what, p.said())
		}
		select {
		case <-news:
		case <-p.ended:
		case <-timeout:
			p.Fatalf("%s: never %s; last %+v", p.command, what, p.last("progress"))
		}
	}
}

// on waits for the first event of a kind.
func (p *process) on(kind string) event {
	p.Helper()
	return p.await(kind, func(e event) bool { return e.Event == kind })
}

// got waits until so many bytes were done.
func (p *process) got(bytes int64) event {
	p.Helper()
	return p.await(fmt.Sprintf("%d bytes done", bytes), func(e event) bool { return e.Event == "progress" && e.Done >= bytes })
}

// addr is where the process listens.
func (p *process) addr() netip.AddrPort {
	p.Helper()
	return netip.MustParseAddrPort(p.on("listening").Addr)
}

// ready waits until content was checked, and returns where it is served.
func (p *process) ready() string {
	p.Helper()
	p.on("checked")
	return p.addr().String()
}

// wait waits for the end of the process and returns its exit code.
func (p *process) wait() int {
	p.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.Fatalf("%s does not end; last %+v", p.command, p.last("progress"))
	}
	return p.cmd.ProcessState.ExitCode()
}

// exits demands an exit code and returns stderr.
func (p *process) exits(code int) string {
	p.Helper()
	if got := p.wait(); got != code {
		p.Fatalf("%s: exit code %d (%v), want %d: %s", p.command, got, p.err, code, p.said())
	}
	return p.said()
}

func (p *process) signal(s syscall.Signal) {
	p.Helper()
	p.must(p.cmd.Process.Signal(s))
}

// stop ends the process cleanly and returns its totals.
func (p *process) stop() event {
	p.Helper()
	p.signal(syscall.SIGTERM)
	p.wait()
	return p.last("stopped")
}

// kill ends the process by force.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only when it has ended
	<-p.ended
}

// over tells whether the process has ended and all it said was read.
func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// alive demands that the process still runs.
func (p *process) alive() {
	p.Helper()
	if p.over() {
		p.Fatalf("%s ended: %v: %s", p.command, p.err, p.said())
	}
}

// run runs a command to its end and demands an exit code.
func (l *lab) run(code int, args ...string) *process {
	l.Helper()
	p := l.spate(args...)
	p.exits(code)
	return p
}
