package logging

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"spate/cmd/internal/config"
)

func TestLevelsAndFormats(t *testing.T) {
	var b strings.Builder
	logger, closing, err := New(config.Log{Level: "warn", Format: "json"}, &b)
	if err != nil {
		t.Fatal(err)
	}
	logger.Info("unseen")
	logger.Named("gnet").Warn("seen", zap.Int("n", 3))
	closing()
	var line map[string]any
	if err := json.Unmarshal([]byte(b.String()), &line); err != nil || line["msg"] != "seen" || line["n"] != 3.0 {
		t.Error(b.String(), err)
	}
}

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	for range 2 {
		logger, closing, err := New(config.Log{Level: "debug", Format: "console", File: name}, nil)
		if err != nil {
			t.Fatal(err)
		}
		logger.Debug("hello")
		closing()
	}
	data, _ := os.ReadFile(name)
	if strings.Count(string(data), "\tDEBUG\thello\n") != 2 {
		t.Errorf("%q", data)
	}
	_, _, err := New(config.Log{Level: "warn", File: t.TempDir()}, nil)
	if err == nil || !strings.HasSuffix(err.Error(), ": is a directory") || strings.Count(err.Error(), "/") == 0 {
		t.Error(err)
	}
}

// TestOneEventOneLine: what peers and trackers put into an entry neither ends
// its line nor moves a terminal's cursor, in either format.
func TestOneEventOneLine(t *testing.T) {
	const hostile = "a\nb\r\x1b[2J\u202e\u2028\x7f\u009b\xff"
	for _, format := range []string{"console", "json"} {
		var b strings.Builder
		logger, closing, err := New(config.Log{Level: "info", Format: format}, &b)
		if err != nil {
			t.Fatal(err)
		}
		logger.Named(hostile).Info(hostile, zap.String(hostile, hostile), zap.Error(errors.New(hostile)))
		closing()
		line, ended := strings.CutSuffix(b.String(), "\n")
		bad := func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }
		if !ended || !utf8.ValidString(line) || strings.ContainsFunc(line, bad) {
			t.Errorf("%s: %q", format, b.String())
		}
		if fields := map[string]any{}; format == "json" && json.Unmarshal([]byte(line), &fields) != nil {
			t.Errorf("no JSON: %s", line)
		}
	}
}
