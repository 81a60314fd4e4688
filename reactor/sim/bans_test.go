package sim_test

import (
	"errors"
	"net/netip"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	torrent "spate/reactor/swarm"
)

// judge reads a client's log for the peers that it banned.
type judge struct{ c *client }

// Enabled implements zapcore.Core.
func (j judge) Enabled(zapcore.Level) bool { return true }

// With implements zapcore.Core.
func (j judge) With([]zapcore.Field) zapcore.Core { return j }

// Check implements zapcore.Core.
func (j judge) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return to.AddCore(e, j)
}

// Sync implements zapcore.Core.
func (j judge) Sync() error { return nil }

// Write implements zapcore.Core: no honest client is shut out as a liar.
func (j judge) Write(_ zapcore.Entry, fields []zapcore.Field) error {
	var who netip.Addr
	var why error
	for _, f := range fields {
		switch v := f.Interface.(type) {
		case netip.AddrPort:
			who = v.Addr()
		case error:
			why = v
		}
	}
	if !errors.Is(why, torrent.ErrBadData) && !errors.Is(why, torrent.ErrBanned) {
		return nil
	}
	j.c.bans++
	if other := j.c.s.at(who); other != nil && other.store.Faults.Rotten == 0 && !other.noisy {
		j.c.s.t.Errorf("%v shuts out %v, who is honest: %v", j.c.machine.Addr(), who, why)
	}
	return nil
}

// log is a logger that a judge reads.
func (c *client) log() *zap.Logger { return zap.New(judge{c}) }
