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
// command before anything has begun.
func (a *app) sources(ctx context.Context, get bool, args []string) ([]session.Source, error) {
	if !get {
		var err error
		if args, err = source.Expand(args); err != nil {
			return nil, err
		}
	}
	var all []session.Source
	named := map[metainfo.Hash]string{}
	for _, arg := range args {
		t, err := source.Load(ctx, arg)
		if err != nil {
			return nil, err
		}
		if twin, twice := named[t.InfoHash]; twice {
			return nil, usage(fmt.Errorf("%s: the same torrent as %s", arg, twin))
		}
		named[t.InfoHash] = arg
		all = append(all, session.Source{Label: arg, Meta: t})
	}
	return all, nil
}
