package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// A table has a row for each user and log type.
type table map[rowKey]*row

type rowKey struct {
	user    record.UserID
	logType string
}

type row struct {
	records, turns, continued, prompt, response, completions int

	first, last time.Time
}

func (t table) add(e qlogs.Entry) {
	// A record of an unknown kind may not know its type, but its folder does.
	k := rowKey{e.Record.UserID(), cmp.Or(e.Record.LogType(), string(e.Key.LogType))}
	if t[k] == nil {
		t[k] = &row{}
	}
	x := t[k]
	x.records++
	x.meet(e.Record.Time())
	switch r := e.Record.(type) {
	case *record.GenerateAssistantResponse:
		x.ask(r.Request.Prompt)
		if r.Response != nil {
			x.response += utf8.RuneCountInString(r.Response.AssistantResponse)
		}
	case *record.StartTaskAssistCodeGeneration:
		x.ask(r.Request.Prompt)
	case *record.GenerateCompletions:
		x.prompt += utf8.RuneCountInString(r.Request.LeftContext) + utf8.RuneCountInString(r.Request.RightContext)
		if r.Response != nil {
			x.complete(r.Response.Completions)
		}
	}
}

func (x *row) ask(prompt string) {
	if prompt == "" {
		x.continued++
		return
	}
	x.turns++
	x.prompt += utf8.RuneCountInString(prompt)
}

func (x *row) complete(completions []string) {
	x.completions += len(completions)
	for _, c := range completions {
		x.response += utf8.RuneCountInString(c)
	}
}

func (x *row) meet(t time.Time) {
	if t.IsZero() {
		return
	}
	if x.first.IsZero() || t.Before(x.first) {
		x.first = t
	}
	if t.After(x.last) {
		x.last = t
	}
}

func (x *row) sum(y *row) {
	x.records += y.records
	x.turns += y.turns
	x.continued += y.continued
	x.prompt += y.prompt
	x.response += y.response
	x.completions += y.completions
	x.meet(y.first)
	x.meet(y.last)
}

func (t table) print(w io.Writer) {
	keys := slices.SortedFunc(maps.Keys(t), func(a, b rowKey) int {
		return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.logType, b.logType))
	})
	user, logType := len("TOTAL"), len("TYPE")
	for _, k := range keys {
		user, logType = max(user, len(k.name())), max(logType, len(k.logType))
	}
	// The writer aligns all cells to the right; those of equal width stay as they are.
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "%-*s  %-*s\tRECORDS\tTURNS\tCONTINUED\tPROMPT\tRESPONSE\tCOMPLETIONS\tFIRST\tLAST\t\n", user, "USER", logType, "TYPE")
	total := &row{}
	for _, k := range keys {
		t[k].print(tw, fmt.Sprintf("%-*s  %-*s", user, k.name(), logType, k.logType))
		total.sum(t[k])
	}
	total.print(tw, fmt.Sprintf("%-*s  %-*s", user, "TOTAL", logType, ""))
	tw.Flush()
	fmt.Fprintln(w, `
Turns have a prompt; in continued records an agent went on without one. Prompt and response count
characters: of an inline suggestion, the code around the cursor and the completions. Times are UTC.`)
}

func (k rowKey) name() string { return cmp.Or(record.ShownID(k.user.User()), "-") }

func (x *row) print(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t\n", name, x.records,
		x.turns, x.continued, x.prompt, x.response, x.completions, minute(x.first), minute(x.last))
}

func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02 15:04")
}
