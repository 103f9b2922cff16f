package qlogs_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// noLogsStore has logs of one account below logs/, and other things.
func noLogsStore() *sourcetest.Memory {
	m := sourcetest.NewMemory("mem://logs")
	m.Put(windowKey(0), contractGzip(contractFile(contractChat("id", contractStart))))
	for _, key := range []string{"backup/a/1", "backup/b/2", "backup/c/3", "backup/d/4", "backup/note.txt", "empty/", "logs/AWSLogs/111122223333/CloudTrail/x"} {
		m.Put(key, []byte("x"))
	}
	return m
}

// A prefix without logs is an error that says what lies there, unless it may be empty.
func TestNoLogs(t *testing.T) {
	hour := contractPartition().String() + "2026/03/02/"
	for _, tt := range []struct {
		name string
		q    qlogs.Query
		says []string // nil: no error
	}{
		{"logs", qlogs.Query{Prefix: "logs"}, nil},
		{"misspelt", qlogs.Query{Prefix: "log"}, []string{`list "log/": no logs`, "nothing lies at this prefix", "correct Query.Prefix"}},
		{"something else", qlogs.Query{Prefix: "backup"}, []string{`"a/", "b/", "c/", "note.txt" and more`, "AWSLogs/<account>/"}},
		{"another account", qlogs.Query{Accounts: []string{"999999999999"}}, []string{`there is "backup/", "empty/", "logs/"`, "correct Query.Prefix, Accounts, Regions, Products or Types"}},
		{"another service", qlogs.Query{Prefix: "logs/AWSLogs/111122223333/CloudTrail"}, []string{`"x"`}},
		{"may be empty", qlogs.Query{Prefix: "log", MayBeEmpty: true}, nil},
		{"an hour without logs", qlogs.Query{Prefix: hour + "23"}, nil},
		{"a time without logs", qlogs.Query{From: contractStart.AddDate(1, 0, 0)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := qlogs.New(noLogsStore(), nil)
			for way, errs := range map[string][]error{
				"Records": noLogsErrors(client.Scan(tt.q).Records(t.Context())),
				"Objects": noLogsErrors(client.Scan(tt.q).Objects(t.Context())),
			} {
				if tt.says == nil {
					if len(errs) != 0 {
						t.Errorf("%s: errors %v, want none", way, errs)
					}
					continue
				}
				var failed *qlogs.PartitionError
				if len(errs) != 1 || !errors.As(errs[0], &failed) || !errors.Is(failed, qlogs.ErrNoLogs) || qlogs.EndsScan(failed) || qlogs.ClassOf(failed) != qlogs.ClassNoLogs {
					t.Fatalf("%s: errors %v, want one PartitionError that is ErrNoLogs", way, errs)
				}
				for _, says := range tt.says {
					if !strings.Contains(failed.Error(), says) {
						t.Errorf("%s: error %v, want it to say %q", way, failed, says)
					}
				}
			}
		})
	}
}

func noLogsErrors[T any](seq func(func(T, error) bool)) (errs []error) {
	for _, err := range seq {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// A store that cannot be listed is not one without logs.
func TestNoLogsUnknown(t *testing.T) {
	m := noLogsStore()
	m.OnList = func(_ context.Context, in qlogs.ListInput) error {
		if in.Prefix == "logs/AWSLogs/" {
			return fs.ErrPermission
		}
		return nil
	}
	errs := noLogsErrors(qlogs.New(m, nil).Scan(qlogs.Query{Prefix: "logs"}).Records(t.Context()))
	if len(errs) != 1 || errors.Is(errs[0], qlogs.ErrNoLogs) {
		t.Errorf("errors %v, want the denial alone", errs)
	}
}

// Follow tells it once, and goes on: the logs may be on their way.
func TestNoLogsFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := sourcetest.NewMemory("mem://logs")
		m.Put("other/x", []byte("x"))
		go func() {
			time.Sleep(50 * time.Minute)
			at := time.Now().UTC()
			m.Put(contractKey(contractPartition(), at, 0), contractGzip(contractFile(contractChat("late", at))))
		}()
		errs := 0
		for e, err := range qlogs.New(m, nil).Scan(qlogs.Query{}).Follow(t.Context()) {
			if err != nil {
				if errs++; !errors.Is(err, qlogs.ErrNoLogs) || errs > 1 {
					t.Fatalf("error %d: %v, want ErrNoLogs once", errs, err)
				}
				continue
			}
			if e.Record.RequestID() != "late" {
				t.Errorf("entry %v", e)
			}
			break
		}
		if errs != 1 {
			t.Errorf("%d errors, want ErrNoLogs once", errs)
		}
	})
}

