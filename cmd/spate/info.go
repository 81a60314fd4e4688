package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"spate/cmd/internal/config"
	"spate/cmd/internal/describe"
	"spate/cmd/internal/safetext"
	"spate/cmd/internal/source"
	"spate/proto/magnet"
)

// info shows a torrent or a magnet link.
func (a *app) info() *cobra.Command {
	var files, asJSON bool
	cmd := &cobra.Command{
		Use:   "info SOURCE",
		Short: "show a .torrent or a magnet link",
		Long: `Show what a .torrent file, the URL of one, a magnet link or an info-hash says.

With --json one object is printed: name, info_hash (hex), info_hash_v2, length,
piece_length, pieces (count), private, trackers (list of tiers), webseeds,
files (list of path and length) and magnet; null is what a magnet link does not
say.`,
		Example: "  spate info --files ubuntu.torrent\n  spate info --json https://example.org/a.torrent | jq -r .magnet",
		Args:    needs("SOURCE", 1, 1),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			d, err := describeSource(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return d.JSON(cmd.OutOrStdout())
			}
			return d.Text(cmd.OutOrStdout(), files)
		}),
	}
	config.Bool(cmd.Flags(), &files, "files", "", "list the files")
	config.Bool(cmd.Flags(), &asJSON, "json", "", "print one JSON object")
	return cmd
}

func describeSource(ctx context.Context, arg string) (*describe.Description, error) {
	link := arg
	switch source.KindOf(arg) {
	case source.InfoHash:
		link = "magnet:?xt=urn:btih:" + arg
		if len(arg) == v2Digits {
			link = "magnet:?xt=urn:btmh:1220" + arg // a multihash: SHA-256 of 32 bytes
		}
	case source.Magnet:
	default:
		t, err := source.Load(ctx, arg)
		if err != nil {
			return nil, err
		}
		return describe.Torrent(t), nil
	}
	m, err := magnet.Parse(link)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", safetext.Source(arg), err)
	}
	return describe.Magnet(m), nil
}

// v2Digits is the length of a version 2 info-hash in hexadecimal (BEP 52).
const v2Digits = 64
