package main

import (
	"github.com/spf13/cobra"

	"spate/cmd/internal/config"
)

const getHelp = `Download torrents. The command ends with exit code 0 once everything that was
asked for is complete and verified, unless --seed keeps it serving.

What was downloaded before is found again: content in the data folder is
verified where the resume state does not vouch for it. A download may be
stopped at any time, by SIGINT or by force, and goes on where it was.

Patterns of --select name files as they stand in "spate info --files": one
without a slash is held against a file's own name and those of the folders it
lies in, one with slashes against the path from the top.

With --json each event is one object a line: listening, added, checked,
progress (each second), complete, tracker, error, stopped.`

// get downloads.
func (a *app) get() *cobra.Command {
	var conf config.Transfer
	cmd := &cobra.Command{
		Use:   "get SOURCE...",
		Short: "download; exit 0 once all of it is complete and verified",
		Long:  getHelp,
		Example: `  spate get ubuntu.torrent -d ~/Downloads
  spate get https://example.org/show.torrent --select '*.mkv' --sequential
  spate get a.torrent b.torrent --seed --ratio 2 --up-limit 5MiB
  spate get lab.torrent --peer 10.0.0.5:6881,10.0.0.6:6881 --timeout 5m --json`,
		Args: needs("SOURCE", 1, -1),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			return a.transfer(cmd.Context(), conf, true, args)
		}),
	}
	conf.Flags(cmd.Flags())
	conf.GetFlags(cmd.Flags())
	return cmd
}
