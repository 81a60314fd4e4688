package raw

import (
	"errors"
	"slices"
	"strings"
)

// ErrDiffer says that runs are not of one machine and commit.
var ErrDiffer = errors.New("the runs are not of one machine and commit")

// Merge makes one run of those that measured different things of the same commit
// on the same machine, such as scenarios with clients of their own: all results,
// in the order of the runs, below the first one's header, which names all
// commands and clients. Where an option differs, its values are all there. It
// changes none of the runs, of which there is at least one.
func Merge(runs ...*Run) (*Run, error) {
	all := &Run{Name: runs[0].Name, Header: runs[0].Header}
	h := &all.Header
	h.Clients = slices.Clone(h.Clients)
	options := map[string][]string{}
	var commands []string
	for _, r := range runs {
		o := &r.Header
		if o.Commit != h.Commit || o.CPU != h.CPU || o.Cores != h.Cores || o.Kernel != h.Kernel || o.Pinned != h.Pinned {
			return nil, ErrDiffer
		}
		commands = append(commands, o.Command)
		for _, c := range o.Clients {
			if _, known := h.Client(c.Name); !known {
				h.Clients = append(h.Clients, c)
			}
		}
		for name, value := range o.Options {
			if !slices.Contains(options[name], value) {
				options[name] = append(options[name], value)
			}
		}
		all.Results = append(all.Results, r.Results...)
		all.Torn = all.Torn || r.Torn
	}
	h.Command = strings.Join(commands, "; ")
	h.Options = make(map[string]string, len(options))
	for name, values := range options {
		h.Options[name] = strings.Join(values, " | ")
	}
	return all, nil
}
