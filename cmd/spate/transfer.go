package main

import (
	"context"
	"errors"
	"fmt"

	"spate/cmd/internal/config"
	"spate/cmd/internal/events"
	"spate/cmd/internal/logging"
	"spate/cmd/internal/session"
	"spate/cmd/internal/source"
	"spate/proto/metainfo"
)

// transfer is what get and seed do with their configuration.
func (a *app) transfer(ctx context.Context, conf config.Transfer, get bool, args []string) error {
	if err := conf.Check(); err != nil {
		return usage(err)
	}
	sources, err := a.sources(ctx, get, args)
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
		Config: conf, Get: get, Sources: sources, Version: version,
		Logger: logger, Display: show, Start: session.Real,
		Report: func(err error) { a.report(err) },
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

// sources loads what the arguments name. One that cannot be loaded ends the
// command before anything has begun; one that was only found in a folder is
// reported and left out.
func (a *app) sources(ctx context.Context, get bool, args []string) ([]session.Source, error) {
	names := make([]source.Named, len(args))
	for i, arg := range args {
		names[i].Arg = arg
	}
	if !get {
		var err error
		if names, err = source.Expand(args); err != nil {
			return nil, err
		}
	}
	var all []session.Source
	first := map[metainfo.Hash]string{}
	for _, name := range names {
		t, err := source.Load(ctx, name.Arg)
		if err == nil {
			if twin, twice := first[t.InfoHash]; twice {
				err = usage(fmt.Errorf("%s: the same torrent as %s", name.Arg, twin))
			}
		}
		switch {
		case err == nil:
			first[t.InfoHash] = name.Arg
			all = append(all, session.Source{Label: name.Arg, Meta: t})
		case name.Found && ctx.Err() == nil:
			a.report(err)
		default:
			return nil, err
		}
	}
	if len(all) == 0 {
		return nil, &exit{code: codeFailed} // each one was reported
	}
	return all, nil
}
