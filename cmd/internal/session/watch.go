package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
	"spate/cmd/internal/events"
	"spate/cmd/internal/progress"
	"spate/cmd/internal/safetext"
	"spate/proto/metainfo"
	"spate/reactor"
)

// onEvent tells an engine's event to whoever watches.
func (s *session) onEvent(e reactor.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case reactor.EventListening:
		s.event(e.Time, e.InfoHash, events.Listening{Addr: e.Addr})
		s.o.Display.Note("listening on " + e.Addr)
	case reactor.EventAdded:
		if e.Source != "" && s.few() {
			s.labels[e.InfoHash] = e.Source
		}
		s.event(e.Time, e.InfoHash, events.Added{Name: e.Name, Length: e.Length, Pieces: e.Pieces, PieceLength: e.PieceLength})
		s.note(e.InfoHash, "%s, %s in %s", e.Name, config.FormatBytes(float64(e.Length)), config.Count(e.Pieces, "piece"))
	case reactor.EventChecked:
		s.event(e.Time, e.InfoHash, events.Checked{Have: e.Have, Pieces: e.Pieces})
		s.note(e.InfoHash, "%d of %d pieces are there", e.Have, e.Pieces)
	case reactor.EventComplete:
		s.event(e.Time, e.InfoHash, events.Complete{Seconds: e.Seconds, Downloaded: e.Downloaded})
		s.note(e.InfoHash, "complete: %s in %.1f s", config.FormatBytes(float64(e.Downloaded)), e.Seconds)
	case reactor.EventTracker:
		s.tracker(e)
	case reactor.EventError:
		s.failAt(e.Time, e.InfoHash, e.Source, e.Err)
	case reactor.EventStopped:
		s.event(e.Time, e.InfoHash, events.Stopped{Downloaded: e.Downloaded, Uploaded: e.Uploaded})
	}
	select {
	case s.wake <- struct{}{}:
	default: // Run is about to look anyway
	}
}

// tracker tells an answer; the same error of the same tracker is noted once.
func (s *session) tracker(e reactor.Event) {
	url := safetext.URL(e.URL)
	if !s.few() {
		t := events.Tracker{URL: url}
		if e.Err != nil {
			t.Error = safetext.Line(e.Err.Error())
		} else {
			t.Peers = &e.Peers
		}
		s.event(e.Time, e.InfoHash, t)
		return
	}
	key := trackerOf{e.InfoHash, e.URL}
	was := s.silent[key]
	if e.Err == nil {
		delete(s.silent, key)
		s.event(e.Time, e.InfoHash, events.Tracker{URL: url, Peers: &e.Peers})
		return
	}
	text := safetext.Line(e.Err.Error())
	s.event(e.Time, e.InfoHash, events.Tracker{URL: url, Error: text})
	if s.silent[key] = text; text != was {
		s.note(e.InfoHash, "%s: %s", url, text)
	}
}

// fail tells an error, with the input it is about. That a stop cut something
// short is no error.
func (s *session) fail(at time.Time, hash metainfo.Hash, err error) {
	s.failAt(at, hash, "", err)
}

// failAt is fail for a torrent whose .torrent lies at source, where that is not
// one of Options.Sources.
func (s *session) failAt(at time.Time, hash metainfo.Hash, source string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	err = errtext.Named(err)
	s.event(at, hash, events.Error{Message: safetext.Line(err.Error())})
	if source != "" {
		err = fmt.Errorf("%s: %w", source, err)
	} else if label, known := s.labels[hash]; known {
		s.told[hash] = true
		err = fmt.Errorf("%s: %w", label, err)
	}
	s.o.Report(err)
}

func (s *session) event(at time.Time, hash metainfo.Hash, e events.Event) {
	if s.o.Events != nil {
		s.o.Events.Write(at, hash, e)
	}
}

// note tells people about one torrent, unless there are too many.
func (s *session) note(hash metainfo.Hash, format string, args ...any) {
	if s.few() {
		s.o.Display.Note(s.labels[hash] + ": " + fmt.Sprintf(format, args...))
	}
}

// show puts every torrent on the display.
func (s *session) show(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = s.rows[:0]
	if len(s.folders) > 0 && !s.few() {
		s.rows = append(s.rows, s.crowd())
	} else {
		for _, stats := range s.stats(progress.MaxRows) {
			s.rows = append(s.rows, row(stats))
		}
	}
	s.o.Display.Show(now, s.rows)
}

// progress tells how far every torrent is that has not ended, see maxProgress.
func (s *session) progress(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stats := range s.stats(maxProgress) {
		if stats.State != reactor.StateFailed && stats.State != reactor.StateStopped {
			s.event(now, stats.InfoHash, events.Progress{
				Done: stats.Done, Length: stats.Length,
				DownRate: stats.DownRate, UpRate: stats.UpRate,
				Downloaded: stats.Downloaded, Uploaded: stats.Uploaded, Peers: stats.Peers,
			})
		}
	}
}

// crowd is all torrents as the display has them in one row.
func (s *session) crowd() progress.Row {
	stats := s.engine.Stats()
	r := progress.Row{Name: fmt.Sprintf("%d torrents", stats.Torrents), Peers: stats.Peers}
	for _, t := range s.stats(0) { // others send nothing
		r.Up += t.UpRate
		r.Down += t.DownRate
	}
	switch stats.Torrents {
	case stats.States[reactor.StateSeeding]:
		r.State = reactor.StateSeeding.String()
	case stats.States[reactor.StateChecking]:
		r.State = reactor.StateChecking.String()
	}
	return r
}

// row is a torrent as the display has it. That it downloads goes without
// saying.
func row(s reactor.TorrentStats) progress.Row {
	r := progress.Row{
		Name: s.Name, State: s.State.String(), Done: s.Done, Length: s.Length,
		Down: s.DownRate, Up: s.UpRate, Peers: s.Peers,
	}
	if s.State == reactor.StateDownloading {
		r.State = ""
	}
	return r
}
