package reactor_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spate/disk/resume"
	"spate/reactor"
)

const restFast = 20 * time.Millisecond

// TestRowsWakeAndRest: torrents of a folder are served when they are asked for,
// all at once, and are rows again afterwards.
func TestRowsWakeAndRest(t *testing.T) {
	const n = 100
	s := newShelf(t, n)
	e, _ := s.serve(reactor.Config{RestAfter: restFast}, reactor.AddOptions{})
	s.await(reactor.EventChecked, n)
	piece := int64(shelfSize - 16384)
	for round := int64(1); round <= 2; round++ {
		s.all(e)
		eventually(t, "all rest", func() bool { return e.Stats().Awake == 0 })
		stats := e.Stats()
		if stats.Torrents != n || stats.States[reactor.StateSeeding] != n || stats.Uploaded != round*n*piece {
			t.Errorf("%d torrents, states %v, %d bytes sent, want %d", stats.Torrents, stats.States, stats.Uploaded, round*n*piece)
		}
		for _, row := range e.FolderStats(n) {
			if row.Uploaded != round*piece || row.Done != shelfSize || row.Name == "" {
				t.Fatalf("%+v", row)
			}
		}
	}
	if some := e.FolderStats(n - 1); len(some) != 0 {
		t.Errorf("%d of more than were asked for", len(some))
	}
	stop(t, e)
	s.await(reactor.EventStopped, n)
}

// TestRowsAfterRestart: what is known is neither read nor parsed before it is
// asked for, and its totals go on.
func TestRowsAfterRestart(t *testing.T) {
	const n = 20
	s := newShelf(t, n)
	e, _ := s.serve(reactor.Config{}, reactor.AddOptions{})
	s.await(reactor.EventChecked, n)
	stop(t, e)
	e, _ = s.serve(reactor.Config{}, reactor.AddOptions{})
	s.await(reactor.EventChecked, n)
	s.mu.Lock()
	loads := len(s.loads)
	s.mu.Unlock()
	if loads != 0 {
		t.Errorf("%d .torrents were read at the second start", loads)
	}
	s.all(e)
	if errs := s.errors(); len(errs) > 0 {
		t.Error(errs)
	}
}

// touch changes a file's time, and flips a byte of it where damage is set.
func (s *shelf) touch(i int, damage bool) {
	s.Helper()
	data := shelfBytes(i)
	if damage {
		data[16384] ^= 1
	}
	at := time.Now().Add(time.Hour)
	s.must(os.WriteFile(s.file(i), data, 0o644), os.Chtimes(s.file(i), at, at))
}

// TestRowsChangedBetweenRuns: content that was touched is checked again, what is
// damaged or gone is told and left out, and so is a .torrent that is another one.
func TestRowsChangedBetweenRuns(t *testing.T) {
	const n = 6
	s := newShelf(t, n)
	e, _ := s.serve(reactor.Config{}, reactor.AddOptions{})
	s.await(reactor.EventChecked, n)
	stop(t, e)
	s.touch(0, false)
	s.touch(1, true)
	s.must(os.Remove(s.file(2)))
	s.put(s.names[3], n) // in place of torrent 3
	s.names = s.names[:n]
	s.must(os.WriteFile(filepath.Join(s.torrents, s.names[4]), []byte("nonsense"), 0o644))
	e, f := s.serve(reactor.Config{}, reactor.AddOptions{})
	s.await(reactor.EventError, 2)
	eventually(t, "two failed", func() bool { return f.Failed() == 2 })
	s.await(reactor.EventAdded, n-1)
	s.await(reactor.EventChecked, n-1)
	want := "001.torrent: content is not complete: 1 of 2 pieces\n002.torrent: content is not complete: 0 of 2 pieces"
	errs := s.errors()
	if got := strings.Join(errs, "\n"); got != want && strings.Join([]string{errs[1], errs[0]}, "\n") != want {
		t.Errorf("errors\n%s\nwant\n%s", got, want)
	}
	check := func(i int, want bool) {
		t.Helper()
		if got := s.try(e, i); got != want {
			t.Errorf("torrent %d is served: %v, want %v", i, got, want)
		}
	}
	check(0, true)
	check(1, false)
	check(2, false)
	check(3, false)
	check(4, false)
	check(5, true)
	check(6, true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refused) != 1 || s.refused[s.names[4]] == nil {
		t.Errorf("refused %v", s.refused)
	}
}

