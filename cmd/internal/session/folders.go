package session

import (
	"errors"
	"fmt"

	"spate/cmd/internal/metrics"
	"spate/cmd/internal/progress"
	"spate/reactor"
)

// maxProgress is how many torrents tell their progress each second whatever they
// do. Of more, those of folders tell it only while they have peers, and for a
// while afterwards: a hundred thousand that nobody wants anything of are silent.
const maxProgress = 1000

// addFolders adds what was found in folders.
func (s *session) addFolders(add reactor.AddOptions) error {
	for _, f := range s.o.Folders {
		folder, err := s.engine.AddFolder(reactor.FolderOptions{
			Path: f.Path, Names: f.Names, Load: s.o.Load, Refuse: s.leaveOut, AddOptions: add,
		})
		if err != nil {
			return err
		}
		s.folders = append(s.folders, folder)
	}
	return nil
}

// leaveOut tells of a file of a folder that is not served.
func (s *session) leaveOut(path string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if twin := (*reactor.ErrExists)(nil); errors.As(err, &twin) {
		if label := s.labels[twin.Hash]; twin.As == "" && label != "" {
			twin.As = label
		}
		err = fmt.Errorf("%s: %w", path, twin)
	}
	s.o.Report(err)
}

// foldersFailed tells whether a torrent was refused or failed in a folder, or
// whether there was none to begin with.
func (s *session) foldersFailed() bool {
	for _, f := range s.folders {
		if f.Failed() > 0 {
			return true
		}
	}
	if s.refused > 0 {
		return true
	}
	total := 0
	for _, n := range s.engine.Stats().States {
		total += n
	}
	return len(s.folders) > 0 && total == 0
}

// few tells whether there are so few torrents that people are told of each.
func (s *session) few() bool {
	n := len(s.o.Sources)
	for _, f := range s.o.Folders {
		n += len(f.Names)
	}
	return n <= progress.MaxRows
}

// stats are the figures of the torrents that are told one by one, and whether
// those are all.
func (s *session) stats(limit int) []reactor.TorrentStats {
	var all []reactor.TorrentStats
	for _, t := range s.torrents {
		all = append(all, t.Stats())
	}
	if len(s.folders) > 0 {
		all = append(all, s.engine.FolderStats(limit)...)
	}
	return all
}

// Stats and TorrentStats make a session a metrics.Source.
func (s *session) Stats() reactor.Stats { return s.engine.Stats() }

// TorrentStats are the figures of every torrent, nil where there are too many.
func (s *session) TorrentStats() []reactor.TorrentStats {
	if s.engine.Stats().Torrents > metrics.MaxTorrents {
		return nil
	}
	return s.stats(metrics.MaxTorrents)
}
