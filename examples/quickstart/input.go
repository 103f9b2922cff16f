package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/loggen"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
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
	store := s3mem.New()
	for o := range loggen.Objects(loggen.Config{Objects: objects, Users: 6, DamageEvery: 50, MaxText: 32 << 10}) {
		store.Put(bucket, o.Key, o.Body)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return input{}, fmt.Errorf("serve the generated bucket: %w", err)
	}
	server := &http.Server{Handler: store}
	go server.Serve(listener) // until close
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + listener.Addr().String()),
		UsePathStyle: true,
		Region:       s3mem.Region,
		Credentials:  aws.AnonymousCredentials{},
	})
	return input{
		source: s3source.New(client, bucket, nil),
		title:  fmt.Sprintf("s3://%s, a bucket of %d made-up objects, some damaged, on a server in this process", bucket, objects),
		close:  func() { server.Close() },
	}, nil
}
