package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"spate/cmd/internal/config"
	"spate/cmd/internal/safetext"
	"spate/cmd/internal/source"
	"spate/cmd/internal/verify"
)

// check verifies content on disk.
func (a *app) check() *cobra.Command {
	var asJSON, quiet bool
	dir := "."
	cmd := &cobra.Command{
		Use:   "check SOURCE",
		Short: "verify content on disk against a .torrent",
		Long: `Read and hash every piece of a torrent's content, name the files that are
damaged or missing, and count the pieces that are good. Nothing is changed.

The exit code is 0 when all of it is good and 4 when something is missing or
damaged. A file may be longer than the torrent says: that is told, and counts
as good.

With --json one object is printed: name, info_hash, good and pieces (counts),
complete, and files (list of path, length and status: good, longer, unverified,
damaged, short, unreadable or missing; "unverified" shares a piece with a file that
is not there).`,
		Example: "  spate check holiday.torrent -d ~/Downloads",
		Args:    needs("SOURCE", 1, 1),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			t, err := source.Load(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			show := a.display(quiet, asJSON)
			report, err := verify.Run(cmd.Context(), t, dir, show)
			show.Close()
			if err != nil {
				return fmt.Errorf("%s: %w", safetext.Source(args[0]), err)
			}
			print := report.Text
			if asJSON {
				print = report.JSON
			}
			if err := print(cmd.OutOrStdout()); err != nil {
				return err
			}
			if !report.Complete {
				return &exit{codeDamaged, fmt.Errorf("%s: %s", safetext.Source(args[0]), report.Wrong())}
			}
			return nil
		}),
	}
	config.String(cmd.Flags(), &dir, "data", "d", "DIR", "where the content lies")
	config.Bool(cmd.Flags(), &asJSON, "json", "", "print one JSON object")
	config.Bool(cmd.Flags(), &quiet, "quiet", "q", "no progress display")
	return cmd
}
