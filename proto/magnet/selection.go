package magnet

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spate/proto/metainfo"
)

// parseSelect reads "0,2,4-6" (BEP 53) as ranges in order, joined where they
// meet.
func parseSelect(s string) ([]Range, error) {
	if strings.Count(s, ",") >= MaxRanges {
		return nil, fmt.Errorf("%w: more than %d ranges", ErrSelect, MaxRanges)
	}
	var all []Range
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		r := Range{fileNumber(first), fileNumber(last)}
		if r.First < 0 || r.Last < r.First {
			return nil, fmt.Errorf("%w: %.40q", ErrSelect, part)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Range) int { return cmp.Compare(a.First, b.First) })
	joined := all[:1]
	for _, r := range all[1:] {
		if end := &joined[len(joined)-1]; r.First <= end.Last+1 {
			end.Last = max(end.Last, r.Last)
		} else {
			joined = append(joined, r)
		}
	}
	return joined, nil
}

// fileNumber reads a number below metainfo.MaxFiles, or returns -1.
func fileNumber(s string) int {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n >= metainfo.MaxFiles {
		return -1
	}
	return int(n)
}

// formatSelect is the opposite of parseSelect.
func formatSelect(ranges []Range) string {
	var b strings.Builder
	for i, r := range ranges {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(r.First))
		if r.Last > r.First {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(r.Last))
		}
	}
	return b.String()
}