// TestRowsChangedWhileTheyRest: the same, found when they are asked for.
func TestRowsChangedWhileTheyRest(t *testing.T) {
	s := newShelf(t, 5)
	e, f := s.serve(reactor.Config{}, reactor.AddOptions{})
	s.await(reactor.EventChecked, 5)
	eventually(t, "all rest", func() bool { return e.Stats().States[reactor.StateSeeding] == 5 })
	s.touch(0, false)
	s.touch(1, true)
	s.must(os.Remove(s.file(2)))
	s.must(os.Remove(filepath.Join(s.torrents, s.names[3])))
	if s.try(e, 0) {
		t.Error("content that was touched was served before it was checked")
	}
	eventually(t, "it is served after its check", func() bool { return s.try(e, 0) })
	for i := 1; i < 4; i++ {
		if s.try(e, i) {
			t.Errorf("torrent %d is served", i)
		}
	}
	eventually(t, "three failed", func() bool { return f.Failed() == 3 })
	if !s.try(e, 4) {
		t.Error("an unchanged torrent is not served")
	}
	if states := e.Stats().States; states[reactor.StateFailed] != 3 || states[reactor.StateSeeding] != 2 {
		t.Errorf("states %v", states)
	}
}

// TestRowsNoCheck: content that is trusted is served; what is not there is not.
func TestRowsNoCheck(t *testing.T) {
	s := newShelf(t, 3)
	e, _ := s.serve(reactor.Config{}, reactor.AddOptions{NoCheck: true})
	eventually(t, "all seed", func() bool { return e.Stats().States[reactor.StateSeeding] == 3 })
	s.all(e)
	stop(t, e)
	if n := s.count(reactor.EventChecked); n != 0 {
		t.Errorf("%d were checked", n)
	}
	// Without it, what was only trusted before is checked.
	s.must(os.Chtimes(s.file(0), time.Unix(1e9, 0), time.Unix(1e9, 0)))
	_, _ = s.serve(reactor.Config{}, reactor.AddOptions{})
	s.await(reactor.EventChecked, 3)
}

// TestRowsInDoubt: nothing of a damaged piece is served of content that was only
// trusted, and everything of the others is.
func TestRowsInDoubt(t *testing.T) {
	s := newShelf(t, 2)
	s.touch(1, true)
	e, _ := s.serve(reactor.Config{}, reactor.AddOptions{NoCheck: true})
	eventually(t, "both seed", func() bool { return e.Stats().States[reactor.StateSeeding] == 2 })
	for range 2 { // the second time without being verified
		if !s.try(e, 0) {
			t.Error("good content is not served")
		}
	}
	if s.try(e, 1) {
		t.Error("a damaged piece was served")
	}
	s.await(reactor.EventError, 1)
	if want := "001.torrent: " + s.file(1) + ": piece 1: content does not have its hash"; s.errors()[0] != want {
		t.Errorf("error %q, want %q", s.errors()[0], want)
	}
}

// TestRowsBadJournal: a journal that is damaged or none costs a check, and
// nothing else.
func TestRowsBadJournal(t *testing.T) {
	const n = 10
	s := newShelf(t, n)
	again := func(complaints int) {
		t.Helper()
		e, _ := s.serve(reactor.Config{}, reactor.AddOptions{})
		s.await(reactor.EventChecked, n)
		s.all(e)
		stop(t, e)
		if errs := s.errors(); len(errs) != complaints {
			t.Errorf("errors %v, want %d", errs, complaints)
		}
	}
	again(0)
	journals, err := filepath.Glob(filepath.Join(s.state, "*.rows"))
	if err != nil || len(journals) != 1 {
		t.Fatal(journals, err)
	}
	text, err := os.ReadFile(journals[0])
	s.must(err)
	s.must(os.WriteFile(journals[0], text[:len(text)/2], 0o600))
	again(0)
	s.must(os.WriteFile(journals[0], bytes.Repeat([]byte("no"), 1000), 0o600))
	again(1)
	s.must(os.WriteFile(journals[0], nil, 0o600))
	again(0)
}

