package result

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestEveryHeadlineIsAMetric(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Metrics() {
		if seen[m.Name] || m.Name == "" || m.Title == "" {
			t.Errorf("metric %q is there twice, or lacks a title", m.Name)
		}
		seen[m.Name] = true
	}
	for _, s := range Scenarios() {
		if s.Title == "" || s.Text == "" || len(s.Headline) == 0 {
			t.Errorf("%s lacks a title, a text or headlines", s.Name)
		}
		for _, name := range s.Headline {
			if _, ok := MetricByName(name); !ok {
				t.Errorf("%s: no metric %q", s.Name, name)
			}
		}
	}
}

func TestResultIsALine(t *testing.T) {
	r := Result{
		Time: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Scenario: Seed, Client: "spate", Round: 2,
		Setting: Setting{Conns: 50, Content: "warm", Congestion: "reno"}, Limit: LimitGenerator,
	}
	r.Set("mb_per_s", 12.5)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"time":"2030-01-02T03:04:05Z","scenario":"seed","setting":{"conns":50,"content":"warm","congestion":"reno"},` +
		`"client":"spate","round":2,"limit":"generator","figures":{"mb_per_s":12.5}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("came back as %+v, %v", back, err)
	}
	if got := r.Setting.String(); got != "conns=50 warm reno" {
		t.Errorf("setting is %q", got)
	}
}
