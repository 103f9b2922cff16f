package testutil

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const (
	buildTimeout = 15 * time.Minute
	startTimeout = 30 * time.Second
)

// gatewayBinary has the go command build versitygw and returns where it is.
func gatewayBinary(t testing.TB) (string, error) {
	dir, err := gatewayModule()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(t.Context(), buildTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "-C", dir, "tool", "-n", "versitygw")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

// gatewayModule finds the directory of the module that pins versitygw, beside
// this package's own, or, if the binary was built with -trimpath, from the
// working directory.
func gatewayModule() (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), "..", "s3server"), nil
	}
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(out))), "internal", "s3server"), nil
}

// startGateway starts the server on a free port of the loopback interface and
// returns its URL. The port is given back before the server takes it, so that
// another process can be faster: then it is tried again.
func startGateway(t testing.TB, binary string) string {
	t.Helper()
	var err error
	for range 3 {
		var addr string
		if addr, err = freeAddr(t.Context()); err != nil {
			break
		}
		if err = runGateway(t, binary, addr); err == nil {
			return "http://" + addr
		}
	}
	t.Fatalf("versitygw: %v", err)
	return ""
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func runGateway(t testing.TB, binary, addr string) error {
	dir := t.TempDir()
	args := []string{"--port", addr, "--quiet", "--keep-alive", "--health", "/health", "--iam-dir", filepath.Join(dir, "iam"), "posix", "--versioning-dir", filepath.Join(dir, "versions")}
	names := []string{"iam", "versions", "data"}
	if !hasXattr(dir) {
		args = append(args, "--sidecar", filepath.Join(dir, "sidecar"))
		names = append(names, "sidecar")
	}
	for _, name := range names {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	cmd := exec.Command(binary, append(args, filepath.Join(dir, "data"))...)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+rootAccess, "ROOT_SECRET_KEY="+rootSecret)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed, which is an error
		close(exited)
	}()
	stop := func() {
		_ = cmd.Process.Kill() // it may have ended
		<-exited
	}
	if err := waitHealthy(t.Context(), "http://"+addr+"/health", exited); err != nil {
		stop()
		out, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%w: %s", err, out)
	}
	t.Cleanup(stop)
	return nil
}

// waitHealthy polls the health page until it answers.
func waitHealthy(ctx context.Context, url string, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
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
		case <-exited:
			return errors.New("ended at once")
		case <-ctx.Done():
			return fmt.Errorf("not healthy: %w", ctx.Err())
		case <-tick.C:
		}
	}
}
