package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

const benchHelp = `Measures any BitTorrent client: a load generator that drives a client over TCP,
scenarios that compare clients on the same work, and a simulator of swarms.`

// errBench says that "bench" alone does nothing.
var errBench = errors.New("bench: what to do is missing: see spate bench --help")

// bench is the parent of the harness's commands.
func (a *app) bench() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench COMMAND",
		Short: "load generator and comparison harness",
		Long:  benchHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("bench: %q: no such command: see %s --help", args[0], cmd.CommandPath())
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return errBench },
	}
	cmd.AddCommand(a.benchRun(), a.benchSim())
	cmd.AddCommand(a.benchLoad(), a.benchSendfile())
	cmd.AddCommand(a.benchCompare(), a.benchReport())
	return cmd
}
