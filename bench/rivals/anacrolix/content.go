package main

import (
	"fmt"
	"slices"

	"github.com/anacrolix/generics"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

// torrents reads the files of a task.
func torrents(t task) ([]*metainfo.MetaInfo, error) {
	all := make([]*metainfo.MetaInfo, len(t.torrents))
	for i, name := range t.torrents {
		meta, err := metainfo.LoadFromFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[i] = meta
	}
	return all, nil
}

// contents is the library's file storage, with its record of complete pieces in
// the state folder.
//
// Files are kept under their own names from the start. With the library's
// ".part" names it would take any file of the right size for complete without
// reading it, while the other clients verify what they are given.
//
// They are mapped, which is the default and the fastest of the library's
// storages, unless one of them is empty: mapping that fails, and with it the
// download of the piece around it.
func contents(t task, all []*metainfo.MetaInfo) (storage.ClientImplCloser, error) {
	empty := false
	for _, meta := range all {
		info, err := meta.UnmarshalInfo()
		if err != nil {
			return nil, err
		}
		empty = empty || slices.ContainsFunc(info.UpvertedFiles(),
			func(f metainfo.FileInfo) bool { return f.Length == 0 })
	}
	record, err := storage.NewDefaultPieceCompletionForDir(t.state)
	if err != nil {
		return nil, err
	}
	return storage.NewFileOpts(storage.NewFileClientOpts{
		ClientBaseDir:   t.data,
		PieceCompletion: record,
		UsePartFiles:    generics.Some(false),
		DisableMmap:     empty,
		Logger:          errorsOnly(),
	}), nil
}
