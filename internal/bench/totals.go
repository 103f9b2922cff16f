package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tally is the result of the job that all contenders do: how many records and
// how many bytes of prompts each user has.
type tally map[string]*usage

type usage struct{ records, prompts int64 }

func (t tally) add(user string, prompt int) {
	u := t[user]
	if u == nil {
		u = new(usage)
		t[strings.Clone(user)] = u // user may be a piece of something large
	}
	u.records++
	u.prompts += int64(prompt)
}

func (t tally) merge(o tally) {
	for user, u := range o {
		if t[user] == nil {
			t[user] = new(usage)
		}
		t[user].records += u.records
		t[user].prompts += u.prompts
	}
}

// totals are a tally in a form that can be compared.
type totals struct {
	Records int64  `json:"records"`
	Prompts int64  `json:"prompts"` // bytes
	Users   string `json:"users"`   // hash of the table per user
}

func (t tally) totals() *totals {
	out := new(totals)
	h := sha256.New()
	for _, user := range slices.Sorted(maps.Keys(t)) {
		u := t[user]
		fmt.Fprintf(h, "%s\t%d\t%d\n", user, u.records, u.prompts)
		out.Records += u.records
		out.Prompts += u.prompts
	}
	out.Users = hex.EncodeToString(h.Sum(nil)[:8])
	return out
}

func (t totals) String() string {
	return fmt.Sprintf("%d records, %d bytes of prompts, table %s", t.Records, t.Prompts, t.Users)
}

// parseTable reads what a peer prints: a line for each user with the id, the
// records and the bytes of prompts, separated by tabs.
func parseTable(text []byte) (tally, error) {
	t := tally{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("a line of the table has %d fields: want user, records and bytes", len(fields))
		}
		records, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("records of a user: %w", err)
		}
		prompts, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("bytes of a user: %w", err)
		}
		t.merge(tally{fields[0]: {records, prompts}})
	}
	return t, lines.Err()
}
