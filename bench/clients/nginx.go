package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"spate/bench/result"
)

// nginx is the web server, which sends parts of files as cheaply as is known: a
// measure of what the protocol and the requests of a swarm cost beyond that. It
// serves what lies in the data folder over HTTP/1.1, with a process for each
// core, and knows nothing of torrents.
type nginx struct{}

func (nginx) Name() string { return "nginx" }

func (nginx) Available() error { return installed("nginx", "nginx-light") }

func (nginx) Version() (string, error) {
	line, err := firstLine("nginx", "-v")
	_, version, _ := strings.Cut(line, "/")
	version, _, _ = strings.Cut(version, " ") // what it is built for
	return version, err
}

func (nginx) Traits() Traits { return Traits{Web: true, Only: result.Seed} }

// nginxConf has verbs for a user, the descriptors, the scratch folder, the address
// and the data folder. A connection's requests come 250 at a time, which is 17 KB
// at most; heads are as short as they can be. The file stays open, as it does with
// every other client, and tcp_nopush has a head and its part leave in full
// segments: without either it was measured to take half as much again, and twice
// the CPU time.
const nginxConf = `
%s
daemon off;
worker_processes auto;
worker_rlimit_nofile %d;
error_log stderr warn;
pid %[3]s/nginx.pid;
events {
	worker_connections %[2]d;
	multi_accept on;
}
http {
	access_log off;
	client_body_temp_path %[3]s/body;
	proxy_temp_path %[3]s/proxy;
	fastcgi_temp_path %[3]s/fastcgi;
	uwsgi_temp_path %[3]s/uwsgi;
	scgi_temp_path %[3]s/scgi;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	keepalive_timeout 1h;
	client_header_buffer_size 32k;
	open_file_cache max=100 inactive=1h;
	open_file_cache_valid 1h;
	etag off;
	server_tokens off;
	server {
		listen %[4]s backlog=4096 reuseport;
		root %[5]s;
	}
}
`

func (nginx) Start(t Task) (*Process, error) {
	user := ""
	if os.Geteuid() == 0 { // else its processes may not read the content
		user = "user root;"
	}
	conf := filepath.Join(t.Scratch, "nginx.conf")
	text := fmt.Sprintf(strings.TrimSpace(nginxConf)+"\n", user, maxOpen, t.Scratch, t.Listen, t.Data)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return Launch(t, "nginx", "-p", t.Scratch, "-c", conf, "-e", "stderr")
}
