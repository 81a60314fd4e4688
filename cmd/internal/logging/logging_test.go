package logging

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
