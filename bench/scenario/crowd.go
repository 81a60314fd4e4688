package scenario

import (
	"context"
	"fmt"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/result"
	"spate/bench/usage"
)

// crowding puts the peers of a setting on a client that runs, and measures; alone
// is what the client used before.
type crowding func(ctx context.Context, env *Env, r *run, alone usage.Usage, res *result.Result) error

// crowd measures a setting with a start of the client of its own, as memory that
// grows by the peers of one would hide that of the next. It emits the result,
// unless ctx ends.
func (e *Env) crowd(ctx context.Context, c clients.Client, of *content.Single, res *result.Result, emit func(result.Result), put crowding) {
	if ctx.Err() != nil {
		return
	}
	if err := e.crowded(ctx, c, of, res, put); err != nil {
		fail(res, err)
	}
	if ctx.Err() == nil {
		emit(*res)
	}
}

func (e *Env) crowded(ctx context.Context, c clients.Client, of *content.Single, res *result.Result, put crowding) error {
	r, err := e.startReady(ctx, c, seeding(of), of.Meta, of.Meta.Info.NumPieces())
	if err != nil {
		return err
	}
	defer func() { _ = r.end() }() // what is left over lies in the Env's folder
	ctx, stop := r.alive(ctx)
	defer stop()
	var alone usage.Usage
	if err = load.Pause(ctx, e.Warmup); err == nil {
		alone, err = r.usage()
	}
	if err == nil {
		err = put(ctx, e, r, alone, res)
	}
	if err != nil {
		return fmt.Errorf("%w%s", err, r.lastWords())
	}
	return nil
}
