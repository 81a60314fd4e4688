package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spate/cmd/internal/config"
)

const rootHelp = `spate is a BitTorrent engine on an event loop, and this its command line.

SOURCE is a .torrent file, an http or https URL of one, a magnet link, or a
bare info-hash (hex). "get" and "seed" take the first two until metadata can
be fetched from peers.

Configuration:
  Each flag can also be set in the environment, as SPATE_ and its name in
  capitals (SPATE_UP_LIMIT=20MiB; several values are separated by spaces), and
  in the configuration file, by its name (up-limit: 20MiB, or a list). A flag
  beats the environment, which beats the file. The file is YAML; a key that no
  command knows is an error.

Exit codes:
    0  done
    1  failed
    2  wrong usage, on the command line or in the configuration
    3  gave up waiting (get --timeout)
    4  content missing or damaged (check)
  130  stopped by SIGINT: a clean stop, everything downloaded is kept and
       trackers are told; a second SIGINT stops at once
  141  nobody reads stdout any more
  143  stopped by SIGTERM: a clean stop too; "seed" and "tracker" exit with 0

Every error is one line on stderr that begins with "spate: " and names the
input it is about.`

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "spate COMMAND",
		Short:         "download, serve, make and check torrents",
		Long:          rootHelp,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate(versionLine() + "\n")
	root.SetFlagErrorFunc(a.flagError)
	root.SetHelpCommand(a.help())
	root.PersistentFlags().String("config", config.FilePath(), "the configuration `FILE` to read")
	root.AddCommand(a.commands()...)
	completion(root)
	unsorted(root)
	return root
}

// unsorted lets every command show its flags in the order of their making.
func unsorted(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	for _, sub := range cmd.Commands() {
		unsorted(sub)
	}
}

// commands lists the commands in the order of their use.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.get(), a.seed(), a.create(), a.info(), a.check(), a.tracker(), a.bench(), a.daemon(), a.version(),
	}
}

// completion adds cobra's command, which by itself answers a shell that it does
// not know with its help.
func completion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("completion: the shell is missing: bash, zsh, fish or powershell")
			}
			return fmt.Errorf("%s: no such shell: want bash, zsh, fish or powershell", args[0])
		}
	}
}

// configured wraps what a command does: the flags that the command line left
// alone are set from the environment and the configuration file first.
func (a *app) configured(do func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		file := cmd.Flag("config")
		name, given := file.Value.String(), file.Changed
		for _, v := range a.environ() {
			if value, ok := strings.CutPrefix(v, config.EnvName("config")+"="); ok && value != "" && !given {
				name, given = value, true
			}
		}
		known := knownFlags(cmd.Root())
		err := config.Load(cmd.LocalNonPersistentFlags(), config.Sources{
			File: name, MustBe: given, Environ: a.environ,
			Known: func(name string) bool { return known[name] },
		})
		if err != nil {
			return usage(err)
		}
		a.ran = true
		return do(cmd, args)
	}
}

// knownFlags is what may stand in the configuration: every command's flags.
func knownFlags(root *cobra.Command) map[string]bool {
	known := map[string]bool{}
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			known[f.Name] = f.Name != "help" && f.Name != "version"
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
	return known
}

// needs checks the number of arguments: at least low and, unless it is
// negative, at most high.
func needs(what string, low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < low {
			return fmt.Errorf("%s: %s is missing: see %s --help", cmd.Name(), what, cmd.CommandPath())
		}
		if high >= 0 && len(args) > high {
			return fmt.Errorf("%s: one argument too many: see %s --help", args[high], cmd.CommandPath())
		}
		return nil
	}
}

// help shows what a command is for.
func (a *app) help() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "describe a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), strings.Join(args, " "))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// version prints what was built.
func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  needs("", 0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), versionLine())
			return nil
		},
	}
}

func versionLine() string {
	return fmt.Sprintf("spate %s (%s %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
