package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"spate/bench/result"
	"spate/bench/stats"
)

// None is the text of what is not there.
const None = "–"

// Scale is the unit that a metric is shown in.
type Scale struct {
	Unit string
	// Per is how many of the metric's own unit make one.
	Per float64
}

// ScaleOf chooses a unit for a metric by its medians in a section, so that a
// column has one: bytes are KiB, MiB or GiB.
func (s *Section) ScaleOf(m result.Metric) Scale {
	if m.Unit != "B" {
		return Scale{m.Unit, 1}
	}
	low, high := math.Inf(1), 0.0
	for _, w := range s.Works {
		for _, one := range w.Series {
			if e := one.Cell(m).Value; e.N > 0 && e.Mid > 0 {
				low, high = min(low, e.Mid), max(high, e.Mid)
			}
		}
	}
	switch middle := math.Sqrt(low * high); {
	case high == 0 || middle < 1<<20:
		return Scale{"KiB", 1 << 10}
	case middle < 4<<30:
		return Scale{"MiB", 1 << 20}
	default:
		return Scale{"GiB", 1 << 30}
	}
}

// Heading is a metric's title with its unit, unless the title says it.
func Heading(m result.Metric, s Scale) string {
	if s.Unit == "" || s.Unit == "1/s" || strings.HasSuffix(m.Title, s.Unit) || strings.Contains(m.Title, "CPU-s") {
		return m.Title
	}
	return m.Title + ", " + s.Unit
}

// Number is v with three significant digits, more where there are more before
// the point.
func Number(v float64) string {
	size := math.Abs(v)
	switch {
	case size >= 999.5:
		return grouped(strconv.FormatFloat(math.Abs(v), 'f', 0, 64), v < 0)
	case size >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case size >= 0.1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v == 0:
		return "0"
	default:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
}

// grouped parts digits by threes.
func grouped(digits string, negative bool) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// Median is the text of a cell's median in a unit.
func (c Cell) Median(s Scale) string {
	if c.Value.N == 0 {
		return None
	}
	text := Number(c.Value.Mid / s.Per)
	if c.AtLeast {
		return "≥ " + text
	}
	return text
}

// Interval is the text of a cell's interval in a unit; empty when there is
// none.
func (c Cell) Interval(s Scale) string {
	e := c.Value
	return between(stats.Estimate{Low: e.Low / s.Per, High: e.High / s.Per, N: e.N})
}

// Times is the text of a cell's ratio: "≈ 1" where its interval leaves room for
// no difference, 1 for the first client, and None without a ratio. Rounds that
// are too few for an interval leave the bare number.
func (c Cell) Times() string {
	switch {
	case c.Base && c.Value.N > 0:
		return "1"
	case c.Ratio.N == 0:
		return None
	case c.Ratio.Sure() && !c.Ratio.Differs():
		return "≈ 1"
	default:
		return Number(c.Ratio.Mid)
	}
}

// TimesInterval is the text of the ratio's interval; empty when there is none.
func (c Cell) TimesInterval() string { return between(c.Ratio) }

func between(e stats.Estimate) string {
	if !e.Sure() {
		return ""
	}
	low, high := Number(e.Low), Number(e.High)
	if low == high {
		return low
	}
	return low + "–" + high
}

// settingWords is a setting in the words of a report.
func settingWords(s result.Setting) []string {
	var words []string
	count := func(n int, one, many string) {
		switch {
		case n == 1:
			words = append(words, "1 "+one)
		case n > 1:
			words = append(words, grouped(strconv.Itoa(n), false)+" "+many)
		}
	}
	text := func(format, v string) {
		if v != "" {
			words = append(words, fmt.Sprintf(format, v))
		}
	}
	count(s.Conns, "connection", "connections")
	count(s.Torrents, "torrent", "torrents")
	count(s.Peers, "peer", "peers")
	if s.Bytes > 0 {
		words = append(words, size(s.Bytes))
	}
	text("%s content", s.Content)
	text("on %s", s.Place)
	text("link %s", s.Link)
	text("%s", s.Congestion)
	return words
}

// size is a number of bytes in the largest unit that divides it.
func size(n int64) string {
	for _, u := range []struct {
		shift int
		name  string
	}{{30, "GiB"}, {20, "MiB"}, {10, "KiB"}} {
		if n&(1<<u.shift-1) == 0 {
			return fmt.Sprintf("%d %s", n>>u.shift, u.name)
		}
	}
	return Number(float64(n)) + " bytes"
}