// The text shows names at the prefix and nothing above it.
func TestNoLogsPartition(t *testing.T) {
	errs := noLogsErrors(qlogs.New(noLogsStore(), nil).Scan(qlogs.Query{Prefix: "logs/AWSLogs/111122223333", Types: []path.LogType{path.GenerateCompletions}, Regions: []string{"eu-west-1"}}).Records(t.Context()))
	var failed *qlogs.PartitionError
	if len(errs) != 1 || !errors.As(errs[0], &failed) || failed.Partition.Account != "111122223333" || strings.Contains(failed.Error(), "backup") {
		t.Errorf("errors %v, want one of the account's partition", errs)
	}
}

// Where AWSLogs/ is, the prefix is right, and what lies there instead is named.
func TestNoLogsInRoots(t *testing.T) {
	const account = "AWSLogs/111122223333/"
	for _, tt := range []struct {
		keys   []string
		says   []string
		not    string
		prefix string
	}{
		{[]string{account + "CloudTrail/us-east-1/x", account + "Config/x"}, []string{`"` + account + `CloudTrail/", "` + account + `Config/"`, "no prompt logs lie in AWSLogs/", "Query.MayBeEmpty"}, "correct Query.Prefix", ""},
		{[]string{account + "QDeveloperLogs/x"}, []string{`there is "AWSLogs/"`, "no prompt logs lie in AWSLogs/"}, "correct Query.Prefix", ""},
		{[]string{account + "x"}, []string{"no prompt logs lie in AWSLogs/"}, "correct Query.Prefix", ""},
		{[]string{"a/b/c/d/e/f/g/h/i/" + account + "KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/x.json.gz"}, []string{`there is "a/"`, "Options.SearchDepth", "correct Query.Prefix"}, "AWSLogs/, which", ""},
		{[]string{account + "CloudTrail/x"}, []string{`there is "CloudTrail/"`, "no prompt logs lie in AWSLogs/"}, "correct Query.Prefix", account},
		{[]string{"AWSLogs/o-abcdefghij/111122223333/x"}, []string{`which has "AWSLogs/o-abcdefghij/"`}, "SearchDepth", ""},
		{[]string{"AWSLogs/readme", "a/b/c/d/e/f/g/h/i/j/k"}, []string{"no prompt logs lie in AWSLogs/", "Options.SearchDepth"}, "correct Query.Prefix", ""},
	} {
		m := sourcetest.NewMemory("mem://logs")
		for _, key := range tt.keys {
			m.Put(key, []byte("x"))
		}
		errs := noLogsErrors(qlogs.New(m, nil).Scan(qlogs.Query{Prefix: tt.prefix}).Records(t.Context()))
		if len(errs) != 1 || !errors.Is(errs[0], qlogs.ErrNoLogs) {
			t.Fatalf("%q: errors %v, want ErrNoLogs", tt.keys, errs)
		}
		for _, says := range tt.says {
			if !strings.Contains(errs[0].Error(), says) {
				t.Errorf("%q: error %v, want it to say %q", tt.keys, errs[0], says)
			}
		}
		if strings.Contains(errs[0].Error(), tt.not) {
			t.Errorf("%q: error %v, want no %q", tt.keys, errs[0], tt.not)
		}
	}
}
