package table

import (
	"slices"
	"strings"

	"spate/bench/report/raw"
	"spate/bench/result"
)

// Group is works that differ in a number only: of connections, torrents or
// peers. They stand beside each other.
type Group struct {
	// Label is what sets the group apart from others of the section, if any.
	Label string
	Works []*Work
	// Columns heads each work; empty for a work alone.
	Columns []string
}

// Groups parts the section's works, each group where its first work is.
func (s *Section) Groups() []Group {
	var (
		groups []Group
		keys   []result.Setting
	)
	for _, w := range s.Works {
		key := w.Setting
		key.Conns, key.Torrents, key.Peers = 0, 0, 0
		i := slices.Index(keys, key)
		if i < 0 {
			i = len(keys)
			keys = append(keys, key)
			groups = append(groups, Group{Label: s.rest(settingWords(key))})
		}
		counts := result.Setting{Conns: w.Setting.Conns, Torrents: w.Setting.Torrents, Peers: w.Setting.Peers}
		groups[i].Works = append(groups[i].Works, w)
		groups[i].Columns = append(groups[i].Columns, s.rest(settingWords(counts)))
	}
	return groups
}

// rest is the words that are not common to the section.
func (s *Section) rest(words []string) string {
	common := strings.Split(s.Common, ", ")
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return slices.Contains(common, w) }), ", ")
}

// Clients lists those of the group, in order.
func (g Group) Clients() []string { return (&Section{Works: g.Works}).Clients() }

// Remark is something said of several rounds at once.
type Remark struct {
	Client, Scenario, Setting string
	Text                      string
	// Rounds is in how many it was said.
	Rounds int
}

// Failures gathers the errors of a run's results.
func Failures(run *raw.Run) []Remark {
	return remarks(run, func(r result.Result) []string {
		if r.Error == "" {
			return nil
		}
		return []string{r.Error}
	})
}

// Notes gathers the notes of a run's results.
func Notes(run *raw.Run) []Remark {
	return remarks(run, func(r result.Result) []string { return r.Notes })
}

func remarks(run *raw.Run, texts func(result.Result) []string) []Remark {
	var list []Remark
	for _, r := range run.Results {
		for _, text := range texts(r) {
			one := Remark{
				Client: r.Client, Scenario: known(r.Scenario).Title,
				Setting: strings.Join(settingWords(r.Setting), ", "), Text: oneLine(text),
			}
			i := slices.IndexFunc(list, func(o Remark) bool {
				o.Rounds = 0
				return o == one
			})
			if i < 0 {
				i = len(list)
				list = append(list, one)
			}
			list[i].Rounds++
		}
	}
	return list
}

// oneLine keeps a text in the line or the row that it is put into.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
