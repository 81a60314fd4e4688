package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"spate/proto/metainfo"
	"spate/reactor"
)

// order is a line to the engine's process.
type order struct {
	Do string `json:"do"`
	// Torrent is a .torrent, and Folder where its content lies or goes to.
	Torrent string `json:"torrent,omitempty"`
	Folder  string `json:"folder,omitempty"`
}

// What an order can be for.
const (
	doAdd    = "add"
	doRemove = "remove"
	doLook   = "look"
	doStop   = "stop"
)

// answer is a line from it.
type answer struct {
	Error      string `json:"error,omitempty"`
	Port       uint16 `json:"port,omitempty"`
	Goroutines int    `json:"goroutines,omitempty"`
	Torrents   int    `json:"torrents,omitempty"`
	Peers      int    `json:"peers,omitempty"`
	// Cache is what hot pieces take in memory, in bytes.
	Cache int64 `json:"cache,omitempty"`
}

const (
	// addPatience is for how long an add is tried again: the files of a torrent
	// that was just removed are still being closed.
	addPatience = 5 * time.Second
	// stopPatience bounds the engine's end.
	stopPatience = 20 * time.Second
	// lookAgain is the time between two looks at whether something has come.
	lookAgain = 10 * time.Millisecond
)

// Serve is the engine's process: it keeps its state in a folder, follows orders
// from in, answers each on out, and returns after the order to stop or when in
// ends.
func Serve(in io.Reader, out io.Writer, state string) error {
	e, err := reactor.New(reactor.Config{Listen: "127.0.0.1:0", StateDir: state, WireCache: -1})
	if err != nil {
		return err
	}
	s := &server{engine: e, torrents: map[string]*reactor.Torrent{}}
	orders, answers := json.NewDecoder(in), json.NewEncoder(out)
	for err == nil {
		var o order
		if err = orders.Decode(&o); err != nil || o.Do == doStop {
			break
		}
		a, failed := s.follow(o)
		if failed != nil {
			a.Error = failed.Error()
		}
		err = answers.Encode(a)
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	return e.Stop(ctx)
}

// server is an engine that follows orders.
type server struct {
	engine   *reactor.Engine
	torrents map[string]*reactor.Torrent // by path of the .torrent
}

func (s *server) follow(o order) (answer, error) {
	switch o.Do {
	case doAdd:
		return answer{}, s.add(o)
	case doRemove:
		t := s.torrents[o.Torrent]
		if t == nil {
			return answer{}, fmt.Errorf("%s is not there", o.Torrent)
		}
		delete(s.torrents, o.Torrent)
		s.engine.Remove(t)
		<-t.Done()
		return answer{}, nil
	case doLook:
		stats := s.engine.Stats()
		return answer{
			Port: s.engine.Port(), Goroutines: runtime.NumGoroutine(),
			Torrents: stats.Torrents, Peers: stats.Peers, Cache: stats.WireCache.Bytes,
		}, nil
	}
	return answer{}, fmt.Errorf("no such order: %q", o.Do)
}

// add adds a torrent and returns once it takes peers.
func (s *server) add(o order) error {
	text, err := os.ReadFile(o.Torrent)
	if err != nil {
		return err
	}
	meta, err := metainfo.Parse(text)
	if err != nil {
		return err
	}
	var t *reactor.Torrent
	for end := time.Now().Add(addPatience); ; time.Sleep(lookAgain) {
		if t, err = s.engine.Add(meta, reactor.AddOptions{Dir: o.Folder}); err == nil || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		return err
	}
	s.torrents[o.Torrent] = t
	for t.Stats().State == reactor.StateChecking {
		time.Sleep(lookAgain)
	}
	return t.Err()
}
