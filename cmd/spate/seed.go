package main

import (
	"github.com/spf13/cobra"

	"spate/cmd/internal/config"
)

const seedHelp = `Serve finished content until stopped, or until every torrent has reached
--ratio or --seed-time. A DIR means every *.torrent below it; one that cannot be
read there is told and left out.

Content is verified first where the resume state does not vouch for it;
--no-check trusts it. Torrents of a DIR that are known from before are served at
once, and are looked at afterwards; each is loaded when the first peer asks for it,
and costs a few hundred bytes while none does. A torrent whose content is not complete is an error; the
others are served all the same.

SIGINT and SIGTERM are clean stops, with exit codes 130 and 0.

With --json each event is one object a line: listening, added, checked,
progress (each second), tracker, error, stopped. With more than 1,000 torrents,
those of a DIR tell their progress only while they have peers.`

// seed serves.
func (a *app) seed() *cobra.Command {
	var conf config.Transfer
	cmd := &cobra.Command{
		Use:   "seed SOURCE... | DIR...",
		Short: "serve finished content until stopped",
		Long:  seedHelp,
		Example: `  spate seed ubuntu.torrent -d ~/Downloads
  spate seed ~/torrents -d /srv/content --listen :6881 --metrics 127.0.0.1:9100`,
		Args: needs("SOURCE", 1, -1),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			return untilStopped(a.transfer(cmd.Context(), conf, false, args))
		}),
	}
	conf.Flags(cmd.Flags())
	conf.SeedFlags(cmd.Flags())
	return cmd
}
