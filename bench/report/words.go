package report

import (
	"fmt"
	"slices"
	"strings"

	"spate/bench/report/raw"
	"spate/bench/stats"
)

// origin says what made the figures, where, and when.
func origin(run *raw.Run) string {
	h := &run.Header
	return fmt.Sprintf("`%s` at %s, %s: %s.", strings.ReplaceAll(h.Command, "`", "'"), escape(h.Commit), h.Time.Format("2006-01-02"), escape(machine(h)))
}

// machine is the hardware and the system, in a line.
func machine(h *raw.Header) string {
	how := "the system's"
	if h.Pinned {
		how = "pinned for all sides in a network namespace"
	}
	return fmt.Sprintf("%s, %d cores, %d GiB, Linux %s, load %.2f before; loopback, TCP congestion control %s (%s)",
		h.CPU, h.Cores, h.MemoryGiB, h.Kernel, h.Load, h.Congestion, how)
}

// legend says how to read the tables.
func legend(run *raw.Run) string {
	first := "the first client"
	if len(run.Header.Clients) > 0 {
		first = escape(run.Header.Clients[0].Name)
	}
	text := fmt.Sprintf("Medians of %s, the clients in turn within each. × is the ratio to %s, paired within a round; "+
		"≈ where its 95 %% interval leaves room for no difference. The best of a column is bold, with all that cannot be told from it. "+
		"MB are 10⁶ bytes; CPU-seconds are the client's, user and system, all threads.", rounds(run), first)
	for _, r := range run.Results {
		if r.Limit != "" {
			return text + " ≥: the load generator was as busy as it can be, so the client may be faster."
		}
	}
	return text
}

// rounds is how many there were.
func rounds(run *raw.Run) string {
	most := 0
	for _, r := range run.Results {
		most = max(most, r.Round)
	}
	switch {
	case most == 1:
		return "one round, which has no interval"
	case most < stats.MinValues:
		return fmt.Sprintf("%d rounds, which are too few for intervals", most)
	default:
		return fmt.Sprintf("up to %d rounds", most)
	}
}

// versions lists the clients that are there.
func versions(run *raw.Run) string {
	var list []string
	for _, c := range run.Header.Clients {
		if c.Missing == "" {
			list = append(list, escape(joined(" ", c.Name, c.Version)))
		}
	}
	if len(list) == 0 {
		return "Clients: none."
	}
	return "Clients: " + strings.Join(list, ", ") + "."
}

func optionNames(run *raw.Run) []string {
	names := make([]string, 0, len(run.Header.Options))
	for name := range run.Header.Options {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// times counts rounds.
func times(n int) string {
	if n == 1 {
		return "one round"
	}
	return fmt.Sprintf("%d rounds", n)
}

// joined joins what is not empty.
func joined(separator string, words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), separator)
}

// sentence makes one of a phrase.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// escape keeps a text from being Markdown, HTML or the end of a table's cell. What
// programs say of themselves comes through here.
func escape(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "'", "\n", " ", "\r", " ", "[", `\[`).Replace(s)
}
