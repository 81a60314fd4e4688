package main

import (
	"bytes"
	"io"

	"github.com/spf13/cobra"

	"spate/bench/report"
	"spate/bench/report/raw"
	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
)

const benchReportHelp = `Make the reports of a run again from its raw data.

RAW is a file of raw data, or a folder, of which the newest file is taken.
Several, of one machine and commit, make one report: as when scenarios had
clients of their own. Without flags the comparison for a README is printed.`

// benchReport renders raw data.
func (a *app) benchReport() *cobra.Command {
	var html, markdown, bench, readme string
	cmd := &cobra.Command{
		Use:     "report RAW...",
		Short:   "make the reports of a run from its raw data",
		Long:    benchReportHelp,
		Example: "  spate bench report bench-results --html report.html\n  spate bench report run.jsonl --bench new.txt && benchstat -col /client new.txt",
		Args:    needs("RAW", 1, -1),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			runs := make([]*raw.Run, len(args))
			for i, arg := range args {
				var err error
				if runs[i], err = loadRun(arg); err != nil {
					return err
				}
			}
			run, err := raw.Merge(runs...)
			if err != nil {
				return err
			}
			if html+markdown+bench+readme == "" {
				_, err := io.WriteString(cmd.OutOrStdout(), report.Short(run))
				return err
			}
			return writeReports(run, html, markdown, bench, readme)
		}),
	}
	fs := cmd.Flags()
	config.String(fs, &html, "html", "", "FILE", "write one HTML page, with plots")
	config.String(fs, &markdown, "markdown", "", "FILE", "write Markdown, with every table")
	config.String(fs, &bench, "bench", "", "FILE", "write the Go benchmark format, for benchstat")
	config.String(fs, &readme, "readme", "", "FILE", "replace the figures between the marks in this file")
	return cmd
}

// writeReports writes those that have a file.
func writeReports(run *raw.Run, html, markdown, bench, readme string) error {
	text := func(make func(*raw.Run) string) func(io.Writer, *raw.Run) error {
		return func(w io.Writer, run *raw.Run) error {
			_, err := io.WriteString(w, make(run))
			return err
		}
	}
	for _, one := range []struct {
		path   string
		render func(io.Writer, *raw.Run) error
	}{{html, report.Page}, {markdown, text(report.Long)}, {bench, report.Bench}} {
		if one.path == "" {
			continue
		}
		var b bytes.Buffer
		if err := one.render(&b, run); err != nil {
			return err
		}
		if err := report.Replace(one.path, b.Bytes()); err != nil {
			return errtext.Named(err)
		}
	}
	if readme == "" {
		return nil
	}
	return errtext.Named(report.SpliceFile(readme, report.Section, report.Short(run)))
}
