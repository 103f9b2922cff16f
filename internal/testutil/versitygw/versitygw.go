// Package versitygw runs versitygw, a real S3 server that stores objects as files.
package versitygw

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const startTimeout = 30 * time.Second

var errEnded = errors.New("ended at once")

// Build has the go command build the server from the module in dir, which is
// internal/s3server, and returns where it is. The first build takes minutes.
func Build(ctx context.Context, dir string) (program string, err error) {
	cmd := exec.CommandContext(ctx, "go", "-C", dir, "tool", "-n", "versitygw")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("build versitygw: %w: %s", err, exit.Stderr)
	} else if err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// A Server is a process that runs until it is stopped, or until its parent dies
// where the system can see to that.
type Server struct {
	// URL is where it serves, on the loopback interface.
	URL string

	cmd    *exec.Cmd
	exited chan struct{}
}

// Start starts the program with a store in dir, which may have been one before, on
// a free port, and waits until it serves. The keys are those of the root user.
func Start(ctx context.Context, program, dir, access, secret string) (*Server, error) {
	args, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	// The port is given back before the server takes it, so that another process
	// can be faster: then it is tried again.
	for range 3 {
		var addr string
		if addr, err = freeAddr(ctx); err != nil {
			break
		}
		cmd := exec.Command(program, append([]string{"--port", addr}, args...)...)
		cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+access, "ROOT_SECRET_KEY="+secret)
		var s *Server
		if s, err = run(ctx, cmd, filepath.Join(dir, "log"), "http://"+addr); err == nil {
			return s, nil
		}
		if !errors.Is(err, errEnded) {
			break
		}
	}
	return nil, fmt.Errorf("versitygw: %w", err)
}

// prepare makes the directories of a store and returns the arguments that name them.
func prepare(dir string) ([]string, error) {
	args := []string{"--quiet", "--keep-alive", "--health", "/health", "--iam-dir", filepath.Join(dir, "iam"), "posix", "--versioning-dir", filepath.Join(dir, "versions")}
	names := []string{"iam", "versions", "data"}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if !hasXattr(dir) {
		args = append(args, "--sidecar", filepath.Join(dir, "sidecar"))
		names = append(names, "sidecar")
	}
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			return nil, err
		}
	}
	return append(args, filepath.Join(dir, "data")), nil
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func run(ctx context.Context, cmd *exec.Cmd, logName, url string) (*Server, error) {
	log, err := os.Create(logName)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{URL: url, cmd: cmd, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // it is killed, which is an error
		close(s.exited)
	}()
	if err := s.waitHealthy(ctx); err != nil {
		s.Stop()
		text, _ := os.ReadFile(logName)
		return nil, fmt.Errorf("%w: %s", err, text[max(0, len(text)-2000):])
	}
	return s, nil
}

// Stop ends the process, by its id, and waits for its end. Its store stays.
func (s *Server) Stop() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.exited
}

// waitHealthy polls the health page until it answers.
func (s *Server) waitHealthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/health", nil)
		if err != nil {
			return err
		}
		if resp, err := transport.RoundTrip(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.exited:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("not healthy: %w", ctx.Err())
		case <-tick.C:
		}
	}
}
