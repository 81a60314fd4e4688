// Command demo shows a swarm on one machine: it generates content, makes a
// torrent of it, and starts a tracker, a seeder and several leechers as
// separate spate processes that find each other through the tracker and talk
// over real sockets. Each copy is verified, and what every process took of the
// machine is printed. Everything it makes lies in a temporary folder that it
// removes.
//
// It exits with 0 only when every process did what it should.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"spate/cmd/internal/config"
	"spate/cmd/internal/progress"
)

// limit is how long the whole demonstration may take on a slow machine.
const limit = 5 * time.Minute

// demo is one demonstration under way.
type demo struct {
	ctx      context.Context
	spate    string // the binary
	dir      string
	leechers int
	size     int64
	show     progress.Display

	torrent string
	all     []*process // in the order of their start
}

func main() {
	size := flag.Int64("size", 384, "content in MiB")
	leechers := flag.Int("leechers", 3, "number of downloading processes")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: demo [-size MIB] [-leechers N] SPATE")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 || *size < 1 || *leechers < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, flag.Arg(0), *size<<20, *leechers)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: FAILED:", err)
		os.Exit(1)
	}
	fmt.Println("demo: everything was downloaded and verified")
}

func run(ctx context.Context, spate string, size int64, leechers int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done within %s", limit))
	defer cancel()
	spate, err := filepath.Abs(spate)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "spate-demo-")
	if err != nil {
		return err
	}
	mode := progress.Lines
	if term.IsTerminal(int(os.Stdout.Fd())) {
		mode = progress.Bars
	}
	d := &demo{ctx: ctx, spate: spate, dir: dir, leechers: leechers, size: size, show: progress.New(mode, os.Stdout, os.Stderr)}
	err = d.play()
	d.show.Close()
	// Whatever still runs after a failure must not outlive the folder.
	for _, p := range d.all {
		p.kill()
	}
	if err == nil {
		err = d.report(os.Stdout)
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// play runs the processes one after the other where one needs what another
// makes.
func (d *demo) play() error {
	d.note("generating %s of content", config.FormatBytes(float64(d.size)))
	if err := generate(filepath.Join(d.dir, "seeder", "holiday"), d.size); err != nil {
		return err
	}
	tracker, err := d.start("tracker", 1, "tracker", "--listen", "127.0.0.1:0")
	if err != nil {
		return err
	}
	announce, err := tracker.wait(d.ctx, "announce at ")
	if err != nil {
		return err
	}
	d.note("tracker at %s", announce)

	d.torrent = filepath.Join(d.dir, "holiday.torrent")
	if err := d.call("create", filepath.Join(d.dir, "seeder", "holiday"), "-o", d.torrent, "-a", announce, "-q"); err != nil {
		return err
	}
	seeder, err := d.start("seeder", d.size, "seed", d.torrent, "--data", filepath.Join(d.dir, "seeder"))
	if err != nil {
		return err
	}
	if _, err := seeder.wait(d.ctx, `"event":"checked"`); err != nil {
		return err
	}
	d.note("seeder is ready; starting %d leechers", d.leechers)
	return errors.Join(d.download(), seeder.stop(d.ctx), tracker.stop(d.ctx))
}

// download runs the leechers to their end and verifies what they have.
func (d *demo) download() error {
	var leechers []*process
	for i := range d.leechers {
		name := fmt.Sprintf("leecher %d", i+1)
		p, err := d.start(name, d.size, "get", d.torrent, "--data", filepath.Join(d.dir, name))
		if err != nil {
			return err
		}
		leechers = append(leechers, p)
	}
	if err := d.watch(leechers); err != nil {
		return err
	}
	for _, p := range leechers {
		if err := d.call("check", d.torrent, "--data", filepath.Join(d.dir, p.name), "-q"); err != nil {
			return err
		}
		d.note("%s: every piece verified", p.name)
	}
	return nil
}

// watch shows the leechers' progress until all have ended.
func (d *demo) watch(leechers []*process) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for _, p := range leechers {
		for running := true; running; {
			select {
			case <-p.ended:
				running = false
			case <-tick.C:
			case <-d.ctx.Done():
				return context.Cause(d.ctx)
			}
			rows := make([]progress.Row, len(leechers))
			for i, l := range leechers {
				rows[i] = l.row()
			}
			d.show.Show(time.Now(), rows)
		}
		if err := p.outcome(); err != nil {
			return err
		}
		d.note("%s: complete in %.1f s", p.name, p.seconds())
	}
	return nil
}

// call runs a command to its end.
func (d *demo) call(args ...string) error {
	out, err := exec.CommandContext(d.ctx, d.spate, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("spate %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

func (d *demo) note(format string, args ...any) { d.show.Note(fmt.Sprintf(format, args...)) }
