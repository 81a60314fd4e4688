package scenario

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
	"spate/proto/metainfo"
)

// createBytes makes pieces of a length that all creators take.
const createBytes = 40<<20 + 3

// maker is a Creator that writes what it is told.
type maker struct {
	name   string
	absent error
	fails  error
	text   []byte
}

func (m maker) Name() string           { return m.name }
func (m maker) Available() error       { return m.absent }
func (maker) Version() (string, error) { return "1", nil }
func (m maker) Create(_ context.Context, w clients.Making) (clients.Cost, error) {
	if m.fails != nil {
		return clients.Cost{}, m.fails
	}
	return clients.Cost{Took: 2 * time.Second, User: time.Second, System: time.Second / 2}, os.WriteFile(w.Output, m.text, 0o644)
}

func TestCreate(t *testing.T) {
	e := newEnv(t, Options{})
	s := &Create{Bytes: createBytes, Place: Tmpfs, Creators: clients.Creators(program(t))}
	for _, c := range s.Clients(nil) {
		if why := s.Skip(c); why != "" {
			t.Logf("%s: %s", c.Name(), why)
			continue
		}
		all := measure(t, e, s, c)
		if len(all) != 1 || all[0].Setting.Bytes != createBytes {
			t.Fatalf("%+v", all)
		}
		positive(t, all[0], "took_s", "mb_per_s", "cpu_s", "mb_per_cpu_s")
	}
}

func TestCreateReadsBack(t *testing.T) {
	e := newEnv(t, Options{})
	s := &Create{Bytes: createBytes, Place: Disk}
	if err := s.Prepare(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	good, err := s.content.Meta.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	// rebuilt is a torrent of the content with one thing changed.
	rebuilt := func(change func(*metainfo.Builder)) []byte {
		info := s.content.Meta.Info
		b := metainfo.Builder{Name: info.Name, Files: info.Files, PieceLength: info.PieceLength}
		for i := range info.NumPieces() {
			hash := info.PieceHash(i)
			b.Pieces = append(b.Pieces, hash[:]...)
		}
		change(&b)
		meta, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		text, err := meta.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	check := func(m maker, want string) {
		t.Helper()
		s.Measure(t.Context(), e, tool{m}, 1, func(r result.Result) {
			if r.Error != want && (want == "" || !strings.Contains(r.Error, want)) {
				t.Errorf("got %q, want %q", r.Error, want)
			}
			if want == "" && (r.Figures["took_s"] != 2 || r.Figures["cpu_s"] != 1.5 || r.Figures["mb_per_s"] != createBytes/2e6) {
				t.Errorf("%v", r.Figures)
			}
		})
	}
	check(maker{text: good}, "")
	check(maker{text: rebuilt(func(*metainfo.Builder) {})}, "")
	check(maker{text: rebuilt(func(b *metainfo.Builder) { b.Pieces[len(b.Pieces)-1] ^= 1 })}, errMade.Error())
	check(maker{text: rebuilt(func(b *metainfo.Builder) {
		b.PieceLength *= 2
		b.Pieces = b.Pieces[:(len(b.Pieces)/20+1)/2*20]
	})}, errMade.Error())
	check(maker{text: good[:len(good)-1]}, "ends where a value is due")
	check(maker{fails: errors.New("no wish to")}, "no wish to")
	// The reference makes no torrent.
	check(maker{name: clients.OpenSSL, text: []byte("SHA1")}, "")
}

func TestCreateIsOfTools(t *testing.T) {
	s := &Create{Bytes: createBytes, Place: Tmpfs, Creators: []clients.Creator{maker{name: "a"}, maker{name: "b", absent: errors.New("gone")}}}
	cast := s.Clients([]clients.Client{nowhere{}})
	if len(cast) != 2 || cast[0].Name() != "a" || cast[1].Name() != "b" {
		t.Fatalf("%v", cast)
	}
	check := func(c clients.Client, want string) {
		t.Helper()
		if got := s.Skip(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check(nowhere{}, "makes no torrents")
	check(cast[0], "")
	check(cast[1], "cannot run: gone")
	if _, err := cast[0].Start(clients.Task{}); !errors.Is(err, errNoClient) {
		t.Errorf("got %v", err)
	}
	for _, r := range measure(t, newEnv(t, Options{}), s, nowhere{}) {
		if r.Error != errNoClient.Error() {
			t.Errorf("got %q", r.Error)
		}
	}
}

func TestInterruptedToolsAreNoResults(t *testing.T) {
	e := newEnv(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range []Scenario{&Check{Bytes: testBytes, Place: Tmpfs}, &Create{Bytes: testBytes, Place: Tmpfs}, &Torrents{Counts: []int{2}}} {
		if err := s.Prepare(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		s.Measure(ctx, e, tool{maker{}}, 1, func(r result.Result) { t.Errorf("got %+v", r) })
		s.Measure(ctx, e, clients.Spate("false"), 1, func(r result.Result) { t.Errorf("got %+v", r) })
	}
}
