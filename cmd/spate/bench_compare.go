package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"spate/bench/report/raw"
	"spate/bench/report/regress"
	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
)

const benchCompareHelp = `Compare two runs, and say whether the client under development has become worse.

OLD and NEW are files of raw data, or folders, of which the newest file is taken.

A metric is a regression when the whole interval of its ratio, new to old, lies
beyond the least effect. What the other clients moved by between the runs is
what the machine did, and is taken out where they have not changed. Runs on
another machine, or with other options, are compared with a warning.

Exit code 1 says that there is a regression.`

// benchCompare looks for regressions between two runs.
func (a *app) benchCompare() *cobra.Command {
	var (
		o      regress.Options
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:     "compare OLD NEW",
		Short:   "look for regressions between two runs",
		Long:    benchCompareHelp,
		Example: "  spate bench compare bench/results bench-results\n  spate bench compare old.jsonl new.jsonl --min-effect 10%",
		Args:    needs("OLD or NEW", 2, 2),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			old, err := loadRun(args[0])
			if err != nil {
				return err
			}
			now, err := loadRun(args[1])
			if err != nil {
				return err
			}
			c := regress.Compare(old, now, o)
			show := c.Text
			if asJSON {
				show = c.JSON
			}
			if err := show(cmd.OutOrStdout()); err != nil {
				return err
			}
			switch n := c.Regressions(); {
			case n == 1:
				return fmt.Errorf("%s: one regression of %s since %s", args[1], c.Client, args[0])
			case n > 1:
				return fmt.Errorf("%s: %d regressions of %s since %s", args[1], n, c.Client, args[0])
			case c.Judged() == 0:
				return fmt.Errorf("%s: nothing to judge %q by: the runs have no metric of it in common, or fewer than %d rounds", args[1], c.Client, regress.MinRounds)
			}
			return nil
		}),
	}
	fs := cmd.Flags()
	config.String(fs, &o.Client, "client", "", "NAME", "the client to judge (default the first one of NEW)")
	config.Value(fs, &o.MinEffect, "min-effect", "SHARE", "the least change that counts, such as 10% (default 5%)", parseEffect)
	config.Bool(fs, &asJSON, "json", "", "print one JSON object")
	return cmd
}

// parseEffect reads a part of a whole as 0.1 or 10%.
func parseEffect(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || math.IsNaN(share) || share <= 0 || share >= 1 {
		return 0, fmt.Errorf("%q is no share between 0%% and 100%%", s)
	}
	return share, nil
}

// loadRun reads a file of raw data, or the newest of a folder.
func loadRun(path string) (*raw.Run, error) {
	name, err := raw.Find(path)
	if err != nil {
		return nil, errtext.Named(err)
	}
	run, err := raw.ReadFile(name)
	if err != nil {
		return nil, errtext.Named(err)
	}
	return run, nil
}
