package metrics

import (
	"spate/disk"
	"spate/reactor"
	"spate/reactor/swarm"
)

func transferFamilies() []family {
	return []family{
		simple("spate_uploaded_bytes_total", counter, "Payload sent.", func(s *reactor.Stats) int64 { return s.Uploaded }),
		{
			name: "spate_sent_bytes_total", kind: counter, labels: []string{"way"},
			help: "Payload sent, by way: wire (hot pieces in wire form), copy (through a buffer), file (by references to it).",
			engine: func(s *reactor.Stats, to sink) {
				for way, n := range s.Sent {
					to.count(n, swarm.Tier(way).String())
				}
			},
		},
		simple("spate_downloaded_bytes_total", counter, "Payload received.", func(s *reactor.Stats) int64 { return s.Downloaded }),
		simple("spate_wasted_bytes_total", counter, "Payload received that was of no use.", func(s *reactor.Stats) int64 { return s.Wasted }),
		simple("spate_hash_fails_total", counter, "Pieces whose hash was wrong.", func(s *reactor.Stats) int64 { return s.HashFails }),
		simple("spate_banned_addresses_total", counter, "Addresses refused since they gave wrong blocks.", func(s *reactor.Stats) int64 { return s.Banned }),
		simple("spate_requests_total", counter, "Requests of peers.", func(s *reactor.Stats) int64 { return s.Requests.Received }),
		simple("spate_served_requests_total", counter, "Requests that were sent.", func(s *reactor.Stats) int64 { return s.Requests.Served }),
		simple("spate_rejected_requests_total", counter, "Requests that were refused.", func(s *reactor.Stats) int64 { return s.Rejected }),
		simple("spate_cancelled_requests_total", counter, "Requests that peers took back.", func(s *reactor.Stats) int64 { return s.Requests.Cancelled }),
		simple("spate_dropped_requests_total", counter, "Requests left unserved by a choke or the end of the peer.", func(s *reactor.Stats) int64 { return s.Requests.Dropped }),
		simple("spate_queued_requests", gauge, "Requests that wait to be sent.", func(s *reactor.Stats) int64 { return s.Requests.Queued }),
		{
			name: "spate_request_wait_seconds", kind: histo,
			help:   "Time from the arrival of a request until its block begins to leave; of one request in 64.",
			engine: func(s *reactor.Stats, to sink) { to.putHistogram(&s.Requests.Wait) },
		},
	}
}

func peerFamilies() []family {
	return []family{
		simple("spate_peers", gauge, "Connected peers past their handshake.", func(s *reactor.Stats) int64 { return int64(s.Peers) }),
		{
			name: "spate_connections_by_state", kind: gauge, labels: []string{"state"},
			help: "Connections by state: connecting, handshaking, idle (wants nothing), choked, unchoked (may ask), served (has asked).",
			engine: func(s *reactor.Stats, to sink) {
				to.count(s.Dialing, "connecting")
				for state, n := range s.Connections {
					to.count(n, swarm.PeerState(state).String())
				}
			},
		},
		simple("spate_connections", gauge, "Open connections.", func(s *reactor.Stats) int64 { return s.Network.Open }),
		simple("spate_connections_accepted_total", counter, "Connections taken.", func(s *reactor.Stats) int64 { return s.Network.Accepted }),
		simple("spate_connections_shed_total", counter, "Connections refused for want of descriptors or room.", func(s *reactor.Stats) int64 { return s.Network.Shed }),
		simple("spate_connections_dialed_total", counter, "Connections made.", func(s *reactor.Stats) int64 { return s.Network.Dialed }),
		simple("spate_dials_failed_total", counter, "Dials that did not connect.", func(s *reactor.Stats) int64 { return s.Network.DialFailed }),
		simple("spate_connection_moves_total", counter, "Connections handed to another loop.", func(s *reactor.Stats) int64 { return s.Network.Moves }),
		simple("spate_handler_panics_total", counter, "Connections closed by an internal error.", func(s *reactor.Stats) int64 { return s.Network.Panics }),
		{
			name: "spate_disconnects_total", kind: counter, labels: []string{"reason"}, help: "Ended connections by reason.",
			engine: func(s *reactor.Stats, to sink) {
				for _, reason := range sorted(s.Disconnects) {
					to.count(s.Disconnects[reason], reason)
				}
			},
		},
	}
}

func loopFamilies() []family {
	return []family{
		perLoop("spate_loop_lag_seconds", histo, "How long what is due waits for its loop.",
			func(s *reactor.Stats, i int, to sink, label string) { to.putHistogram(&s.Loops[i].Lag, label) }),
		perLoop("spate_loop_busy_seconds_total", counter, "Time a loop spent handling events.",
			func(s *reactor.Stats, i int, to sink, label string) { to.put(s.Loops[i].Busy.Seconds(), label) }),
		perLoop("spate_loop_turns_total", counter, "Events that a loop handled, each batch of what was posted as one.",
			func(s *reactor.Stats, i int, to sink, label string) { to.count(s.Loops[i].Turns, label) }),
	}
}

