// Package logging builds the logger that --log-level, --log-format and
// --log-file ask for. An entry is one line, whatever peers and trackers put
// into it.
package logging

import (
	"fmt"
	"io"
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
	"spate/cmd/internal/safetext"
)

// New returns the logger that l describes; stderr is where it writes unless a
// file is named, which is created or appended to. The function returned
// writes out what is buffered and closes the file.
func New(l config.Log, stderr io.Writer) (*zap.Logger, func(), error) {
	level, err := zapcore.ParseLevel(l.Level)
	if err != nil {
		return nil, nil, fmt.Errorf("--log-level: %w", err)
	}
	out, closing := zapcore.AddSync(stderr), func() {}
	if l.File != "" {
		f, err := os.OpenFile(l.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", l.File, errtext.Reason(err))
		}
		out, closing = f, func() { _ = f.Close() }
	}
	conf := zap.NewProductionEncoderConfig()
	conf.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	conf.EncodeDuration = zapcore.StringDurationEncoder
	encoder := zapcore.NewJSONEncoder(conf)
	if l.Format == "console" {
		conf.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(conf)
	}
	logger := zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(safetext.NewWriter(out))), level))
	return logger, func() { _ = logger.Sync(); closing() }, nil
}
