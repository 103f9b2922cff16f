package main

import (
	"context"
	"fmt"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source/open"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// An input is what to read.
type input struct {
	source qlogs.Source
	prefix string
	title  string
	close  func()
}

func openInput(ctx context.Context, a arguments) (input, error) {
	if a.target == "" {
		return openGenerated()
	}
	src, prefix, err := open.URI(ctx, a.target, &open.Options{Endpoint: a.endpoint, PathStyle: a.endpoint != ""})
	if err != nil {
		return input{}, err
	}
	return input{source: src, prefix: prefix, title: a.target, close: func() {}}, nil
}

// openGenerated serves a generated bucket on a port of this machine.
func openGenerated() (input, error) {
	const bucket, objects = "generated", 400
	server := s3test.New()
	for o := range qlogstest.Generate(qlogstest.Config{Objects: objects, Users: 6, DamageEvery: 50, OddEvery: 20, MaxText: 32 << 10}) {
		server.Put(bucket, o.Key, o.Body)
	}
	return input{
		source: s3source.New(server.Client(), bucket, nil),
		title:  fmt.Sprintf("s3://%s, a bucket of %d made-up objects, some damaged, on a server in this process", bucket, objects),
		close:  server.Close,
	}, nil
}
