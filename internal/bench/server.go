package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// server is a process that serves until the benchmark ends it.
type server struct {
	url    string
	cmd    *exec.Cmd
	exited chan struct{}
}

// Stop ends the process, by its id, and waits for its end.
func (s *server) Stop() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.exited
}

const startTimeout = 30 * time.Second

// serve starts a server of the benchmark's own, which prints its URL.
func (b *bench) serve(ctx context.Context, kind string, spec any) (*server, error) {
	cmd := exec.Command(b.self, kind, encode(spec))
	cmd.Env = environment()
	cmd.SysProcAttr = dieWithParent()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	log, err := b.log(kind)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", kind, err)
	}
	s := &server{cmd: cmd, exited: make(chan struct{})}
	b.servers = append(b.servers, s)
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n')
		line <- strings.TrimSpace(text)
		_ = cmd.Wait() // it is killed, which is an error
		close(s.exited)
	}()
	select {
	case s.url = <-line:
	case <-time.After(startTimeout):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if s.url == "" {
		text, _ := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("%s did not start", kind), errors.New(string(last(text, 2000))))
	}
	return s, nil
}

func (b *bench) log(kind string) (*os.File, error) {
	return os.CreateTemp(b.work, strings.TrimPrefix(filepath.Base(kind), "@")+"-*.log")
}
