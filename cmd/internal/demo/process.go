package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"spate/cmd/internal/progress"
)

// process is one spate that runs beside the demonstration.
type process struct {
	name  string
	size  int64
	cmd   *exec.Cmd
	ended chan struct{} // closed once it has been waited for
	err   error         // how it ended; read after ended

	mu    sync.Mutex
	lines []string // of its stdout, while somebody waits for one
	news  chan struct{}
	last  event
	took  float64 // seconds, from its complete event
	moved [2]int64
	fails strings.Builder // its stderr
}

// event is what the demonstration reads of a JSON line.
type event struct {
	Event      string
	Seconds    float64
	Done       int64
	DownRate   float64 `json:"down_rate"`
	UpRate     float64 `json:"up_rate"`
	Downloaded int64
	Uploaded   int64
	Peers      int
}

// start runs a spate in the background, with a state folder of its own and a
// free port; all but the tracker speak JSON.
func (d *demo) start(name string, size int64, args ...string) (*process, error) {
	if args[0] != "tracker" {
		args = append(args, "--json", "--listen", "127.0.0.1:0", "--state", filepath.Join(d.dir, "state of "+name))
	}
	p := &process{name: name, size: size, cmd: exec.Command(d.spate, args...), ended: make(chan struct{}), news: make(chan struct{}, 1)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stderr = &p.fails
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	d.all = append(d.all, p)
	go func() {
		p.read(out)
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// read follows what the process prints.
func (p *process) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.mu.Lock()
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			p.apply(e)
		}
		p.lines = append(p.lines, lines.Text())
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
	}
}

func (p *process) apply(e event) {
	switch e.Event {
	case "progress":
		p.last = e
	case "complete":
		p.took = e.Seconds
		p.last.Done = p.size
	case "stopped":
		p.moved = [2]int64{e.Downloaded, e.Uploaded}
	}
}

// wait returns what follows text in the first line that has it.
func (p *process) wait(ctx context.Context, text string) (string, error) {
	for seen := 0; ; {
		p.mu.Lock()
		for ; seen < len(p.lines); seen++ {
			if _, rest, found := strings.Cut(p.lines[seen], text); found {
				p.mu.Unlock()
				return rest, nil
			}
		}
		p.mu.Unlock()
		select {
		case <-p.news:
		case <-p.ended:
			return "", fmt.Errorf("%s ended early: %w", p.name, p.outcome())
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// outcome is how the process ended, with what it said about it.
func (p *process) outcome() error {
	if p.err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: %s", p.name, p.err, strings.TrimSpace(p.fails.String()))
}

// stop asks for a clean stop and waits for it.
func (p *process) stop(ctx context.Context) error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // fails only when it has ended
	select {
	case <-p.ended:
		return p.outcome()
	case <-ctx.Done():
		return fmt.Errorf("%s does not stop: %w", p.name, context.Cause(ctx))
	}
}

// kill makes sure that nothing is left.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only when it has ended
	<-p.ended
}

// seconds is how long the download took.
func (p *process) seconds() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.took
}

// row is the process on the display.
func (p *process) row() progress.Row {
	p.mu.Lock()
	defer p.mu.Unlock()
	return progress.Row{
		Name: p.name, Done: p.last.Done, Length: p.size,
		Down: p.last.DownRate, Up: p.last.UpRate, Peers: p.last.Peers,
	}
}

// usage is what an ended process took: CPU time, and the most memory it had.
func (p *process) usage() (cpu time.Duration, peak int64) {
	state := p.cmd.ProcessState
	if u, ok := state.SysUsage().(*syscall.Rusage); ok {
		peak = u.Maxrss * maxrssUnit
	}
	return state.UserTime() + state.SystemTime(), peak
}