func diskFamilies() []family {
	return []family{
		{
			name: "spate_disk_seconds", kind: histo, labels: []string{"op"},
			help: "Time of disk jobs by kind: queue (a read waits for a goroutine), read, warm (into the page cache), open, hash (a piece that came, with its wait), write, sync.",
			engine: func(s *reactor.Stats, to sink) {
				for op := range s.Took {
					to.putHistogram(&s.Took[op], disk.Op(op).String())
				}
			},
		},
		simple("spate_disk_read_bytes_total", counter, "Content that disk goroutines read from files; the page cache may have had it.", func(s *reactor.Stats) int64 { return s.Disk.ReadBytes }),
		simple("spate_disk_warmed_bytes_total", counter, "The part of it that was read only to be in the page cache.", func(s *reactor.Stats) int64 { return s.Disk.WarmedBytes }),
		simple("spate_disk_written_bytes_total", counter, "Content written to files.", func(s *reactor.Stats) int64 { return s.Disk.WrittenBytes }),
		simple("spate_disk_hashed_bytes_total", counter, "Content hashed, of downloads and of checks.", func(s *reactor.Stats) int64 { return s.Disk.HashedBytes }),
		simple("spate_disk_read_errors_total", counter, "Reads that failed.", func(s *reactor.Stats) int64 { return s.Disk.ReadErrors }),
		simple("spate_disk_write_errors_total", counter, "Pieces that could not be written.", func(s *reactor.Stats) int64 { return s.Disk.WriteErrors }),
		simple("spate_disk_queued_reads", gauge, "Reads that wait for a disk goroutine.", func(s *reactor.Stats) int64 { return int64(s.Disk.QueuedReads) }),
		simple("spate_disk_backlog_bytes", gauge, "Bytes that wait for the disk writer.", func(s *reactor.Stats) int64 { return s.Backlog }),
		simple("spate_disk_backlog_budget_bytes", gauge, "Bytes that should wait for it at the most.", func(s *reactor.Stats) int64 { return s.BacklogBudget }),
		simple("spate_open_files", gauge, "Content files that are open.", func(s *reactor.Stats) int64 { return int64(s.Disk.OpenFiles) }),
		simple("spate_open_files_budget", gauge, "Content files that may be open.", func(s *reactor.Stats) int64 { return int64(s.Disk.FileLimit) }),
		simple("spate_mapped_bytes", gauge, "Content mapped: page cache that counts as resident memory.", func(s *reactor.Stats) int64 { return s.Disk.MappedBytes }),
	}
}

func memoryFamilies() []family {
	pools := func(value func(p *reactor.PoolStats) int64) func(s *reactor.Stats, to sink) {
		return func(s *reactor.Stats, to sink) {
			for i := range s.Memory {
				to.count(value(&s.Memory[i]), s.Memory[i].Pool)
			}
		}
	}
	return []family{
		{
			name: "spate_memory_bytes", kind: gauge, labels: []string{"pool"}, help: "Memory in use, by pool: requests and control (queues of peers), wire_cache, buffers, idle_buffers.",
			engine: pools(func(p *reactor.PoolStats) int64 { return p.Bytes }),
		},
		{
			name: "spate_memory_budget_bytes", kind: gauge, labels: []string{"pool"}, help: "Memory that a pool may take.",
			engine: pools(func(p *reactor.PoolStats) int64 { return p.Budget }),
		},
		simple("spate_open_piece_bytes", gauge, "Memory of unfinished pieces, a part of the buffers.", func(s *reactor.Stats) int64 { return s.OpenPieces }),
		simple("spate_open_piece_budget_bytes", gauge, "Memory that unfinished pieces should take at the most.", func(s *reactor.Stats) int64 { return s.OpenPiecesBudget }),
		simple("spate_buffer_bytes", gauge, "Memory in piece and block buffers.", func(s *reactor.Stats) int64 { return s.Buffers }),
		simple("spate_wire_sent_bytes_total", counter, "Payload sent from hot pieces in wire form.", func(s *reactor.Stats) int64 { return s.WireSent }),
		simple("spate_wire_cache_budget_bytes", gauge, "Memory that hot pieces in wire form may take.", func(s *reactor.Stats) int64 { return s.WireCache.Budget }),
		simple("spate_wire_cache_bytes", gauge, "Memory in hot pieces in wire form.", func(s *reactor.Stats) int64 { return s.WireCache.Bytes }),
		simple("spate_wire_cache_pieces", gauge, "Hot pieces in wire form.", func(s *reactor.Stats) int64 { return int64(s.WireCache.Images) }),
		simple("spate_wire_cache_builds_total", counter, "Pieces laid out in wire form.", func(s *reactor.Stats) int64 { return s.WireCache.Builds }),
		simple("spate_wire_cache_built_bytes_total", counter, "Content laid out in wire form.", func(s *reactor.Stats) int64 { return s.WireCache.Built }),
		simple("spate_wire_cache_evictions_total", counter, "Pieces given up for others.", func(s *reactor.Stats) int64 { return s.WireCache.Evictions }),
		simple("spate_wire_cache_refused_total", counter, "Pieces not laid out for lack of room.", func(s *reactor.Stats) int64 { return s.WireCache.Refused }),
		simple("spate_wire_cache_faults_total", counter, "Pieces found not to have their hash.", func(s *reactor.Stats) int64 { return s.WireCache.Faults }),
	}
}
