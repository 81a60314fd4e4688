package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"spate/cmd/internal/source"
	"spate/proto/metainfo"
	"spate/reactor"
)

// newFolderRun prepares a seed of a folder of n torrents.
func newFolderRun(t *testing.T, n int) *run {
	t.Helper()
	r := newRun(t)
	r.Get = false
	folder := source.Folder{Path: "d"}
	for i := range n {
		folder.Names = append(folder.Names, fmt.Sprintf("%d.torrent", i))
		r.engine.rows = append(r.engine.rows, reactor.TorrentStats{
			InfoHash: metainfo.Hash{byte(i), byte(i >> 8), 1}, State: reactor.StateSeeding, Length: 100, Done: 100,
		})
	}
	r.Folders = []source.Folder{folder}
	return r
}

// TestFolderProgress: up to maxProgress torrents tell it each second, more of
// them only where the engine has something to tell.
func TestFolderProgress(t *testing.T) {
	check := func(torrents, want int) {
		t.Helper()
		r := newFolderRun(t, torrents)
		err := scene(t, r, func(context.CancelCauseFunc) {
			time.Sleep(1500 * time.Millisecond)
			close(r.engine.folders[0].done)
			r.engine.conf.OnEvent(reactor.Event{Kind: reactor.EventStopped})
		})
		lines := 0
		for _, line := range r.json.text {
			if strings.Contains(line, `"progress"`) {
				lines++
			}
		}
		if err != nil || lines != want {
			t.Errorf("%d torrents: %d lines of progress, want %d; %v", torrents, lines, want, err)
		}
	}
	check(3, 3)
	check(maxProgress, maxProgress)
	check(maxProgress+1, 0)
}

// TestFolderOutcome: a run of a folder ends with it, and fails with any of its
// torrents or when there was none.
func TestFolderOutcome(t *testing.T) {
	check := func(torrents, failed int, want error) {
		t.Helper()
		r := newFolderRun(t, 1)
		r.engine.rows = r.engine.rows[:torrents]
		err := scene(t, r, func(context.CancelCauseFunc) {
			f := r.engine.folders[0]
			f.failed = failed
			close(f.done)
			r.engine.conf.OnEvent(reactor.Event{Kind: reactor.EventStopped})
		})
		if !errors.Is(err, want) || err != nil && want == nil {
			t.Errorf("%d torrents, %d failed: %v, want %v", torrents, failed, err, want)
		}
	}
	check(1, 0, nil)
	check(1, 1, ErrReported)
	check(0, 0, ErrReported)
}

// TestFolderErrors: each error names the .torrent it is about.
func TestFolderErrors(t *testing.T) {
	r := newFolderRun(t, 2)
	hash := metainfo.Hash{0, 0, 1}
	err := scene(t, r, func(context.CancelCauseFunc) {
		f := r.engine.folders[0]
		f.o.Refuse("d/x.torrent", errors.New("d/x.torrent: not a torrent"))
		f.o.Refuse("d/y.torrent", &reactor.ErrExists{Hash: hash, As: "d/0.torrent"})
		r.engine.conf.OnEvent(reactor.Event{Kind: reactor.EventAdded, InfoHash: hash, Source: "d/0.torrent", Name: "n", Length: 1, Pieces: 1})
		r.engine.conf.OnEvent(reactor.Event{Kind: reactor.EventError, InfoHash: hash, Source: "d/0.torrent", Err: errors.New("gone")})
		close(f.done)
		r.engine.conf.OnEvent(reactor.Event{Kind: reactor.EventStopped})
	})
	if err != nil {
		t.Error(err)
	}
	r.errs.equal(t, "d/x.torrent: not a torrent", "d/y.torrent: the same torrent as d/0.torrent", "d/0.torrent: gone")
	if len(r.out.text) == 0 || r.out.text[0] != "d/0.torrent: n, 1 B in 1 piece" {
		t.Errorf("notes %q", r.out.text)
	}
}
