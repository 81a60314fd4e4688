package soak

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"sync"

	"spate/bench/usage"
)

// target is the engine's process.
type target struct {
	cmd  *exec.Cmd
	addr netip.AddrPort

	mu      sync.Mutex // one order at a time
	in      io.WriteCloser
	orders  *json.Encoder
	answers *json.Decoder
}

// launch starts the engine. It is the caller's to end.
func launch(cmd *exec.Cmd) (*target, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &target{cmd: cmd, in: in, orders: json.NewEncoder(in), answers: json.NewDecoder(out)}
	a, err := t.ask(order{Do: doLook})
	if err != nil {
		return nil, errors.Join(err, t.end())
	}
	t.addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port)
	return t, nil
}

// ask has the engine follow an order.
func (t *target) ask(o order) (answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var a answer
	err := t.orders.Encode(o)
	if err == nil {
		err = t.answers.Decode(&a)
	}
	if err == nil && a.Error != "" {
		err = errors.New(a.Error)
	}
	if err != nil {
		return a, fmt.Errorf("%s %s: %w", o.Do, o.Torrent, err)
	}
	return a, nil
}

// end has the engine stop, and waits for it.
func (t *target) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := errors.Join(t.orders.Encode(order{Do: doStop}), t.in.Close())
	if ended := t.cmd.Wait(); ended != nil {
		return fmt.Errorf("the engine's end: %w", ended)
	}
	return err
}

// state is a look at the engine's process.
type state struct {
	anon, cache int64 // bytes
	files       int   // descriptors
	goroutines  int
	threads     int
	torrents    int
	peers       int
}

func (t *target) look() (state, error) {
	pid := t.cmd.Process.Pid
	used, err := usage.Of(os.DirFS("/proc"), []int{pid})
	if err != nil {
		return state{}, err
	}
	files, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		return state{}, err
	}
	a, err := t.ask(order{Do: doLook})
	return state{
		anon: used.Anon, cache: a.Cache, files: len(files), goroutines: a.Goroutines,
		threads: used.Threads, torrents: a.Torrents, peers: a.Peers,
	}, err
}
