package comparison

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"spate/bench/clients"
	"spate/bench/report"
	"spate/bench/report/raw"
	"spate/bench/result"
	"spate/bench/run"
	"spate/bench/scenario"
	"spate/cmd/internal/errtext"
)

// ExitError is the exit code of the process in which the work was done, which
// has said itself what was wrong.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// ErrNobody says that there is no client to measure.
var ErrNobody = errors.New("none of the clients is there")

// Run measures and reports. An error is one of the options, the system's, an
// *ExitError, or ctx's cause; a measurement that fails is in the report.
func Run(ctx context.Context, o Options) error {
	w := &watcher{to: o.Progress}
	var err error
	o.Settings.Congestions = o.congestions()
	pinned := false
	if len(o.Settings.Congestions) > 0 {
		code, inner, err := run.Isolate(ctx)
		switch {
		case !inner && ctx.Err() != nil:
			return context.Cause(ctx)
		case !inner && code != 0:
			return &ExitError{code}
		case !inner:
			return nil
		case err != nil:
			w.say("%s: congestion control is the system's", oneLine(err))
			o.Settings.Congestions = nil
		default:
			pinned = true
		}
	}
	if o.Settings.Harness, err = os.Executable(); err != nil {
		return err
	}
	if o.Settings.Program, err = o.program(); err != nil {
		return err
	}
	steps, err := run.Plan(o.Names, o.Settings)
	if err != nil {
		return err
	}
	all, err := o.clients(o.Settings.Program)
	if err != nil {
		return err
	}
	header := raw.Header{
		Time: time.Now().UTC(), Commit: o.Commit, Command: o.Command, Options: o.describe(), Pinned: pinned,
	}
	header.Describe(os.DirFS("/proc"))
	if pinned {
		header.Congestion = congestions(steps)
	}
	there := w.present(all, &header)
	if len(there) == 0 {
		return ErrNobody
	}
	w.tools(steps, there, &header)
	env, err := o.environment(w)
	if err != nil {
		return err
	}
	file, stopped := o.measure(ctx, steps, there, env, header, w)
	if err := env.Close(); err != nil {
		stopped = errors.Join(stopped, err)
	}
	if file == "" || w.results == 0 {
		_ = os.Remove(file) // a header alone tells nothing
		return stopped
	}
	w.say("%d results in %v", w.results, time.Since(header.Time).Round(time.Second))
	return errors.Join(stopped, o.reports(file, w))
}

// congestions lists what the steps pin, each once.
func congestions(steps []run.Step) string {
	var names []string
	for _, step := range steps {
		if !slices.Contains(names, step.Congestion) {
			names = append(names, step.Congestion)
		}
	}
	return strings.Join(names, ", ")
}

// environment is where to measure.
func (o *Options) environment(w *watcher) (*scenario.Env, error) {
	memory := o.Memory
	if memory == "" {
		// The content, a client's copy of it, and what is to be hashed.
		memory = run.MemoryFolder(3*o.Settings.Bytes + o.Settings.HashBytes)
	}
	if !run.InMemory(memory) {
		w.say("no room in memory for the content: it lies on disk, in page cache")
	}
	env, err := scenario.NewEnv(memory, o.Disk, o.How)
	if err != nil {
		return nil, errtext.Reason(err)
	}
	env.Program = o.Settings.Harness
	return env, nil
}

// measure runs the steps, and returns the file with the raw data.
func (o *Options) measure(ctx context.Context, steps []run.Step, there []clients.Client, env *scenario.Env,
	header raw.Header, w *watcher,
) (string, error) {
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return "", fmt.Errorf("--out: %w", errtext.Reason(err))
	}
	name := fmt.Sprintf("%s-%s-%s.jsonl", strings.Join(o.Names, "-"), header.Time.Format("20060102-150405"), o.Commit)
	file := filepath.Join(o.Out, name)
	data, err := raw.Create(file, header)
	if err != nil {
		return "", fmt.Errorf("--out: %w", errtext.Reason(err))
	}
	lines := json.NewEncoder(o.Stdout)
	err = run.Run(ctx, run.Config{
		Steps: steps, Clients: there, Env: env, Pin: run.Pin, Progress: w.progress,
		Result: func(r result.Result) error {
			w.result(r)
			if o.JSON {
				if err := lines.Encode(r); err != nil {
					return err
				}
			}
			return data.Add(r)
		},
	})
	return file, errors.Join(err, data.Close())
}

// reports renders what was measured.
func (o *Options) reports(file string, w *watcher) error {
	written, err := report.Files(file)
	if err != nil {
		return err
	}
	w.say("wrote %s", strings.Join(append([]string{file}, written...), ", "))
	measured, err := raw.ReadFile(file)
	if err != nil {
		return err
	}
	short := report.Short(measured)
	if !o.JSON {
		if _, err := io.WriteString(o.Stdout, short); err != nil {
			return err
		}
	}
	if o.Readme == "" {
		return nil
	}
	return report.SpliceFile(o.Readme, report.Section, short)
}

// present notes all clients in the header, and returns those that are there.
func (w *watcher) present(all []clients.Client, header *raw.Header) (there []clients.Client) {
	for _, c := range all {
		one := raw.Client{Name: c.Name()}
		err := c.Available()
		if err == nil {
			one.Version, err = c.Version()
		}
		if err != nil {
			one.Missing = oneLine(err)
			w.say("without %s: %s", c.Name(), one.Missing)
		} else {
			there = append(there, c)
		}
		header.Clients = append(header.Clients, one)
	}
	return there
}

// tools notes what scenarios are measured with besides the clients.
func (w *watcher) tools(steps []run.Step, there []clients.Client, header *raw.Header) {
	for _, step := range steps {
		for _, s := range step.Scenarios {
			chooser, ok := s.(run.Chooser)
			if !ok {
				continue
			}
			for _, c := range chooser.Clients(there) {
				if !slices.ContainsFunc(header.Clients, func(o raw.Client) bool { return o.Name == c.Name() }) {
					w.present([]clients.Client{c}, header)
				}
			}
		}
	}
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", ": ") }
