package netlab

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Line is what joins a host to the others. Its zero value is as fast as the
// machine.
type Line struct {
	// Up and Down are rates in bits per second as the host sees them; 0 is no
	// limit.
	Up, Down int64
	// Delay is added to a round trip, half of it each way.
	Delay time.Duration
	// Loss is the share of packets lost in each direction, from 0 to below 1.
	Loss float64
}

// Limits of a line.
const (
	// MinRate and MaxRate bound rates in bits per second: less carries no
	// packet within a queue's length, more is beyond any machine.
	MinRate = 256_000
	MaxRate = 100_000_000_000
	// MaxDelay bounds Delay: longer than to the moon and back.
	MaxDelay = 5 * time.Second
)

// ErrLine says that a line's text or values are no line.
var ErrLine = errors.New("not a line such as \"20ms 1% 1Gbit\" or \"40Mbit/160Mbit\"")

// units of rates, the largest first.
var units = [...]struct {
	name string
	bits int64
}{{"Gbit", 1e9}, {"Mbit", 1e6}, {"kbit", 1e3}}

// ParseLine reads the text of a line: words for the delay, the loss in per cent
// and the rate, either for both directions or as UP/DOWN. Any may be missing,
// but not all.
func ParseLine(text string) (Line, error) {
	var l Line
	words := strings.Fields(text)
	for _, word := range words {
		var err error
		switch {
		case strings.HasSuffix(word, "%"):
			l.Loss, err = strconv.ParseFloat(strings.TrimSuffix(word, "%"), 64)
			l.Loss /= 100
		case strings.HasSuffix(word, "bit"):
			up, down, two := strings.Cut(word, "/")
			if l.Up, err = parseRate(up); err == nil && two {
				l.Down, err = parseRate(down)
			} else {
				l.Down = l.Up
			}
		default:
			l.Delay, err = time.ParseDuration(word)
		}
		if err != nil {
			return Line{}, fmt.Errorf("%q: %w", text, ErrLine)
		}
	}
	if len(words) == 0 || l.check() != nil {
		return Line{}, fmt.Errorf("%q: %w", text, ErrLine)
	}
	return l, nil
}

func parseRate(text string) (int64, error) {
	for _, u := range units {
		if number, ok := strings.CutSuffix(text, u.name); ok {
			n, err := strconv.ParseFloat(number, 64)
			if err == nil && !(n > 0 && n*float64(u.bits) <= MaxRate) {
				err = ErrLine
			}
			return int64(n * float64(u.bits)), err
		}
	}
	return 0, ErrLine
}

// check tells whether values are within their ranges.
func (l Line) check() error {
	rate := func(bits int64) bool { return bits == 0 || bits >= MinRate && bits <= MaxRate }
	if !rate(l.Up) || !rate(l.Down) || l.Delay < 0 || l.Delay > MaxDelay || !(l.Loss >= 0 && l.Loss < 1) {
		return ErrLine
	}
	return nil
}

// String is what ParseLine reads; a line that has nothing is "".
func (l Line) String() string {
	var words []string
	if l.Delay > 0 {
		words = append(words, l.Delay.String())
	}
	if l.Loss > 0 {
		words = append(words, strconv.FormatFloat(100*l.Loss, 'g', 6, 64)+"%")
	}
	switch {
	case l.Up != l.Down:
		words = append(words, Rate(l.Up)+"/"+Rate(l.Down))
	case l.Up > 0:
		words = append(words, Rate(l.Up))
	}
	return strings.Join(words, " ")
}

// Rate is the text of a rate in bits per second, such as "200Mbit".
func Rate(bits int64) string {
	u := units[len(units)-1]
	for _, larger := range units {
		if bits >= larger.bits {
			u = larger
			break
		}
	}
	return strconv.FormatFloat(float64(bits)/float64(u.bits), 'f', -1, 64) + u.name
}

// impaired tells whether there is more to hold than a rate.
func (l Line) impaired() bool { return l.Delay > 0 || l.Loss > 0 }

// direction is one of the two ways of a line.
type direction struct {
	rate  int64 // bits per second; 0 is no limit
	delay time.Duration
	loss  float64
	room  time.Duration // what may wait for the line, in time
}

// minRoom is the least queue of a line: a few round trips within a town, as
// home routers have it.
const minRoom = 50 * time.Millisecond

// up is the way from the host to the bridge, down the other one.
func (l Line) up() direction   { return l.way(l.Up) }
func (l Line) down() direction { return l.way(l.Down) }

func (l Line) way(rate int64) direction {
	return direction{rate: rate, delay: l.Delay / 2, loss: l.Loss, room: max(minRoom, l.Delay)}
}
