package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// errDaemon says what to use until there is a daemon.
var errDaemon = errors.New(`daemon: not there yet: use "spate seed DIR" to serve a folder of torrents`)

// daemon is the long-running service, once it exists.
func (a *app) daemon() *cobra.Command {
	return &cobra.Command{
		Use:                "daemon",
		Short:              "the long-running service (not there yet)",
		Long:               "The long-running service with watch folders and a control API is not there yet.\n\"spate seed DIR\" serves a folder of torrents.",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, arg := range args {
				if arg == "-h" || arg == "--help" {
					return cmd.Help()
				}
			}
			a.ran = true
			return errDaemon
		},
	}
}
