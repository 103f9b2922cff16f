package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The peers, by the names that peers.sh and -peers know.
const (
	peerDuckDB = "duckdb"
	peerChDB   = "chdb"
	peerS5cmd  = "s5cmd"
	peerRclone = "rclone"
	peerJQ     = "jq"
	peerIgzip  = "igzip"
)

func peerNames() []string {
	return []string{peerDuckDB, peerChDB, peerS5cmd, peerRclone, peerJQ, peerIgzip}
}

// peer is another program that does a setting's job.
type peer struct {
	path    string // what is run; empty if it is not there
	version string
	absent  string // why it is not there
}

// findPeers looks for the peers that are wanted. Those that peers.sh builds lie in
// the module's folder .peers, the others where their package manager puts them.
func findPeers(wanted, module string) map[string]peer {
	built := filepath.Join(module, ".peers")
	node := filepath.Join(module, "chdb", "count.mjs")
	peers := map[string]peer{
		peerDuckDB: builtHere(built, peerDuckDB, "-version"),
		peerS5cmd:  fromModule(built, peerS5cmd, "version"),
		peerRclone: fromModule(built, peerRclone, "version"),
		peerJQ:     onPath("jq", "--version"),
		peerIgzip:  onPath("igzip", "--version"),
		peerChDB:   {absent: "not installed: run peers.sh chdb"},
	}
	if _, err := os.Stat(filepath.Join(module, "chdb", "node_modules", "chdb")); err == nil {
		peers[peerChDB] = versioned(peer{path: node}, "node", node, "version")
	}
	list := strings.Split(wanted, ",")
	for name := range peers {
		if wanted != "all" && !slices.Contains(list, name) {
			peers[name] = peer{absent: "left out by -peers"}
		}
	}
	return peers
}

func builtHere(dir, name, version string) peer {
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		return peer{absent: "not installed: run peers.sh " + name}
	}
	return versioned(peer{path: path}, path, version)
}

// fromModule is a peer that was built from a module as it is, whose version the
// module tells: what it prints itself is set by its own makefile.
func fromModule(dir, name, version string) peer {
	p := builtHere(dir, name, version)
	if info, err := buildinfo.ReadFile(p.path); err == nil {
		p.version = info.Main.Path + " " + info.Main.Version
	}
	return p
}

func onPath(name, version string) peer {
	path, err := exec.LookPath(name)
	if err != nil {
		return peer{absent: "not installed: run peers.sh " + name}
	}
	return versioned(peer{path: path}, path, version)
}

// versioned asks a peer for its version, which shows that it runs at all.
func versioned(p peer, command string, args ...string) peer {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil {
		return peer{absent: fmt.Sprintf("does not run: %v: %s", err, line)}
	}
	p.version = line
	return p
}

// peer returns a peer if it can be run, and notes it if not.
func (s *setting) peer(b *bench, name string) (peer, bool) {
	p := b.peers[name]
	if p.path == "" {
		s.note("Left out: %s, %s.", name, p.absent)
	}
	return p, p.path != ""
}

// installPeers runs peers.sh.
func installPeers(ctx context.Context, module string) error {
	cmd := exec.CommandContext(ctx, "sh", filepath.Join(module, "peers.sh"))
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("peers.sh: %w: run it by hand with the names of single peers, or leave -install out", err)
	}
	return nil
}
