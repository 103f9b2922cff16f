package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/promptlogs/qlogs/internal/testutil/versitygw"
)

// s3 returns a real S3 server, which it builds and starts the first time.
func (b *bench) s3(ctx context.Context) (*versitygw.Server, error) {
	if b.gateway != nil {
		return b.gateway, nil
	}
	b.say("starting versitygw; its first build takes minutes")
	program, err := versitygw.Build(ctx, filepath.Join(b.module, "..", "s3server"))
	if err != nil {
		return nil, err
	}
	if b.gateway, err = versitygw.Start(ctx, program, b.gatewayDir(), rootAccess, rootSecret); err != nil {
		return nil, err
	}
	b.servers = append(b.servers, b.gateway)
	return b.gateway, nil
}

func (b *bench) gatewayDir() string { return filepath.Join(b.work, "gateway") }

// bucket uploads data into a bucket of the real server, unless it is there already.
func (b *bench) bucket(ctx context.Context, d dataset) (*versitygw.Server, string, error) {
	g, err := b.s3(ctx)
	if err != nil {
		return nil, "", err
	}
	name := fmt.Sprintf("%s-%d", d.Kind, d.N)
	done := filepath.Join(b.gatewayDir(), name+".uploaded")
	if _, err := os.Stat(done); !errors.Is(err, fs.ErrNotExist) {
		return g, name, err
	}
	b.say("uploading %d objects into bucket %s", d.Objects, name)
	if err := b.helper(ctx, "@upload", job{Endpoint: g.URL, Bucket: name, Root: d.root(), List: d.keys(), InFlight: 16}); err != nil {
		return nil, "", err
	}
	return g, name, os.WriteFile(done, nil, 0o644)
}
