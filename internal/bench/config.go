package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// errUsage means that flag has told what is wrong with the arguments.
var errUsage = errors.New("bad arguments")

// config is what the flags say.
type config struct {
	rounds  int
	only    []int
	objects int // of settings 1 and 2
	small   int // of the bucket of 2 KB objects in setting 2
	slow    int // objects read in each round of setting 3

	slowList bool // setting 3's proxy delays listings too

	big    int64 // bytes of the object of setting 4
	keys   int   // listed in setting 5
	large  int   // objects of 100 KB in setting 6
	madeUp int   // objects of setting 7

	accounts, partitions int // of setting 8

	out     string
	dir     string
	peers   string
	install bool
	shrunk  []string // flags that make a setting smaller than it is meant to be
}

func parse(args []string) (config, error) {
	var c config
	var only string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.IntVar(&c.rounds, "rounds", 7, "rounds of each setting, twice as many of the first; the verdicts ask for 7 or more")
	f.StringVar(&only, "only", "1,2,3,4,5,6,7,8", "settings to run")
	f.IntVar(&c.objects, "objects", 20_000, "objects of settings 1 and 2")
	f.IntVar(&c.small, "small", 5_000, "objects of 2 KB in setting 2")
	f.IntVar(&c.slow, "slow", 6_000, "objects of each round of setting 3, at most -objects")
	f.BoolVar(&c.slowList, "list", false, "have the proxy of setting 3 delay listings too")
	f.Int64Var(&c.big, "big", 2_000_000_000, "decompressed bytes of the object of setting 4")
	f.IntVar(&c.keys, "keys", 1_000_000, "keys of setting 5")
	f.IntVar(&c.large, "large", 400, "objects of 100 KB of setting 6")
	f.IntVar(&c.madeUp, "made-up", 1_000_000, "objects of setting 7")
	f.IntVar(&c.accounts, "accounts", 100, "accounts that setting 8 discovers")
	f.IntVar(&c.partitions, "partitions", 3_000, "partitions that setting 8 polls")
	f.StringVar(&c.out, "out", "RESULTS.md", "file for the table; empty writes none")
	f.StringVar(&c.dir, "dir", "", "directory for the data, which is kept and used again; a temporary one if empty")
	f.StringVar(&c.peers, "peers", "all", "peers to run if they are installed: all, none, or some of "+strings.Join(peerNames(), ","))
	f.BoolVar(&c.install, "install", false, "run peers.sh first, which downloads about 1.2 GB")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return c, err
	} else if err != nil {
		return c, errUsage
	}
	if f.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q: all that can be set is a flag, see -help", f.Arg(0))
	}
	for part := range strings.SplitSeq(only, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > 8 {
			return c, fmt.Errorf("-only has %q: give numbers of settings from 1 to 8, with commas between them", part)
		}
		c.only = append(c.only, n)
	}
	f.Visit(func(set *flag.Flag) {
		if slices.Contains([]string{"rounds", "objects", "small", "slow", "big", "keys", "large", "made-up", "accounts", "partitions"}, set.Name) && set.Value.String() != set.DefValue {
			c.shrunk = append(c.shrunk, "-"+set.Name+" "+set.Value.String())
		}
	})
	return c, c.validate()
}

func (c config) validate() error {
	if min(c.rounds, c.objects, c.small, c.slow, int(c.big), c.keys, c.large, c.madeUp, c.accounts, c.partitions) < 1 {
		return errors.New("a count is less than 1: give a positive one, or leave the flag out for the default")
	}
	for name := range strings.SplitSeq(c.peers, ",") {
		if name != "all" && name != "none" && !slices.Contains(peerNames(), name) {
			return fmt.Errorf("-peers has %q: give all, none, or some of %s", name, strings.Join(peerNames(), ","))
		}
	}
	return nil
}
