package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// serve is a server's whole process: it prints its URL, on the loopback
// interface, and serves until it is ended.
func serve(ctx context.Context, handler func() (http.Handler, error)) error {
	h, err := handler()
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("no port of 127.0.0.1 to listen on: %w", err)
	}
	fmt.Printf("http://%s\n", l.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}