// TestRowsOnce: the same torrent is served once, in an engine and from a data
// folder.
func TestRowsOnce(t *testing.T) {
	s := newShelf(t, 3)
	s.put("twin.torrent", 1)
	s.metas = s.metas[:3]
	e, f := s.serve(reactor.Config{}, reactor.AddOptions{})
	s.await(reactor.EventChecked, 3)
	eventually(t, "the twin is refused", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.refused) == 1
	})
	for name, err := range s.refused {
		twin := (*reactor.ErrExists)(nil)
		if !errors.As(err, &twin) || twin.As == "" || filepath.Base(twin.As) == name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := e.Add(s.metas[0], reactor.AddOptions{Dir: s.data}); err == nil {
		t.Error("a row was added again")
	}
	other := start(t, reactor.Config{StateDir: s.state})
	locked := (*resume.LockedError)(nil)
	if _, err := other.Add(s.metas[0], reactor.AddOptions{Dir: s.data}); !errors.As(err, &locked) {
		t.Errorf("added elsewhere: %v", err)
	}
	second, err := other.AddFolder(reactor.FolderOptions{
		Path: s.torrents, Names: s.names[:3], Load: s.load, Refuse: func(path string, err error) { t.Error(path, err) },
		AddOptions: reactor.AddOptions{Dir: s.data},
	})
	s.must(err)
	<-second.Done()
	if second.Failed() != 3 {
		t.Errorf("%d of 3 were refused", second.Failed())
	}
	select {
	case <-f.Done():
		t.Error("the folder is done")
	default:
	}
	// A torrent that the engine has by itself is left out of a folder.
	stop(t, other)
	stop(t, e)
	e = start(t, reactor.Config{StateDir: s.state})
	_, err = e.Add(s.metas[0], reactor.AddOptions{Dir: s.data, SeedOnly: true})
	s.must(err)
	refused := make(chan error, 9)
	_, err = e.AddFolder(reactor.FolderOptions{
		Path: s.torrents, Names: s.names[:3], Load: s.load, Refuse: func(_ string, err error) { refused <- err },
		AddOptions: reactor.AddOptions{Dir: s.data},
	})
	s.must(err)
	if twin := (*reactor.ErrExists)(nil); !errors.As(<-refused, &twin) || twin.Hash != s.metas[0].InfoHash {
		t.Error(twin)
	}
}

// TestRowsGoals: a ratio and a seeding time end rows, and the folder with the
// last of them.
func TestRowsGoals(t *testing.T) {
	s := newShelf(t, 3)
	e, f := s.serve(reactor.Config{}, reactor.AddOptions{Ratio: 0.3})
	s.await(reactor.EventChecked, 3)
	piece := float64(shelfSize - 16384)
	for sent := 0.0; sent < 0.3*shelfSize; sent += piece {
		s.all(e)
	}
	<-f.Done()
	s.await(reactor.EventStopped, 3)
	if f.Failed() != 0 || e.Stats().Torrents != 0 || e.Stats().States[reactor.StateStopped] != 3 {
		t.Errorf("%d failed, %+v", f.Failed(), e.Stats().States)
	}
	stop(t, e)

	_, f = s.serve(reactor.Config{}, reactor.AddOptions{SeedTime: time.Millisecond})
	<-f.Done()
	s.await(reactor.EventStopped, 3)
}

// TestRowsNeedState: a folder without a state folder is refused.
func TestRowsNeedState(t *testing.T) {
	e, err := reactor.New(reactor.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, e)
	if _, err := e.AddFolder(reactor.FolderOptions{}); !errors.Is(err, reactor.ErrNoState) {
		t.Error(err)
	}
}
