package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spate/cmd/internal/config"
	"spate/cmd/internal/publish"
	"spate/proto/magnet"
)

const createHelp = `Make a .torrent of a file or folder, and print its info-hash and magnet link.

Files come in the order of their names. Links, devices and empty folders are
left out. The .torrent is written as NAME.torrent in this folder unless -o says
otherwise; one that is there already is replaced.

Each --announce is a tier; URLs within one, separated by commas, are its
trackers.`

// errVersion2 answers --v2 and --hybrid.
var errVersion2 = errors.New("torrents of version 2 cannot be made yet")

// create makes a .torrent.
func (a *app) create() *cobra.Command {
	var (
		o                      publish.Options
		tiers                  []string
		v1, v2, hybrid, silent bool
	)
	cmd := &cobra.Command{
		Use:   "create PATH",
		Short: "make a .torrent",
		Long:  createHelp,
		Example: `  spate create holiday/ -a http://tracker.example:6969/announce
  spate create film.mkv -o /srv/film.torrent --private -a http://a/announce,http://b/announce`,
		Args: needs("PATH", 1, 1),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			switch {
			case v2:
				return fmt.Errorf("--v2: %w", errVersion2)
			case hybrid:
				return fmt.Errorf("--hybrid: %w", errVersion2)
			}
			o.Path, o.CreatedBy, o.Created = args[0], "spate "+version, time.Now()
			for _, t := range tiers {
				o.Tiers = append(o.Tiers, strings.Split(t, ","))
			}
			show := a.display(silent, false)
			made, err := publish.Run(cmd.Context(), o, show)
			show.Close()
			if err != nil {
				return err
			}
			if n := len(made.Skipped); n > 0 {
				a.report(fmt.Errorf("%s: left out, as no regular file (%d of them)", made.Skipped[0], n))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "info-hash  %s\nmagnet     %s\n", made.Torrent.InfoHash, magnet.Of(made.Torrent))
			return err
		}),
	}
	fs := cmd.Flags()
	config.String(fs, &o.Output, "output", "o", "FILE", "the .torrent to write (default NAME.torrent)")
	config.Strings(fs, &tiers, "announce", "a", "URL", "tracker; repeatable, and a comma within one makes a tier", checkTier)
	config.Value(fs, &o.PieceLength, "piece-length", "SIZE", "a power of two from 16KiB to 256MiB (default by the size of the content)", publish.ParsePieceLength)
	config.Bool(fs, &o.Private, "private", "", "peers come from the trackers alone (BEP 27)")
	config.String(fs, &o.Comment, "comment", "", "TEXT", "a line about the torrent")
	config.URLs(fs, &o.WebSeeds, "webseed", "HTTP address of the content (BEP 19); repeatable")
	config.Bool(fs, &v1, "v1", "", "a torrent of version 1, which is the default")
	config.Bool(fs, &v2, "v2", "", "a torrent of version 2 (not there yet)")
	config.Bool(fs, &hybrid, "hybrid", "", "a torrent of both versions (not there yet)")
	config.Bool(fs, &silent, "quiet", "q", "no progress display")
	cmd.MarkFlagsMutuallyExclusive("v1", "v2", "hybrid")
	return cmd
}

// checkTier refuses what is no tracker. Trackers over UDP are for other clients
// until spate asks them too.
func checkTier(tier string) error {
	for url := range strings.SplitSeq(tier, ",") {
		if err := config.CheckURL(url, "http", "https", "udp"); err != nil {
			return err
		}
	}
	return nil
}
