package reactor

import (
	"bytes"
	"slices"

	"spate/reactor/catalog"
)

// FolderStats are the figures of the torrents of folders: of all that have not
// ended where they are limit at most, otherwise of those that are more than a
// row. It reads files.
func (e *Engine) FolderStats(limit int) []TorrentStats {
	e.mu.RLock()
	table := &e.control.table
	all := table.Len() <= limit
	var rows []catalog.Row
	var stats []TorrentStats
	if all {
		for i := range table.Rows() {
			row := table.At(catalog.ID(i))
			if row.State() != catalog.Gone && e.byHash[row.Hash] == nil {
				rows = append(rows, *row)
			}
		}
	}
	for _, t := range e.byHash {
		if t.folder != nil {
			stats = append(stats, t.Stats())
		}
	}
	e.mu.RUnlock()
	for i := range rows {
		stats = append(stats, e.rowStats(&rows[i]))
	}
	slices.SortFunc(stats, func(a, b TorrentStats) int { return bytes.Compare(a.InfoHash[:], b.InfoHash[:]) })
	return stats
}

// rowStats are the figures of a row without a torrent.
func (e *Engine) rowStats(row *catalog.Row) TorrentStats {
	s := TorrentStats{
		InfoHash: row.Hash, State: StateSeeding, Length: row.Length, Done: row.Length,
		Uploaded: row.Uploaded, Downloaded: row.Downloaded,
	}
	if row.State() == catalog.Checking {
		s.State, s.Done = StateChecking, 0
	}
	e.mu.RLock()
	f := e.control.folders[row.Folder]
	e.mu.RUnlock()
	if row.Place.Len > 0 {
		if rec, err := f.record(row.Place, nil); err == nil {
			s.Name = rec.Name
		}
	}
	return s
}
