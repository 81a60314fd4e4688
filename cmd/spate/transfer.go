package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"spate/cmd/internal/config"
	"spate/cmd/internal/events"
	"spate/cmd/internal/logging"
	"spate/cmd/internal/safetext"
	"spate/cmd/internal/session"
	"spate/cmd/internal/source"
	"spate/proto/metainfo"
)

// transfer is what get and seed do with their configuration.
func (a *app) transfer(ctx context.Context, conf config.Transfer, get bool, args []string) error {
	if err := conf.Check(); err != nil {
		return usage(err)
	}
	sources, folders, err := a.sources(ctx, conf, get, args)
	if err != nil {
		return err
	}
	show := a.display(conf.Quiet, conf.JSON)
	defer show.Close()
	// Lines on stderr would tear bars that are drawn on the same terminal.
	if a.terminal && a.errTerminal {
		plain := a.stderr
		a.stderr = show
		defer func() { a.stderr = plain }()
	}
	logger, closeLog, err := logging.New(conf.Log, a.stderr)
	if err != nil {
		return err
	}
	defer closeLog()
	o := session.Options{
		Config: conf, Get: get, Sources: sources, Folders: folders, Version: version,
		Logger: logger, Display: show, Start: session.Real,
		Report: func(err error) { a.report(err) },
		Load:   func(path string) (*metainfo.Torrent, error) { return source.Load(ctx, path) },
	}
	if conf.JSON {
		o.Events = events.NewWriter(a.stdout)
	}
	switch err := session.Run(ctx, o); {
	case errors.Is(err, session.ErrReported):
		return &exit{code: codeFailed}
	case errors.Is(err, session.ErrTimeout):
		return &exit{codeGaveUp, err}
	default:
		return err
	}
}

// sources loads what the arguments name, but for folders, whose torrents are
// loaded when they are needed. What cannot be loaded ends the command before
// anything has begun; one that was only found in a folder is reported and left
// out.
func (a *app) sources(ctx context.Context, conf config.Transfer, get bool, args []string) ([]session.Source, []source.Folder, error) {
	single := args
	var folders []source.Folder
	if !get {
		var err error
		if single, folders, err = source.Expand(args); err != nil {
			return nil, nil, err
		}
	}
	names := make([]named, 0, len(single))
	for _, arg := range single {
		names = append(names, named{arg: arg})
	}
	if len(conf.Peers) > 0 {
		// Every torrent is to connect to these peers, and so none can rest.
		for _, f := range folders {
			for _, name := range f.Names {
				names = append(names, named{filepath.Join(f.Path, filepath.FromSlash(name)), true})
			}
		}
		folders = nil
	}
	all, err := a.load(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	if len(all)+len(folders) == 0 {
		return nil, nil, &exit{code: codeFailed} // each one was reported
	}
	return all, folders, nil
}

// named is a source and how it came to be one.
type named struct {
	arg   string
	found bool // in a folder that was named, not by itself
}

// load loads torrents, each once.
func (a *app) load(ctx context.Context, names []named) ([]session.Source, error) {
	var all []session.Source
	first := map[metainfo.Hash]string{}
	for _, name := range names {
		t, err := source.Load(ctx, name.arg)
		label := safetext.Source(name.arg)
		if err == nil {
			if twin, twice := first[t.InfoHash]; twice {
				err = usage(fmt.Errorf("%s: the same torrent as %s", label, twin))
			}
		}
		switch {
		case err == nil:
			first[t.InfoHash] = label
			all = append(all, session.Source{Label: label, Meta: t})
		case name.found && ctx.Err() == nil:
			a.report(err)
		default:
			return nil, err
		}
	}
	return all, nil
}
