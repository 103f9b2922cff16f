package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// gateway is a running versitygw, a real S3 server that stores objects as files.
type gateway struct {
	*server
	dir string
}

// s3 returns the gateway, which it builds and starts the first time.
func (b *bench) s3(ctx context.Context) (*gateway, error) {
	if b.gateway != nil {
		return b.gateway, nil
	}
	b.say("starting versitygw; its first build takes minutes")
	binary, err := gatewayBinary(ctx, b.module)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.work, "gateway")
	// The port is given back before the server takes it, so that another process
	// can be faster: then it is tried again.
	for range 3 {
		var addr string
		if addr, err = freeAddr(ctx); err != nil {
			break
		}
		if b.gateway, err = b.startGateway(ctx, binary, addr, dir); err == nil {
			return b.gateway, nil
		}
	}
	return nil, fmt.Errorf("versitygw: %w", err)
}

// gatewayBinary has the go command build versitygw and returns where it is.
func gatewayBinary(ctx context.Context, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "-C", filepath.Join(module, "..", "s3server"), "tool", "-n", "versitygw")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("build versitygw: %w: %s", err, exit.Stderr)
	} else if err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (b *bench) startGateway(ctx context.Context, binary, addr, dir string) (*gateway, error) {
	names := []string{"iam", "versions", "data"}
	args := []string{"--port", addr, "--quiet", "--keep-alive", "--health", "/health", "--iam-dir", filepath.Join(dir, "iam"), "posix", "--versioning-dir", filepath.Join(dir, "versions")}
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
	log, err := b.log("versitygw")
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	cmd := exec.Command(binary, append(args, filepath.Join(dir, "data"))...)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+rootAccess, "ROOT_SECRET_KEY="+rootSecret)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	g := &gateway{server: &server{url: "http://" + addr, cmd: cmd, exited: make(chan struct{})}, dir: dir}
	go func() {
		_ = cmd.Wait() // it is killed, which is an error
		close(g.exited)
	}()
	if err := waitHealthy(ctx, g.url+"/health", g.exited); err != nil {
		g.stop()
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%w: %s", err, last(text, 2000))
	}
	b.servers = append(b.servers, g.server)
	return g, nil
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

// bucket uploads data into a bucket of the gateway, unless it is there already.
func (b *bench) bucket(ctx context.Context, d dataset) (*gateway, string, error) {
	g, err := b.s3(ctx)
	if err != nil {
		return nil, "", err
	}
	name := fmt.Sprintf("%s-%d", d.Kind, d.N)
	done := filepath.Join(g.dir, name+".uploaded")
	if _, err := os.Stat(done); !errors.Is(err, fs.ErrNotExist) {
		return g, name, err
	}
	b.say("uploading %d objects into bucket %s", d.Objects, name)
	if err := b.helper(ctx, "@upload", job{Endpoint: g.url, Bucket: name, Root: d.root(), List: d.keys(), InFlight: 16}); err != nil {
		return nil, "", err
	}
	return g, name, os.WriteFile(done, nil, 0o644)
}
