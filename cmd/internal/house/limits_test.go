package house

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"spate/bench/report"
)

// bytesUnit is limit.unit of sizes.
const bytesUnit = "bytes"

// limit is a constant that bounds what others can make spate do.
type limit struct {
	pkg, name string
	// unit is bytes, what is counted, or empty for a duration.
	unit string
	// flag is what sets it otherwise; empty is nothing.
	flag string
}

// limits are all of them, by who is held back. Their reasons are the comments
// of the constants.
var limits = []struct {
	of   string
	list []limit
}{
	{"A peer", []limit{
		{"reactor/swarm", "handshakeTimeout", "", ""},
		{"reactor/swarm", "idleTimeout", "", ""},
		{"reactor/swarm", "stallTimeout", "", ""},
		{"reactor/swarm", "keepAliveAfter", "", ""},
		{"reactor/swarm", "MaxBlock", bytesUnit, ""},
		{"proto/peer", "DefaultMaxExtended", bytesUnit, ""},
		{"proto/peer", "DefaultMaxBitfield", bytesUnit, ""},
		{"proto/peer", "MaxUnknown", bytesUnit, ""},
		{"proto/wire", "MaxClientName", bytesUnit, ""},
		{"reactor/swarm", "ReqQ", "requests", ""},
		{"reactor/swarm", "plainRequests", "requests", ""},
		{"reactor/swarm", "maxRefused", "requests", ""},
		{"reactor/swarm", "maxSearched", "requests", ""},
		{"reactor/swarm", "maxRejects", "requests", ""},
		{"reactor/swarm", "maxControl", bytesUnit, ""},
		{"reactor/swarm", "flushBlocks", "blocks", ""},
		{"reactor/swarm", "readBudget", bytesUnit, ""},
		{"reactor/swarm", "maxHeld", bytesUnit, ""},
		{"picker/pipeline", "MaxOutstanding", "requests", ""},
		{"picker/pipeline", "MinSnub", "", ""},
		{"picker/pipeline", "MaxSnub", "", ""},
		{"picker", "MaxRequesters", "peers", ""},
		{"picker", "MostRequesters", "peers", ""},
	}},
	{"Peers together", []limit{
		{"reactor", "DefaultMaxPeers", "connections", "--max-peers"},
		{"reactor", "DefaultPerAddress", "connections", "--max-peers-per-address"},
		{"reactor/swarm", "shedAfter", "", ""},
		{"reactor/swarm", "maxShed", "connections", ""},
		{"reactor/swarm", "loopRequests", "requests", ""},
		{"reactor/swarm", "maxHeldLoop", bytesUnit, ""},
		{"reactor/swarm", "roundBytes", bytesUnit, ""},
		{"reactor", "DefaultPieceMemory", bytesUnit, ""},
		{"reactor/gnetio", "maxEnrolls", "connections", ""},
		{"reactor/gnetio", "maxTurnAway", "connections", ""},
		{"reactor/swarm", "maxCandidates", "addresses", ""},
		{"reactor/swarm", "maxPorts", "ports", ""},
		{"reactor/swarm", "maxLocalPorts", "ports", ""},
		{"reactor/swarm", "dialBurst", "connects", ""},
		{"reactor/swarm", "dialTimeout", "", ""},
		{"reactor/gnetio", "MaxParallelDials", "connects", ""},
		{"reactor/gnetio", "MaxQueuedDials", "connects", ""},
		{"reactor", "maxReasons", "reasons", ""},
	}},
	{"Who gives wrong data", []limit{
		{"reactor/blame", "MostBans", "addresses", ""},
		{"reactor/blame", "MostEvidence", bytesUnit, ""},
		{"picker", "courtesy", "", ""},
		{"picker", "freeRetries", "failures", ""},
		{"picker", "retryFirst", "", ""},
		{"picker", "retryMost", "", ""},
	}},
	{"Trackers, and servers of .torrent files", []limit{
		{"proto/tracker", "MaxBodyBytes", bytesUnit, ""},
		{"reactor/announce", "RequestTimeout", "", ""},
		{"reactor/webget", "ConnectTimeout", "", ""},
		{"reactor/webget", "HeaderTimeout", "", ""},
		{"reactor/webget", "RedirectsMost", "redirects", ""},
		{"reactor/webget", "HeadersMost", bytesUnit, ""},
		{"proto/tracker", "MaxPeers", "peers", ""},
		{"proto/tracker", "MaxInterval", "", ""},
		{"proto/tracker", "MaxTextBytes", bytesUnit, ""},
		{"proto/tracker", "MaxTrackerIDBytes", bytesUnit, ""},
		{"reactor/announce", "StopTimeout", "", ""},
	}},
	{"Torrents and magnet links", []limit{
		{"proto/metainfo", "MaxPieceLength", bytesUnit, ""},
		{"proto/metainfo", "MaxPieces", "pieces", ""},
		{"proto/metainfo", "MaxFiles", "files", ""},
		{"proto/metainfo", "MaxPathElements", "elements", ""},
		{"proto/metainfo", "MaxNameBytes", bytesUnit, ""},
		{"proto/metainfo", "MaxPathBytes", bytesUnit, ""},
		{"proto/metainfo", "MaxTextBytes", bytesUnit, ""},
		{"proto/metainfo", "MaxTrackers", "URLs", ""},
		{"proto/metainfo", "MaxWebSeeds", "URLs", ""},
		{"proto/metainfo", "MaxURLBytes", bytesUnit, ""},
		{"proto/magnet", "MaxBytes", bytesUnit, ""},
		{"proto/magnet", "MaxPeers", "peers", ""},
		{"proto/magnet", "MaxRanges", "ranges", ""},
	}},
	{"Disks, state and the machine", []limit{
		{"disk", "DefaultQueueBytes", bytesUnit, ""},
		{"disk", "DefaultReaders", "goroutines", ""},
		{"disk", "DefaultFiles", "files", ""},
		{"disk", "roomPatience", "", ""},
		{"reactor", "saveInterval", "", ""},
		{"reactor", "DefaultSpaceEvery", "", ""},
		{"reactor", "enoughSpace", bytesUnit, ""},
		{"reactor", "DefaultLookEvery", "", ""},
		{"reactor", "maxLoading", "torrents", ""},
		{"reactor", "maxDoubts", "torrents", ""},
		{"reactor", "maxJournals", "journals", ""},
		{"disk/journal", "MaxRecord", bytesUnit, ""},
		{"reactor/catalog", "MaxRows", "torrents", ""},
		{"cmd/internal/config", "MaxFileSize", bytesUnit, ""},
		{"reactor/loop", "MaxPause", "", ""},
	}},
}

// limitsFile has the table of limits.
const limitsFile = "../../../SECURITY.md"

var update = flag.Bool("update", false, "write the table of limits into SECURITY.md")

// TestLimits: SECURITY.md has the limits as they are. `go test -update` writes
// them.
func TestLimits(t *testing.T) {
	c := newConstants("../../..")
	var table strings.Builder
	for _, group := range limits {
		fmt.Fprintf(&table, "\n**%s**\n\n| limit | value | set by | why |\n|---|--:|---|---|\n", group.of)
		for _, l := range group.list {
			value, doc, err := c.look(l.pkg, l.name, l.unit)
			if err != nil {
				t.Error(err)
				continue
			}
			set := ""
			if l.flag != "" {
				set = "`" + l.flag + "`"
			}
			fmt.Fprintf(&table, "| `%s.%s` | %s | %s | %s |\n", l.pkg, l.name, value, set, strings.ReplaceAll(doc, "|", "\\|"))
		}
	}
	text, err := os.ReadFile(limitsFile)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.Splice(string(text), "limits", table.String())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(limitsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Error("SECURITY.md has other limits; go test ./cmd/internal/house -update writes them")
	}
}
